import { createRootRouteWithContext, createRoute, createRouter, lazyRouteComponent, Outlet, redirect, retainSearchParams } from "@tanstack/react-router";
import type { QueryClient } from "@tanstack/react-query";
import { Problem } from "@/api/client";
import { itemQuery } from "@/api/graph";
import { situationQuery } from "@/api/events";
import { changeQuery } from "@/api/changes";
import { incidentQuery } from "@/api/desk";
import { serviceHealthQuery } from "@/api/health";
import { runQuery } from "@/api/jobs";
import { list as rows, paramsOf } from "@/api/lists";
import { checkQuery, checksPath, ruleQuery } from "@/api/monitor";
import { meQuery } from "@/api/session";
import { Shell } from "@/shell/Shell";
import { parseSearch, stringifySearch, validateSearch, type Search } from "@/state/search";
import { Crash, Missing } from "./Crash";

interface Context {
  queries: QueryClient;
}

const root = createRootRouteWithContext<Context>()({
  validateSearch: (raw: Record<string, unknown>): Search => validateSearch(raw),
  search: { middlewares: [retainSearchParams<Search>(["from", "to"])] },
  component: Outlet,
  errorComponent: Crash,
  notFoundComponent: Missing,
});

const signIn = createRoute({ getParentRoute: () => root, path: "/login", component: lazyRouteComponent(() => import("@/pages/session/SignIn")) });
const setUp = createRoute({ getParentRoute: () => root, path: "/setup", component: lazyRouteComponent(() => import("@/pages/session/SetUp")) });

/** Everything behind the sign-in. */
const inside = createRoute({
  getParentRoute: () => root,
  id: "inside",
  component: Shell,
  beforeLoad: async ({ context, location }) => {
    try {
      await context.queries.ensureQueryData(meQuery);
    } catch (e) {
      if (e instanceof Problem && e.status === 401) throw redirect({ to: "/login", search: { next: location.href } });
      throw e;
    }
  },
});

type Import = () => Promise<{ default: React.ComponentType }>;
/** A page under a fixed address. */
const page = <P extends string>(path: P, load: Import) =>
  createRoute({ getParentRoute: () => inside, path, component: lazyRouteComponent(load), errorComponent: Crash });

/** A page of one record: what it shows first is read while its code is. */
function record<P extends string>(path: P, load: Import, first: (id: string) => { queryKey: readonly unknown[] }) {
  return createRoute({
    getParentRoute: () => inside,
    path,
    component: lazyRouteComponent(load),
    errorComponent: Crash,
    loader: ({ context, params }) => void context.queries.prefetchQuery(first((params as { id: string }).id) as never),
  });
}

/** A page of one list: its first rows are read while its code is. */
function list<P extends string>(path: P, load: Import, first: (search: Search) => ReturnType<typeof rows>) {
  return createRoute({
    getParentRoute: () => inside,
    path,
    component: lazyRouteComponent(load),
    errorComponent: Crash,
    loader: ({ context, location }) => void context.queries.prefetchInfiniteQuery(first(location.search as Search)),
  });
}

