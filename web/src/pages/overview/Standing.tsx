import { useQueries } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { countQuery } from "@/api/counts";
import { incidentsPath } from "@/api/desk";
import { alertsPath, situationsPath } from "@/api/events";
import { decisionsPath } from "@/api/jobs";
import { checksPath } from "@/api/monitor";
import { agentsPath } from "@/api/platform";
import { agentOffline, alertOpen, checkFailing, incidentOpen, decisionProposed, situationOpen } from "@/pages/conditions";
import { Mark } from "@/ui/Mark";
import classes from "./Overview.module.css";

const figures = [
  { label: "open situations", kind: "situation", path: situationsPath, to: "/situations", where: situationOpen, level: "critical" },
  { label: "open incidents", kind: "incident", path: incidentsPath, to: "/incidents", where: incidentOpen, level: "major" },
  { label: "active alerts", kind: "alert", path: alertsPath, to: "/alerts", where: alertOpen, level: "major" },
  { label: "failing checks", kind: "check", path: checksPath, to: "/checks", where: checkFailing, level: "major" },
  { label: "proposed remediations", kind: "remediation", path: decisionsPath, to: "/remediations", where: decisionProposed, level: "minor" },
  { label: "agents offline", kind: "agent", path: agentsPath, to: "/agents", where: agentOffline, level: "minor" },
];

/** The few numbers that say whether to worry; each leads to its list. */
export function Standing() {
  const counts = useQueries({ queries: figures.map((f) => countQuery(f.kind, f.path, f.where)) });
  return (
    <div className={classes.standing}>
      {figures.map((f, i) => {
        const n = counts[i]?.data;
        return (
          <Link key={f.label} to={f.to as "/"} search={(s) => ({ from: s.from, to: s.to, where: f.where })} className={classes.figure}>
            <div className={classes.number}>
              {n === undefined ? <span className="dim">–</span> : n.toLocaleString("en")}
              {n ? <Mark level={f.level} size={15} /> : null}
            </div>
            <div className={classes.label}>{f.label}</div>
          </Link>
        );
      })}
    </div>
  );
}
