import classes from "./Json.module.css";

/** A value as a person reads it; structures as indented text. */
export function Value({ value }: { value: unknown }) {
  if (value === null || value === undefined || value === "") return <span className="dim">–</span>;
  if (typeof value === "boolean") return <>{value ? "yes" : "no"}</>;
  if (Array.isArray(value) && value.every((v) => typeof v !== "object")) return <>{value.join(", ") || "–"}</>;
  if (typeof value === "object") return <Json value={value} />;
  return <>{String(value)}</>;
}

export const Json = ({ value }: { value: unknown }) => <pre className={classes.json} tabIndex={0}>{JSON.stringify(value, null, 2)}</pre>;
