import { Link } from "@tanstack/react-router";
import { Tooltip } from "@mantine/core";
import { useCan } from "@/app/session";
import classes from "./Navigation.module.css";
import { sections } from "./sections";

/** The places of the console. Narrow, it shows icons alone; each keeps its name for assistive tools. */
export function Navigation({ narrow, onGo }: { narrow?: boolean; onGo?: () => void }) {
  const can = useCan();
  return (
    <nav className={classes.nav} data-narrow={narrow || undefined} aria-label="Main">
      {sections.map((section, i) => {
        const places = section.places.filter((p) => !p.permission || can(p.permission));
        if (!places.length) return null;
        return (
          <div key={section.title ?? i} className={classes.section}>
            {section.title && <div className={classes.title} aria-hidden={narrow || undefined}>{narrow ? "" : section.title}</div>}
            {places.map(({ label, to, icon: Icon }) => (
              <Tooltip key={to} label={label} position="right" disabled={!narrow}>
                <Link to={to as "/"} className={classes.place} activeOptions={{ exact: to === "/", includeSearch: false }} onClick={onGo} aria-label={narrow ? label : undefined}>
                  <Icon size={16} stroke={1.6} />
                  {!narrow && <span>{label}</span>}
                </Link>
              </Tooltip>
            ))}
          </div>
        );
      })}
    </nav>
  );
}
