import { PageHead } from "@/ui/Panel";
import { Changes } from "./Changes";
import { CheckStates } from "./CheckStates";
import { Hosts } from "./Hosts";
import { OpenIncidents } from "./OpenIncidents";
import { OpenSituations } from "./OpenSituations";
import classes from "./Overview.module.css";
import { Services } from "./Services";
import { Standing } from "./Standing";

/** The page to keep open: what is wrong, what it reaches, what changed. */
export default function Overview() {
  return (
    <>
      <PageHead title="Overview" />
      <Standing />
      <div className={classes.columns}>
        <div className="stack">
          <OpenSituations />
          <OpenIncidents />
          <Hosts />
        </div>
        <div className="stack">
          <Services />
          <CheckStates />
          <Changes />
        </div>
      </div>
    </>
  );
}
