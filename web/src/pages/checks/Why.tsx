import { useQuery } from "@tanstack/react-query";
import { whyQuery } from "@/api/monitor";
import type { Fact } from "@/api/types";
import { Show } from "@/components/Query";
import { RefLink } from "@/components/RefLink";
import { Mark } from "@/ui/Mark";
import { TimeAgo } from "@/ui/TimeAgo";
import classes from "./Why.module.css";

const names: Record<Fact["kind"], string> = {
  result: "Result", threshold: "Threshold", retries: "Counting", state: "State", parent: "Depends on", maintenance: "Maintenance", location: "Location",
  flapping: "Flapping", outside: "Waiting", override: "Override", alert: "Alert", next: "Next",
};

/** The reasons for the state of a check on one item, the most telling first. */
export function Why({ check, target }: { check: string; target?: string }) {
  const query = useQuery(whyQuery(check, target));
  return (
    <Show query={query} lines={3} missing="It applies to no item yet">
      {(r) => (
        <ul className={classes.facts} aria-label="Reasons">
          {r.why.map((f, i) => (
            <li key={i} data-bad={f.bad || undefined}>
              <span className={classes.kind}>{f.bad && <Mark level="major" size={12} />}{names[f.kind]}</span>
              <span className={classes.text}>{f.check ? <RefLink kind="check" id={f.check}>{f.text}</RefLink> : f.text}</span>
              <span className="num dim"><TimeAgo at={f.at} /></span>
            </li>
          ))}
        </ul>
      )}
    </Show>
  );
}
