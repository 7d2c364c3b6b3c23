import { queryOptions } from "@tanstack/react-query";
import { get } from "./client";
import type { Page, ScrapeTarget } from "./types";

export const targetsPath = "/api/v1/scrape-targets";
/** One target by its id: the list, narrowed to it. */
export const targetQuery = (id: string) =>
  queryOptions({
    queryKey: ["scrape-target", id],
    queryFn: async ({ signal }) => (await get<Page<ScrapeTarget>>(targetsPath, { where: [`id=${id}`], limit: 1 }, signal)).items[0] ?? null,
    refetchInterval: 10_000,
  });
