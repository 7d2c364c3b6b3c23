import type { ComponentType } from "react";
import {
  IconAgents, IconAlerts, IconAudit, IconAvailability, IconBaselines, IconCapacity, IconChanges, IconChecks, IconDashboards, IconDesk, IconDocuments,
  IconDuplicates, IconEventRules, IconExplore, IconHealth, IconItems, IconJobs, IconLogs, IconMaintenance, IconMap, IconOnCall,
  IconOverview, IconPeople, IconProcessing, IconReceivers, IconRemediations, IconReport, IconRouting, IconRules, IconRunbooks,
  IconScraping, IconSecrets, IconSilences, IconSituations, IconSources, IconStatusPages, IconTasks, IconTokens,
} from "@/ui/icons";

export interface Place {
  label: string;
  to: string;
  icon: ComponentType<{ size?: number; stroke?: number }>;
  permission?: string;
  keys?: string;
}

/** The navigation, by discipline. */
export const sections: { title?: string; places: Place[] }[] = [
  { places: [{ label: "Overview", to: "/", icon: IconOverview, keys: "g o" }] },
  {
    title: "Availability",
    places: [
      { label: "Dashboards", to: "/dashboards", icon: IconDashboards, permission: "dashboards:read", keys: "g v" },
      { label: "Explore", to: "/explore", icon: IconExplore, permission: "metrics:read", keys: "g x" },
      { label: "Checks", to: "/checks", icon: IconChecks, permission: "checks:read", keys: "g c" },
      { label: "Metric rules", to: "/metric-rules", icon: IconRules, permission: "checks:read" },
      { label: "Scrape targets", to: "/scrape-targets", icon: IconScraping, permission: "checks:read" },
      { label: "Baselines", to: "/baselines", icon: IconBaselines, permission: "checks:read" },
      { label: "Capacity", to: "/capacity", icon: IconCapacity, permission: "checks:read" },
      { label: "Reports", to: "/availability", icon: IconAvailability, permission: "availability:read", keys: "g w" },
      { label: "Maintenance", to: "/maintenance", icon: IconMaintenance, permission: "maintenance:read" },
      { label: "Status pages", to: "/status-pages", icon: IconStatusPages, permission: "statuspages:read" },
    ],
  },
  {
    title: "Events and logs",
    places: [
      { label: "Service health", to: "/service-health", icon: IconHealth, permission: "items:read", keys: "g f" },
      { label: "Situations", to: "/situations", icon: IconSituations, permission: "situations:read", keys: "g s" },
      { label: "Alerts", to: "/alerts", icon: IconAlerts, permission: "alerts:read", keys: "g a" },
      { label: "On call", to: "/on-call", icon: IconOnCall, permission: "oncall:read", keys: "g k" },
      { label: "Silences", to: "/silences", icon: IconSilences, permission: "alerts:read", keys: "g h" },
      { label: "Event rules", to: "/event-rules", icon: IconEventRules, permission: "alerts:read" },
      { label: "Event reports", to: "/event-report", icon: IconReport, permission: "situations:read" },
      { label: "Alert routing", to: "/alert-routing", icon: IconRouting, permission: "alerts:read" },
      { label: "Event sources", to: "/event-sources", icon: IconSources, permission: "alerts:read" },
      { label: "Logs", to: "/logs", icon: IconLogs, permission: "logs:read", keys: "g l" },
      { label: "Log processing", to: "/log-processing", icon: IconProcessing, permission: "log-processing:read" },
      { label: "Log rules", to: "/log-rules", icon: IconRules, permission: "checks:read" },
      { label: "Receivers", to: "/receivers", icon: IconReceivers, permission: "alerts:read" },
    ],
  },
  {
    title: "Service desk",
    places: [
      { label: "Incidents", to: "/incidents", icon: IconDesk, permission: "incidents:read", keys: "g i" },
      { label: "Changes", to: "/changes", icon: IconChanges, permission: "changes:read", keys: "g q" },
    ],
  },
  {
    title: "Jobs",
    places: [
      { label: "Runs", to: "/runs", icon: IconJobs, permission: "jobs:read", keys: "g r" },
      { label: "Runbooks", to: "/runbooks", icon: IconRunbooks, permission: "jobs:read", keys: "g b" },
      { label: "Remediations", to: "/remediations", icon: IconRemediations, permission: "jobs:read", keys: "g e" },
    ],
  },
  {
    title: "Configuration",
    places: [
      { label: "Items", to: "/items", icon: IconItems, permission: "items:read", keys: "g t" },
      { label: "Duplicates", to: "/duplicates", icon: IconDuplicates, permission: "items:read", keys: "g d" },
      { label: "Map", to: "/map", icon: IconMap, permission: "items:read", keys: "g m" },
      { label: "Documents", to: "/documents", icon: IconDocuments, keys: "g y" },
    ],
  },
  {
    title: "Platform",
    places: [
      { label: "Agents", to: "/agents", icon: IconAgents, permission: "agents:read", keys: "g n" },
      { label: "People", to: "/people", icon: IconPeople, permission: "users:read", keys: "g p" },
      { label: "API tokens", to: "/tokens", icon: IconTokens },
      { label: "Secrets", to: "/secrets", icon: IconSecrets, permission: "secrets:read" },
      { label: "Tasks", to: "/tasks", icon: IconTasks, permission: "tasks:read" },
      { label: "Audit", to: "/audit", icon: IconAudit, permission: "ledger:read", keys: "g u" },
    ],
  },
];
