import { useState } from "react";
import { write, type Form } from "./form";

/** What is being written in a form; a query from elsewhere takes its place. */
export function useDraft(form: Form): [Form, (f: Form) => void] {
  const [draft, setDraft] = useState(form);
  const current = write(draft) === write(form) ? draft : form;
  return [current, setDraft];
}
