import { useQuery } from "@tanstack/react-query";
import { rolesQuery } from "@/api/platform";
import type { Grant } from "@/api/types";
import { TeamName } from "@/components/Names";
import { access, allVerbs, type Right } from "./grants";
import classes from "./People.module.css";

/** What somebody may do with which records, from their roles. */
export function Access({ grants }: { grants: readonly Grant[] }) {
  const roles = useQuery(rolesQuery);
  if (!roles.data) return null;
  const all = access(grants, roles.data.items);
  if (!all.size) return <p className="dim">Nothing: no role is given.</p>;
  return (
    <div className="stack">
      {[...all].map(([team, rights]) => (
        <div key={team}>
          <h4 className={classes.scope}>{team ? <>With records of <TeamName id={team} /></> : "With all records"}</h4>
          <RightTable rights={rights} label={team ? "Rights in the team" : "Rights everywhere"} />
        </div>
      ))}
    </div>
  );
}

/** Permissions as a table: kinds of record down, verbs across. */
export function RightTable({ rights, label }: { rights: Right[]; label: string }) {
  if (!rights.length) return <p className="dim">Nothing.</p>;
  return (
    <table className={classes.rights} aria-label={label}>
      <thead><tr><th scope="col">Records</th>{allVerbs.map((v) => <th key={v} scope="col">{v}</th>)}</tr></thead>
      <tbody>
        {rights.map((r) => (
          <tr key={r.resource}>
            <th scope="row">{r.resource === "*" ? "every kind" : r.resource}</th>
            {allVerbs.map((v) => <td key={v}>{r.verbs.has(v) ? <span aria-label="yes">✓</span> : <span className="dim" aria-label="no">·</span>}</td>)}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
