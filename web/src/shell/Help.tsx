import { Modal } from "@mantine/core";
import { useAllActions } from "@/app/actions";
import { Keys } from "@/ui/Kbd";
import classes from "./Help.module.css";

const always: [keys: string, what: string][] = [
  ["j", "Next row of a list"], ["k", "Previous row of a list"], ["Enter", "Open the row"], ["x", "Select the row, to act on several"], ["/", "Filter the list, or search"], ["Escape", "Close what is open"],
];

/** Every key that does something here, now. */
export function Help({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const actions = useAllActions().filter((a) => a.keys && a.keys !== "/");
  return (
    <Modal opened={opened} onClose={onClose} title="Keyboard shortcuts" size="lg" closeButtonProps={{ "aria-label": "Close" }}>
      <div className={classes.groups}>
        {(["Go to", "Actions", "View"] as const).map((group) => {
          const rows: [string, string][] = actions.filter((a) => a.group === group).map((a) => [a.keys!, a.label]);
          if (group === "View") rows.push(...always);
          return rows.length ? (
            <section key={group}>
              <h3 className={classes.title}>{group}</h3>
              <dl className={classes.rows}>
                {rows.map(([keys, what]) => (
                  <div key={keys + what} className={classes.row}>
                    <dt><Keys keys={keys} /></dt>
                    <dd>{what}</dd>
                  </div>
                ))}
              </dl>
            </section>
          ) : null;
        })}
      </div>
    </Modal>
  );
}
