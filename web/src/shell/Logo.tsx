import { Link } from "@tanstack/react-router";
import classes from "./Logo.module.css";

export function Mast({ size = 20 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 24 24" aria-hidden="true" fill="none" stroke="currentColor" strokeWidth="1.8" strokeLinejoin="round" strokeLinecap="round">
      <path d="M12 3v18M12 4 4.5 19h15Z" />
    </svg>
  );
}

export function Logo({ narrow }: { narrow?: boolean }) {
  return (
    <Link to="/" className={classes.logo} data-narrow={narrow || undefined} aria-label="Mainstay, overview">
      <Mast />
      <span>Mainstay</span>
    </Link>
  );
}
