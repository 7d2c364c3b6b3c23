/** What is chosen, in a word or two. */
export const said = (chosen: readonly string[] | undefined) => (!chosen?.length ? "All datasets" : chosen.length === 1 ? chosen[0]! : `${chosen.length} datasets`);

/** The choice when one is put in or taken out; none and each of them are all. */
export function chosenWith(chosen: readonly string[] | undefined, name: string, all: readonly string[]): string[] | undefined {
  const next = chosen?.includes(name) ? chosen.filter((n) => n !== name) : [...(chosen ?? []), name];
  if (!next.length || (next.length === all.length && all.every((n) => next.includes(n)))) return undefined;
  return next;
}
