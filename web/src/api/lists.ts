// Lists: every one filters, sorts and pages the same way.

import { infiniteQueryOptions } from "@tanstack/react-query";
import type { Search } from "@/state/search";
import { get, type Query } from "./client";
import type { Page } from "./types";

export interface ListParams {
  q?: string;
  where?: string[];
  sort?: string;
  limit?: number;
  /** What a list takes besides. */
  extra?: Query;
}

/** What a list asks for: by its address, beside what always holds. */
export const paramsOf = (search: Search, base?: string[], sort?: string): ListParams => ({ q: search.q, where: [...(base ?? []), ...(search.where ?? [])], sort: search.sort ?? sort });

/** Reads one page. */
export type Reader<T> = (params: ListParams, cursor?: string, signal?: AbortSignal) => Promise<Page<T>>;

export const reader = <T>(path: string): Reader<T> => (params, cursor, signal) => page<T>(path, params, cursor, signal);

/** The endless pages of one list. kind is the kind of record, so that live entries refresh it. */
export function list<T>(kind: string, path: string, params: ListParams, read: Reader<T> = reader<T>(path)) {
  return infiniteQueryOptions({
    queryKey: [kind, "list", path, params] as const,
    queryFn: ({ pageParam, signal }) => read(params, pageParam, signal),
    initialPageParam: "",
    getNextPageParam: (last) => (last.next ? String(last.next) : undefined),
  });
}

export const page = <T>(path: string, params: ListParams, cursor?: string, signal?: AbortSignal) =>
  get<Page<T>>(path, { q: params.q, where: params.where, sort: params.sort, limit: params.limit ?? 100, cursor, ...params.extra }, signal);

/** Reads page after page, up to a bound: for exports. */
export async function everything<T>(read: Reader<T>, params: ListParams, bound = 10_000): Promise<{ items: T[]; cut: boolean }> {
  const items: T[] = [];
  let cursor: string | undefined;
  do {
    const p = await read({ ...params, limit: 500 }, cursor);
    items.push(...p.items);
    cursor = p.next ? String(p.next) : undefined;
  } while (cursor && items.length < bound);
  return { items, cut: Boolean(cursor) };
}

/** A bounded count as text: "12", or "1,000+" where the server stopped counting. */
export const total = (p: Page<unknown> | undefined) => (p?.total ? `${p.total.count.toLocaleString("en")}${p.total.capped ? "+" : ""}` : undefined);
