import { keepPreviousData, useQuery, useQueryClient, type QueryClient } from "@tanstack/react-query";
import type { Variable } from "@/api/dashboards";
import { choicesQuery } from "@/api/dashboards";
import { labelValues } from "@/api/promql";
import { chosen, fill, inOrder, optionsOf, type Filling, type Option, type Values } from "./variables";

export interface Resolved {
  values: Values;
  options: Record<string, Option[]>;
  /** What could not be asked, by variable. */
  problems: Record<string, string>;
}

/** What there is to choose for a variable, given those before it. */
async function ask(client: QueryClient, v: Variable, f: Filling, signal: AbortSignal): Promise<Option[]> {
  switch (v.kind) {
    case "constant": case "interval":
      return (v.options ?? []).map((o) => ({ value: o, text: o }));
    case "graph":
      return (await client.fetchQuery(choicesQuery(fill(v.selector ?? "", f)))).map((i) => ({ value: i.id, text: i.name })).sort((a, b) => a.text.localeCompare(b.text, undefined, { numeric: true }));
    case "query":
      return optionsOf(await labelValues(v.of ?? "", v.query ? fill(v.query, f) : undefined, f.from, f.to, signal), v.regex);
    default:
      return [];
  }
}

/** Values and choices of all variables: each is asked with the values of those before it. */
export function useVariables(variables: Variable[], address: Values, from: number, to: number) {
  const client = useQueryClient();
  // Labels come and go slowly: the range matters to a tenth of its width.
  const grain = Math.max(60_000, (to - from) / 10);
  const start = Math.floor(from / grain) * grain, end = Math.ceil(to / grain) * grain;
  return useQuery({
    queryKey: ["item", "variables", variables, address, start, end],
    queryFn: async ({ signal }): Promise<Resolved> => {
      const out: Resolved = { values: {}, options: {}, problems: {} };
      for (const v of inOrder(variables)) {
        const f: Filling = { values: out.values, options: out.options, step: 60, from: start, to: end };
        try {
          out.options[v.name] = await ask(client, v, f, signal);
        } catch (e) {
          if (signal.aborted) throw e;
          out.options[v.name] = [];
          out.problems[v.name] = e instanceof Error ? e.message : String(e);
        }
        out.values[v.name] = chosen(v, address[v.name], out.options[v.name]);
      }
      return out;
    },
    placeholderData: keepPreviousData, staleTime: 30_000, retry: false,
  });
}
