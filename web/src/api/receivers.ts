import { queryOptions } from "@tanstack/react-query";
import { get, remove, request } from "./client";
import type { MIBAdded, MIBFile, MIBProblem, Receiver } from "./types";

/** Every listener, with what it took; read again as long as it is looked at. */
export const receiversQuery = queryOptions({
  queryKey: ["receiver"],
  queryFn: async ({ signal }) => (await get<{ items: Receiver[] }>("/api/v1/receivers", undefined, signal)).items,
  refetchInterval: 5_000,
});

/** The MIB files that traps are read with, and what is wrong with them. */
export const mibFilesQuery = queryOptions({
  queryKey: ["mib-file"],
  queryFn: ({ signal }) => get<{ items: MIBFile[]; problems: MIBProblem[] }>("/api/v1/mib-files", undefined, signal),
});

const mibFile = (name: string) => `/api/v1/mib-files/${encodeURIComponent(name)}`;

export const addMIBFile = (file: File) =>
  request<MIBAdded>("PUT", mibFile(file.name.replace(/[^A-Za-z0-9._-]+/g, "-")), { body: new Blob([file], { type: "text/plain" }) });

export const removeMIBFile = (name: string) => remove<void>(mibFile(name));
