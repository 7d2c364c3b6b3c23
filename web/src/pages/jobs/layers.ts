/** Steps in columns: each stands right of everything it needs. Names it does not know are ignored; a circle ends up in the last column. */
export function layers<T extends { id: string; needs?: string[] | null }>(steps: T[]): T[][] {
  const depth = new Map<string, number>();
  const byName = new Map(steps.map((s) => [s.id, s]));
  const visit = (s: T, trail: Set<string>): number => {
    const known = depth.get(s.id);
    if (known !== undefined) return known;
    if (trail.has(s.id)) return 0;
    const next = new Set(trail).add(s.id);
    const d = Math.max(-1, ...(s.needs ?? []).map((n) => byName.get(n)).filter((n) => n !== undefined).map((n) => visit(n, next))) + 1;
    depth.set(s.id, d);
    return d;
  };
  const out: T[][] = [];
  for (const s of steps) (out[visit(s, new Set())] ??= []).push(s);
  return out.filter(Boolean);
}
