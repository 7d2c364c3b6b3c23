import { queryOptions } from "@tanstack/react-query";
import { page } from "./lists";

/** How many records match. */
export const countQuery = (kind: string, path: string, where: string[]) =>
  queryOptions({
    queryKey: [kind, "count", path, where],
    queryFn: async ({ signal }) => {
      const p = await page<unknown>(path, { where, limit: 1 }, undefined, signal);
      return p.total?.count ?? p.items.length;
    },
  });
