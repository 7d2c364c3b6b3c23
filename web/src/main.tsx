import "@mantine/core/styles.css";
import "@mantine/notifications/styles.css";
import "@/ui/base.css";
import { MantineProvider } from "@mantine/core";
import { Notifications } from "@mantine/notifications";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { onSignedOut, Problem } from "@/api/client";
import { makeRouter } from "@/app/router";
import { theme } from "@/ui/theme";

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 5000,
      // What the server refused stays refused; only an unreachable or busy one is asked again.
      retry: (count, e) => count < 2 && (!(e instanceof Problem) || e.status === 0 || e.status >= 502),
      refetchOnWindowFocus: true,
    },
  },
});
const router = makeRouter(queries);

onSignedOut(() => {
  const { pathname, href } = router.state.location;
  if (pathname === "/login" || pathname === "/setup" || !queries.getQueryData(["me"])) return;
  queries.clear();
  void router.navigate({ to: "/login", search: { next: href } });
});

createRoot(document.getElementById("root")!).render(
  <StrictMode>
    <MantineProvider theme={theme} defaultColorScheme="auto">
      <QueryClientProvider client={queries}>
        <Notifications position="bottom-right" limit={4} />
        <RouterProvider router={router} />
      </QueryClientProvider>
    </MantineProvider>
  </StrictMode>,
);