const tree = root.addChildren([
  signIn,
  setUp,
  inside.addChildren([
    page("/", () => import("@/pages/overview/Overview")),
    page("/items", () => import("@/pages/items/Items")),
    record("/items/$id", () => import("@/pages/items/Item"), (id) => itemQuery(id)),
    page("/duplicates", () => import("@/pages/items/Duplicates")),
    page("/map", () => import("@/pages/map/Map")),
    page("/alerts", () => import("@/pages/alerts/Alerts")),
    page("/service-health", () => import("@/pages/health/Health")),
    record("/service-health/$id", () => import("@/pages/health/ServiceHealth"), serviceHealthQuery),
    page("/on-call", () => import("@/pages/oncall/OnCall")),
    page("/on-call/$name", () => import("@/pages/oncall/Rota")),
    page("/notifications", () => import("@/pages/oncall/Notifications")),
    page("/silences", () => import("@/pages/silences/Silences")),
    page("/event-rules", () => import("@/pages/eventrules/EventRules")),
    page("/event-rules/$name", () => import("@/pages/eventrules/Document")),
    page("/event-sources", () => import("@/pages/sources/Sources")),
    page("/event-sources/$name", () => import("@/pages/sources/Source")),
    page("/learned", () => import("@/pages/situations/Learned")),
    page("/event-report", () => import("@/pages/eventreport/EventReport")),
    page("/alert-routing", () => import("@/pages/routing/Routing")),
    page("/situations", () => import("@/pages/situations/Situations")),
    record("/situations/$id", () => import("@/pages/situations/Situation"), situationQuery),
    page("/incidents", () => import("@/pages/incidents/Incidents")),
    record("/incidents/$id", () => import("@/pages/incidents/Incident"), incidentQuery),
    page("/changes", () => import("@/pages/changes/Changes")),
    record("/changes/$id", () => import("@/pages/changes/Change"), changeQuery),
    page("/runbooks", () => import("@/pages/jobs/Runbooks")),
    page("/runbooks/$name", () => import("@/pages/jobs/Runbook")),
    page("/remediations", () => import("@/pages/jobs/Remediations")),
    page("/runs", () => import("@/pages/jobs/Runs")),
    record("/runs/$id", () => import("@/pages/jobs/Run"), runQuery),
    list("/checks", () => import("@/pages/checks/Checks"), (s) => rows("check", checksPath, paramsOf(s, undefined, "name"))),
    record("/checks/$id", () => import("@/pages/checks/Check"), checkQuery),
    page("/check-coverage", () => import("@/pages/checks/Coverage")),
    page("/metric-rules", () => import("@/pages/rules/Rules")),
    record("/metric-rules/$id", () => import("@/pages/rules/Rule"), ruleQuery),
    page("/availability", () => import("@/pages/availability/Availability")),
    page("/availability/$id", () => import("@/pages/availability/ItemAvailability")),
    page("/status-pages", () => import("@/pages/statuspages/StatusPages")),
    page("/status-pages/$name", () => import("@/pages/statuspages/StatusPage")),
    page("/baselines", () => import("@/pages/foresight/Baselines")),
    page("/baselines/$name", () => import("@/pages/foresight/Baseline")),
    page("/capacity", () => import("@/pages/foresight/Capacity")),
    page("/capacity-report", () => import("@/pages/foresight/Report")),
    page("/capacity/$id", () => import("@/pages/foresight/Thing")),
    page("/dashboards", () => import("@/pages/dashboards/Dashboards")),
    page("/dashboards/new", () => import("@/pages/dashboards/NewDashboard")),
    page("/dashboards/class/$class", () => import("@/pages/dashboards/ClassDashboard")),
    page("/dashboards/$id", () => import("@/pages/dashboards/Dashboard")),
    page("/explore", () => import("@/pages/explore/Explore")),
    page("/scrape-targets", () => import("@/pages/scraping/Targets")),
    page("/maintenance", () => import("@/pages/checks/Maintenance")),
    page("/logs", () => import("@/pages/logs/Logs")),
    page("/log-rules", () => import("@/pages/logs/LogRules")),
    page("/receivers", () => import("@/pages/receivers/Receivers")),
    page("/log-processing", () => import("@/pages/processing/Processing")),
    page("/agents", () => import("@/pages/agents/Agents")),
    page("/people", () => import("@/pages/people/People")),
    page("/tokens", () => import("@/pages/people/Tokens")),
    page("/account", () => import("@/pages/people/Account")),
    page("/documents", () => import("@/pages/documents/Documents")),
    page("/secrets", () => import("@/pages/secrets/Secrets")),
    page("/tasks", () => import("@/pages/tasks/Tasks")),
    page("/audit", () => import("@/pages/audit/Audit")),
  ]),
]);

export function makeRouter(queries: QueryClient) {
  const router = createRouter({
    routeTree: tree,
    context: { queries },
    parseSearch,
    stringifySearch,
    defaultPreload: "intent",
    defaultPreloadStaleTime: 0,
    defaultPendingMs: 300,
    scrollRestoration: true,
    scrollToTopSelectors: ["#content"],
  });
  // The page's code is fetched while the session is still asked for.
  for (const route of router.getMatchedRoutes(router.latestLocation.pathname)[0]) void (route.options.component as { preload?: () => Promise<void> } | undefined)?.preload?.();
  return router;
}

declare module "@tanstack/react-router" {
  interface Register {
    router: ReturnType<typeof makeRouter>;
  }
}
