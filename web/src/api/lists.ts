// Lists: every one filters, sorts and pages the same way.

import { infiniteQueryOptions } from "@tanstack/react-query";
import { get } from "./client";
import type { Page } from "./types";

export interface ListParams {
  q?: string;
  where?: string[];
  sort?: string;
  limit?: number;
}

export type ListOptions<T> = ReturnType<typeof list<T>>;

/** The endless pages of one list. kind is the kind of record, so that live entries refresh it. */
export function list<T>(kind: string, path: string, params: ListParams = {}) {
  return infiniteQueryOptions({
    queryKey: [kind, "list", path, params] as const,
    queryFn: ({ pageParam, signal }) => page<T>(path, params, pageParam, signal),
    initialPageParam: "",
    getNextPageParam: (last) => last.next || undefined,
  });
}

export const page = <T>(path: string, params: ListParams, cursor?: string, signal?: AbortSignal) =>
  get<Page<T>>(path, { q: params.q, where: params.where, sort: params.sort, limit: params.limit ?? 100, cursor }, signal);

/** Reads page after page, up to a bound: for exports and pickers. */
export async function everything<T>(path: string, params: ListParams, bound = 10_000): Promise<{ items: T[]; cut: boolean }> {
  const items: T[] = [];
  let cursor: string | undefined;
  do {
    const p: Page<T> = await page<T>(path, { ...params, limit: 500 }, cursor);
    items.push(...p.items);
    cursor = p.next;
  } while (cursor && items.length < bound);
  return { items, cut: Boolean(cursor) };
}
