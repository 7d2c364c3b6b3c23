import type { CSSProperties } from "react";
import { asLevel, type Level } from "./severity";

// The shapes fall from alarming to quiet: octagon, triangle, diamond, hollow
// triangle, circle, tick. Drawn so that they differ at 12 pixels in grey.
const shapes: Record<Level, React.ReactNode> = {
  critical: (
    <>
      <path d="M5 1h6l4 4v6l-4 4H5l-4-4V5Z" fill="currentColor" />
      <path d="m5.6 5.6 4.8 4.8m0-4.8-4.8 4.8" stroke="var(--paper)" strokeWidth="1.8" strokeLinecap="round" />
    </>
  ),
  major: (
    <>
      <path d="M8 1.2 15.4 14.4H.6Z" fill="currentColor" stroke="currentColor" strokeLinejoin="round" />
      <path d="M8 6v4m0 2v.4" stroke="var(--paper)" strokeWidth="1.8" strokeLinecap="round" />
    </>
  ),
  minor: (
    <>
      <path d="M8 .8 15.2 8 8 15.2.8 8Z" fill="currentColor" />
      <path d="M8 5v3.6m0 2v.3" stroke="var(--paper)" strokeWidth="1.7" strokeLinecap="round" />
    </>
  ),
  warning: (
    <>
      <path d="M8 2 14.6 13.8H1.4Z" fill="none" stroke="currentColor" strokeWidth="1.7" strokeLinejoin="round" />
      <path d="M8 6.6v3m0 1.6v.3" stroke="currentColor" strokeWidth="1.5" strokeLinecap="round" />
    </>
  ),
  info: (
    <>
      <circle cx="8" cy="8" r="6.4" fill="none" stroke="currentColor" strokeWidth="1.7" />
      <path d="M8 7.4v3.4M8 5v.3" stroke="currentColor" strokeWidth="1.7" strokeLinecap="round" />
    </>
  ),
  clear: <path d="m2.8 8.6 3.4 3.4 7-8" fill="none" stroke="currentColor" strokeWidth="2" strokeLinecap="round" strokeLinejoin="round" />,
  unknown: <circle cx="8" cy="8" r="5.6" fill="none" stroke="currentColor" strokeWidth="1.6" strokeDasharray="2.6 2.2" />,
};

export function Mark({ level, size = 13, style }: { level: string | undefined; size?: number; style?: CSSProperties }) {
  const l = asLevel(level);
  return (
    <svg width={size} height={size} viewBox="0 0 16 16" aria-hidden="true" style={{ color: `var(--${l})`, flex: "none", ...style }}>
      {shapes[l]}
    </svg>
  );
}
