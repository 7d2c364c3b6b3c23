import { useRouter, useSearch } from "@tanstack/react-router";
import { useRef, type MouseEvent, type ReactNode } from "react";
import { stringifySearch, type Search } from "@/state/search";
import { wording } from "@/ui/severity";
import { targetOf, type Target } from "./refs";

/** A link to any record; plain text where it has no page. */
export function RefLink({ kind, id, children, className = "link" }: { kind: string; id: string | undefined; children?: ReactNode; className?: string }) {
  const target = targetOf(kind, id);
  const text = children || (id ? `${wording(kind)} ${id.slice(-6)}` : "–");
  if (!target) return <span className={id ? undefined : "dim"}>{text}</span>;
  return <Go target={target} className={className}>{text}</Go>;
}

const hover = 50;

/**
 * A link that costs a list of hundreds little: the router's own works out its
 * address anew at every change of the page's.
 */
function Go({ target, className, children }: { target: Target; className: string; children: ReactNode }) {
  const router = useRouter();
  const from = useSearch({ strict: false, select: (s: Search) => s.from });
  const to = useSearch({ strict: false, select: (s: Search) => s.to });
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const place = { to: target.to as "/", search: { from, to, ...target.search } };
  const leave = () => clearTimeout(timer.current);
  const intend = () => { leave(); timer.current = setTimeout(() => void router.preloadRoute(place).catch(() => {}), hover); };
  const follow = (e: MouseEvent) => {
    if (e.defaultPrevented || e.button !== 0 || e.metaKey || e.ctrlKey || e.shiftKey || e.altKey) return;
    e.preventDefault();
    leave();
    void router.navigate(place);
  };
  return <a href={target.to + stringifySearch(place.search)} className={className} onClick={follow} onMouseEnter={intend} onMouseLeave={leave} onFocus={intend} onBlur={leave}>{children}</a>;
}
