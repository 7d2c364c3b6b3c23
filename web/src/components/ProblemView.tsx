import { Button } from "@mantine/core";
import type { ReactNode } from "react";
import { Problem } from "@/api/client";
import { Mark } from "@/ui/Mark";
import classes from "./ProblemView.module.css";

/** A failure as the server told it: title, code, what was wrong with which field. A given title stands for both. */
export function ProblemView({ error, title, retry, children }: { error: unknown; title?: string; retry?: () => void; children?: ReactNode }) {
  const p = error instanceof Problem ? error : undefined;
  const message = error instanceof Error ? error.message : String(error);
  return (
    <div role="alert" className={classes.problem}>
      <Mark level="major" size={16} style={{ marginTop: 2 }} />
      <div className="grow">
        <p className={classes.title}>{title ?? <>{p?.title ?? "The console stumbled"} <code className={classes.code}>{p?.code ?? "console"}</code></>}</p>
        {message !== p?.title && <p>{message}</p>}
        {p && p.fields.length > 0 && (
          <ul className={classes.fields}>
            {p.fields.map((f) => <li key={f.field + f.rule}><code>{f.field}</code> {f.rule}</li>)}
          </ul>
        )}
        {children}
        {retry && <Button variant="default" mt="xs" onClick={retry}>Try again</Button>}
      </div>
    </div>
  );
}
