// What changes between two texts, line by line, as a person reads it.

export interface DiffLine {
  kind: "same" | "gone" | "new";
  text: string;
  /** Numbers of the line before and after, from 1. */
  before?: number;
  after?: number;
}

const lines = (text: string) => (text === "" ? [] : text.replace(/\n$/, "").split("\n"));

/** The shortest way from one text to the other (longest common subsequence); very long texts are told as replaced. */
export function diffLines(before: string, after: string): DiffLine[] {
  const a = lines(before), b = lines(after);
  let start = 0, endA = a.length, endB = b.length;
  while (start < endA && start < endB && a[start] === b[start]) start++;
  while (endA > start && endB > start && a[endA - 1] === b[endB - 1]) {
    endA--;
    endB--;
  }
  const out: DiffLine[] = [];
  const same = (i: number, j: number) => out.push({ kind: "same", text: a[i]!, before: i + 1, after: j + 1 });
  for (let i = 0; i < start; i++) same(i, i);
  const n = endA - start, m = endB - start;
  const long = n * m > 4_000_000;
  const width = m + 1;
  const table = new Uint32Array(long ? 0 : (n + 1) * width);
  if (!long) {
    for (let i = n - 1; i >= 0; i--) for (let j = m - 1; j >= 0; j--) {
      table[i * width + j] = a[start + i] === b[start + j] ? table[(i + 1) * width + j + 1]! + 1 : Math.max(table[(i + 1) * width + j]!, table[i * width + j + 1]!);
    }
  }
  let i = 0, j = 0;
  while (i < n || j < m) {
    if (!long && i < n && j < m && a[start + i] === b[start + j]) same(start + i++, start + j++);
    else if (i < n && (j >= m || long || table[(i + 1) * width + j]! >= table[i * width + j + 1]!)) out.push({ kind: "gone", text: a[start + i]!, before: start + ++i });
    else out.push({ kind: "new", text: b[start + j]!, after: start + ++j });
  }
  for (let k = 0; endA + k < a.length; k++) same(endA + k, endB + k);
  return out;
}

/** Only what changed, with so many lines around it; undefined stands for lines left out. */
export function hunks(diff: DiffLine[], around = 3): (DiffLine | undefined)[] {
  const keep = new Set<number>();
  diff.forEach((l, i) => {
    if (l.kind !== "same") for (let k = i - around; k <= i + around; k++) keep.add(k);
  });
  const out: (DiffLine | undefined)[] = [];
  diff.forEach((l, i) => {
    if (keep.has(i)) out.push(l);
    else if (out.length === 0 || out.at(-1) !== undefined) out.push(undefined);
  });
  return out;
}
