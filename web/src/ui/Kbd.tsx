import classes from "./Kbd.module.css";

const arrows: Record<string, string> = { ArrowLeft: "←", ArrowRight: "→", ArrowUp: "↑", ArrowDown: "↓", Escape: "Esc" };

/** Keys as printed on them: "mod+k" is Ctrl K, or ⌘ K on a Mac. */
export function Keys({ keys }: { keys: string }) {
  const mac = /Mac|iPhone|iPad/.test(navigator.platform);
  return (
    <span className={classes.keys}>
      {keys.split(" ").map((stroke, i) => (
        <span key={i} className={classes.keys}>
          {stroke.split("+").map((k) => (
            <kbd key={k} className={classes.key}>{k === "mod" ? (mac ? "⌘" : "Ctrl") : arrows[k] ?? (k.length === 1 ? k : k.charAt(0).toUpperCase() + k.slice(1))}</kbd>
          ))}
        </span>
      ))}
    </span>
  );
}
