import { useComputedColorScheme } from "@mantine/core";
import { useEffect, useRef, useState, type RefObject } from "react";

/** The width of an element, as it changes. */
export function useElementSize(): [RefObject<HTMLDivElement | null>, number] {
  const ref = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  useEffect(() => {
    if (!ref.current) return;
    const observer = new ResizeObserver((entries) => setWidth(Math.floor(entries[0]!.contentRect.width)));
    observer.observe(ref.current);
    return () => observer.disconnect();
  }, []);
  return [ref, width];
}

export const useScheme = () => useComputedColorScheme("light", { getInitialValueInEffect: false });
