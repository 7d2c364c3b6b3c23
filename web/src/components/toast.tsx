import { Button } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Problem } from "@/api/client";
import { Mark } from "@/ui/Mark";

/** Says what was done; with undo, for as long as it is read, how to take it back. */
export function told(message: string, undo?: () => void) {
  const icon = <Mark level="clear" size={16} />;
  if (!undo) {
    notifications.show({ message, icon, autoClose: 4000 });
    return;
  }
  const id = notifications.show({
    icon, autoClose: 12_000,
    message: <span className="row">{message}<Button size="compact-xs" variant="default" onClick={() => { notifications.hide(id); undo(); }}>Undo</Button></span>,
  });
}

export function failed(what: string, error: unknown) {
  const p = error instanceof Problem ? error : undefined;
  const fields = p?.fields.map((f) => `${f.field}: ${f.rule}`).join("; ");
  const message = [error instanceof Error ? error.message : String(error), fields].filter(Boolean).join(" – ");
  notifications.show({ title: what, message, icon: <Mark level="major" size={16} />, autoClose: 9000 });
}

/**
 * An action a person starts: says what happened, and reads again what it
 * touched. Failures are told with the server's words.
 */
export function useDo<A, R>(options: { run: (a: A) => Promise<R>; done?: string | ((r: R, a: A) => string); failed?: string; touches: string[]; then?: (r: R, a: A) => void; undo?: (r: R, a: A) => (() => void) | undefined }) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: options.run,
    onSuccess: (r, a) => {
      const done = typeof options.done === "function" ? options.done(r, a) : options.done;
      if (done) told(done, options.undo?.(r, a));
      for (const kind of options.touches) void client.invalidateQueries({ queryKey: [kind] });
      options.then?.(r, a);
    },
    onError: (e) => failed(options.failed ?? "That did not work", e),
  });
}
