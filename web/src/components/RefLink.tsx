import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { wording } from "@/ui/severity";
import { targetOf } from "./refs";

/** A link to any record; plain text where it has no page. */
export function RefLink({ kind, id, children, className = "link" }: { kind: string; id: string | undefined; children?: ReactNode; className?: string }) {
  const target = targetOf(kind, id);
  const text = children || (id ? `${wording(kind)} ${id.slice(-6)}` : "–");
  if (!target) return <span className={id ? undefined : "dim"}>{text}</span>;
  return (
    <Link to={target.to as "/"} search={(before) => ({ from: before.from, to: before.to, ...target.search })} className={className}>
      {text}
    </Link>
  );
}
