import { useLocation, useNavigate, useRouter, useSearch } from "@tanstack/react-router";
import { useCallback, useRef, useSyncExternalStore } from "react";
import { lead } from "@/state/lead";
import type { Search } from "@/state/search";

const ahead = lead<Search>();
const behind = 100; // milliseconds

/**
 * What the address holds, and how to change it. undefined removes a key. A
 * change is seen by everything on the page at once; the router follows a
 * moment behind, when the answer to the change should be on the screen: what it
 * does takes as long as drawing a list.
 */
export function useUrl(): [Search, (change: Partial<Search>, options?: { push?: boolean }) => void] {
  const said = useSearch({ strict: false }) as Search;
  const path = useLocation({ select: (l) => l.pathname });
  const soon = useSyncExternalStore(ahead.subscribe, () => ahead.at(path));
  const search = soon ?? said;
  const latest = useRef({ search, path });
  latest.current = { search, path };
  const navigate = useNavigate();
  const router = useRouter();
  const set = useCallback(
    (change: Partial<Search>, options?: { push?: boolean }) => {
      const { path, search } = latest.current;
      const arrived = ahead.go(path, { ...(ahead.at(path) ?? search), ...change });
      setTimeout(() => {
        if (router.latestLocation.pathname !== path) return arrived(); // somebody went elsewhere
        void navigate({ to: ".", search: (before: Search) => ({ ...before, ...change }), replace: !options?.push, resetScroll: false }).finally(arrived);
      }, behind);
    },
    [navigate, router],
  );
  return [search, set];
}
