import DOMPurify from "dompurify";
import { useRouter } from "@tanstack/react-router";
import { useMemo } from "react";
import classes from "./Html.module.css";

const allowed = {
  ALLOWED_TAGS: ["p", "br", "strong", "em", "del", "code", "pre", "ul", "ol", "li", "blockquote", "a", "h1", "h2", "h3", "h4", "table", "thead", "tbody", "tr", "th", "td", "hr"],
  ALLOWED_ATTR: ["href", "title", "align", "start"],
  ALLOWED_URI_REGEXP: /^(?:https?:|mailto:|\/(?!\/)|#)/i,
};

/** Text of people that the server rendered and cleaned; cleaned once more, because it is somebody else's text. */
export function Html({ html }: { html: string | undefined }) {
  const clean = useMemo(() => DOMPurify.sanitize(html ?? "", allowed), [html]);
  const router = useRouter();
  // A link to another page of the console does not load it anew.
  const follow = (e: React.MouseEvent) => {
    const to = (e.target as HTMLElement).closest("a")?.getAttribute("href");
    if (!to?.startsWith("/") || e.ctrlKey || e.metaKey || e.shiftKey || e.button !== 0) return;
    e.preventDefault();
    router.history.push(to);
  };
  return <div className={classes.text} onClick={follow} dangerouslySetInnerHTML={{ __html: clean }} />;
}
