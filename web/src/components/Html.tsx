import DOMPurify from "dompurify";
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
  return <div className={classes.text} dangerouslySetInnerHTML={{ __html: clean }} />;
}
