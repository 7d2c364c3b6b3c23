import { useEffect, useState } from "react";

/** Whether something has held for long enough to be noticed: what is shown sooner only flickers. */
export function useLate(holds: boolean, after = 150): boolean {
  const [late, setLate] = useState(false);
  useEffect(() => {
    if (!holds) return;
    const timer = setTimeout(() => setLate(true), after);
    return () => {
      clearTimeout(timer);
      setLate(false);
    };
  }, [holds, after]);
  return holds && late;
}
