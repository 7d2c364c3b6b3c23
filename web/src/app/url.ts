import { useLocation, useNavigate, useSearch } from "@tanstack/react-router";
import { useCallback, useRef, useSyncExternalStore } from "react";
import { lead } from "@/state/lead";
import type { Search } from "@/state/search";

const ahead = lead<Search>();

/**
 * What the address holds, and how to change it. undefined removes a key. A
 * change is seen by everything on the page at once; the router follows.
 */
export function useUrl(): [Search, (change: Partial<Search>, options?: { push?: boolean }) => void] {
  const said = useSearch({ strict: false }) as Search;
  const path = useLocation({ select: (l) => l.pathname });
  const soon = useSyncExternalStore(ahead.subscribe, () => ahead.at(path));
  const search = soon ?? said;
  const latest = useRef({ search, path });
  latest.current = { search, path };
  const navigate = useNavigate();
  const set = useCallback(
    (change: Partial<Search>, options?: { push?: boolean }) => {
      const { path, search } = latest.current;
      const arrived = ahead.go(path, { ...(ahead.at(path) ?? search), ...change });
      void navigate({ to: ".", search: (before: Search) => ({ ...before, ...change }), replace: !options?.push, resetScroll: false }).finally(arrived);
    },
    [navigate],
  );
  return [search, set];
}
