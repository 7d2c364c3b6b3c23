import DOMPurify from "dompurify";
import { marked } from "marked";
import { useMemo } from "react";
import classes from "./Markdown.module.css";

const allowed = {
  ALLOWED_TAGS: ["p", "br", "strong", "em", "del", "code", "pre", "ul", "ol", "li", "blockquote", "a", "h1", "h2", "h3", "h4", "table", "thead", "tbody", "tr", "th", "td", "hr"],
  ALLOWED_ATTR: ["href", "title", "align", "start"],
  ALLOWED_URI_REGEXP: /^(?:https?:|mailto:|\/(?!\/)|#)/i,
};

/** Text of people, with the marks of Markdown and nothing that acts or loads. */
export default function Markdown({ text }: { text: string }) {
  const html = useMemo(() => DOMPurify.sanitize(marked.parse(text, { async: false, gfm: true, breaks: true }), allowed), [text]);
  return <div className={classes.text} dangerouslySetInnerHTML={{ __html: html }} />;
}
