import { useQuery } from "@tanstack/react-query";
import { useCallback } from "react";
import { healthQuery } from "@/api/events";
import { troubledServicesQuery } from "@/api/health";
import { levelOfState, worst } from "@/ui/severity";
import { useCan } from "./session";

/** How an item is: by its worst open alert, and a service also by what it needs. */
export function useHealth(): (item: string) => string {
  const enabled = useCan()("items:read");
  const alerts = useQuery({ ...healthQuery, enabled }).data;
  const services = useQuery({ ...troubledServicesQuery, enabled }).data;
  return useCallback((item: string) => (alerts ? worst([alerts.get(item)?.severity, levelOfState(services?.get(item) ?? "ok")]) : "unknown"), [alerts, services]);
}
