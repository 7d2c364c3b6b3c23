import { useQuery } from "@tanstack/react-query";
import { Html } from "@/components/Html";
import { say } from "../variables";
import classes from "./Panels.module.css";
import type { PanelProps } from "./props";

/** Markdown; what it makes is cleaned before it is shown. */
export default function TextPanel({ panel: p, filling }: Pick<PanelProps, "panel" | "filling">) {
  const text = say(p.text ?? "", filling);
  // The reader of Markdown is loaded with the first text.
  const html = useQuery({ queryKey: ["markdown", text], queryFn: async () => (await import("marked")).marked.parse(text, { gfm: true, async: false }), staleTime: Infinity });
  return <div className={classes.text} tabIndex={0} role="region" aria-label={p.title || "Text"}><Html html={html.data} /></div>;
}
