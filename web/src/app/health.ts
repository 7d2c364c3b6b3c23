import { useQuery } from "@tanstack/react-query";
import { useCallback } from "react";
import { healthQuery } from "@/api/events";
import { useCan } from "./session";

/** How an item is, by its worst open alert. */
export function useHealth(): (item: string) => string {
  const can = useCan();
  const query = useQuery({ ...healthQuery, enabled: can("items:read") });
  return useCallback((item: string) => query.data?.get(item)?.severity ?? (query.data ? "clear" : "unknown"), [query.data]);
}
