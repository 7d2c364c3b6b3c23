import type { UseQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Problem } from "@/api/client";
import { Empty, Loading } from "@/ui/Empty";
import { ProblemView } from "./ProblemView";

/** What is shown of a query: its place while it loads, its problem, or its data. Data stays while it is read again. */
export function Show<T>({ query, children, lines, height, missing }: { query: UseQueryResult<T>; children: (data: T) => ReactNode; lines?: number; height?: number; missing?: string }) {
  if (query.data !== undefined) return <>{children(query.data)}</>;
  if (query.error) {
    if (query.error instanceof Problem && query.error.status === 404) return <Empty title={missing ?? "It is not there (any more)"}>{query.error.message}</Empty>;
    return <ProblemView error={query.error} retry={() => void query.refetch()} />;
  }
  return <Loading lines={lines} height={height} />;
}
