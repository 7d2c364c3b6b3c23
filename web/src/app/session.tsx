import { useQuery } from "@tanstack/react-query";
import { useCallback } from "react";
import { may, meQuery } from "@/api/session";

export const useMe = () => useQuery(meQuery).data;

/** Whether the person may do something; the server decides, this only spares a refusal. */
export function useCan(): (permission: string) => boolean {
  const me = useMe();
  return useCallback((permission: string) => may(me, permission), [me]);
}
