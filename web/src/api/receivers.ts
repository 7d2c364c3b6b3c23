import { queryOptions } from "@tanstack/react-query";
import { get } from "./client";
import type { Receiver } from "./types";

/** Every listener, with what it took; read again as long as it is looked at. */
export const receiversQuery = queryOptions({
  queryKey: ["receiver"],
  queryFn: async ({ signal }) => (await get<{ items: Receiver[] }>("/api/v1/receivers", undefined, signal)).items,
  refetchInterval: 5_000,
});
