import { useMediaQuery } from "@mantine/hooks";
import { useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useMemo, useState, type ReactNode } from "react";
import { list, paramsOf, reader, total, type ListParams, type Reader } from "@/api/lists";
import { useActions } from "@/app/actions";
import { useUrl } from "@/app/url";
import { ProblemView } from "@/components/ProblemView";
import { Soon } from "@/components/soon";
import type { Search } from "@/state/search";
import { Empty, Loading } from "@/ui/Empty";
import { useLate } from "@/ui/late";
import { visible, type Column, type Filter } from "./column";
import { DataTable } from "./DataTable";
import classes from "./ListView.module.css";
import { Toolbar } from "./Toolbar";

interface Props<T> {
  /** The kind of record: live entries of it refresh the list. */
  kind: string;
  path: string;
  label: string;
  columns: Column<T>[];
  filters?: Filter[];
  rowKey: (row: T) => string;
  onOpen?: (row: T) => void;
  selected?: string;
  defaultSort?: string;
  /** Conditions that always hold, beside those of the address. */
  base?: string[];
  searchable?: boolean;
  /** For a list that is not asked like the others. */
  read?: Reader<T>;
  /** Shown when there is nothing at all, as opposed to nothing that matches. */
  empty: ReactNode;
  actions?: ReactNode;
  quick?: ReactNode;
  /** What can be done to several rows at once; done forgets the selection. */
  bulk?: (rows: T[], done: () => void) => ReactNode;
  /** Stands in for bulk while nothing is selected. */
  idle?: ReactNode;
}

/** A list page's list: its state is in the address, its rows come page by page from the server. */
export function ListView<T>({ kind, path, label, columns, filters = [], rowKey, onOpen, selected, defaultSort, base, searchable = true, read, empty, actions, quick, bulk, idle }: Props<T>) {
  const [search, setUrl] = useUrl();
  const narrow = useMediaQuery("(max-width: 48rem)", false, { getInitialValueInEffect: false });
  const params = useMemo<ListParams>(
    () => paramsOf(search, base, defaultSort),
    [search.q, search.where, search.sort, base, defaultSort],
  );
  const query = useInfiniteQuery({ ...list<T>(kind, path, params, read), placeholderData: (before) => before });
  const rows = useMemo(() => query.data?.pages.flatMap((p) => p.items) ?? [], [query.data]);
  const shown = useMemo(() => visible(columns, search.columns, Boolean(narrow)), [columns, search.columns, narrow]);
  const filtered = Boolean(search.q || search.where?.length);
  const { fetchNextPage, isFetchingNextPage } = query;
  const onEnd = useCallback(() => {
    if (!isFetchingNextPage) void fetchNextPage();
  }, [fetchNextPage, isFetchingNextPage]);
  const [picked, setPicked] = useState<ReadonlySet<string>>(new Set());
  const chosen = useMemo(() => rows.filter((r) => picked.has(rowKey(r))), [rows, picked, rowKey]);
  const forget = useCallback(() => setPicked(new Set()), []);
  useActions(bulk && chosen.length ? [{ id: `${kind}-none`, label: "Clear the selection", group: "Actions", keys: "Escape", run: forget }] : []);
  const all = total(query.data?.pages[0]);
  const stale = useLate(query.isPlaceholderData);
  const client = useQueryClient();
  const soon = useCallback((next: Search) => void client.prefetchInfiniteQuery(list<T>(kind, path, paramsOf(next, base, defaultSort), read)), [client, kind, path, base, defaultSort, read]);
  return (
    <div className={classes.view}>
      <Toolbar label={label} columns={columns} filters={filters} params={params} read={read ?? reader<T>(path)} search={search} setUrl={setUrl} searchable={searchable} actions={actions} quick={<Soon value={soon}>{quick}</Soon>} />
      {chosen.length === 0 && idle}
      {bulk && chosen.length > 0 && (
        <div className={classes.bulk} role="region" aria-label="Selected rows">
          <strong>{chosen.length.toLocaleString("en")} selected</strong>
          {bulk(chosen, forget)}
          <button type="button" className={classes.reset} onClick={forget}>Clear the selection</button>
        </div>
      )}
      <div className={classes.list} data-stale={stale || undefined}>
        {query.error && !query.data ? <ProblemView error={query.error} retry={() => void query.refetch()} /> : query.isPending ? <Loading lines={8} /> : (
          <DataTable label={label} columns={shown} rows={rows} rowKey={rowKey} sort={search.sort ?? defaultSort} onSort={(sort) => setUrl({ sort })}
            onOpen={onOpen} selected={selected} more={query.hasNextPage} onEnd={onEnd} busy={query.isFetchingNextPage}
            picked={picked} onPick={bulk && setPicked}
            empty={filtered ? <Empty title="Nothing matches" action={<button type="button" className={classes.reset} onClick={() => setUrl({ q: undefined, where: undefined })}>Remove the filters</button>} /> : empty}
            total={rows.length ? `${rows.length.toLocaleString("en")}${query.hasNextPage ? " loaded" : ""}${all !== undefined ? ` of ${all}` : query.hasNextPage ? ", more below" : ""}` : undefined} />
        )}
      </div>
    </div>
  );
}
