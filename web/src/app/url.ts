import { useNavigate, useSearch } from "@tanstack/react-router";
import { useCallback } from "react";
import type { Search } from "@/state/search";

/** What the address holds, and how to change it. undefined removes a key. */
export function useUrl(): [Search, (change: Partial<Search>, options?: { push?: boolean }) => void] {
  const search = useSearch({ strict: false }) as Search;
  const navigate = useNavigate();
  const set = useCallback(
    (change: Partial<Search>, options?: { push?: boolean }) => {
      void navigate({ to: ".", search: (before: Search) => ({ ...before, ...change }), replace: !options?.push, resetScroll: false });
    },
    [navigate],
  );
  return [search, set];
}
