// Numbers with their unit; never more digits than a person can use.

export type Unit = "bytes" | "bytes/s" | "bits/s" | "percent" | "ratio" | "seconds" | "count" | "per second" | "celsius" | "none";

function digits(v: number): string {
  const a = Math.abs(v);
  if (a === 0) return "0";
  if (a >= 100) return v.toFixed(0);
  if (a >= 10) return trim(v.toFixed(1));
  if (a >= 0.01) return trim(v.toFixed(2));
  return v.toExponential(1);
}

const trim = (s: string) => (s.includes(".") ? s.replace(/\.?0+$/, "") : s);

function scaled(v: number, base: number, prefixes: string[]): [string, string] {
  let i = 0;
  let x = Math.abs(v);
  while (x >= base && i < prefixes.length - 1) {
    x /= base;
    i++;
  }
  return [digits(v < 0 ? -x : x), prefixes[i]!];
}

export function bytes(v: number): string {
  const [n, p] = scaled(v, 1024, ["", "Ki", "Mi", "Gi", "Ti", "Pi"]);
  return `${n} ${p}B`;
}

export function count(v: number): string {
  const [n, p] = scaled(v, 1000, ["", "k", "M", "G", "T"]);
  return `${n}${p ? ` ${p}` : ""}`;
}

export function seconds(v: number): string {
  const a = Math.abs(v);
  if (a === 0) return "0 s";
  if (a < 1e-3) return `${digits(v * 1e6)} µs`;
  if (a < 1) return `${digits(v * 1e3)} ms`;
  if (a < 120) return `${digits(v)} s`;
  if (a < 7200) return `${digits(v / 60)} min`;
  if (a < 172800) return `${digits(v / 3600)} h`;
  return `${digits(v / 86400)} d`;
}

export function withUnit(v: number | undefined | null, unit: Unit): string {
  if (v === undefined || v === null || !Number.isFinite(v)) return "–";
  switch (unit) {
    case "bytes": return bytes(v);
    case "bytes/s": return `${bytes(v)}/s`;
    case "bits/s": {
      const [n, p] = scaled(v, 1000, ["", "k", "M", "G", "T"]);
      return `${n} ${p}bit/s`;
    }
    case "percent": return `${digits(v)} %`;
    case "ratio": return `${digits(v * 100)} %`;
    case "seconds": return seconds(v);
    case "per second": return `${count(v)}/s`;
    case "celsius": return `${digits(v)} °C`;
    case "count":
    case "none": return count(v);
  }
}

/** The unit a Prometheus metric name announces (its suffix, by the naming convention). */
export function unitOf(metric: string): Unit {
  if (/_bytes_per_second$/.test(metric)) return "bytes/s";
  if (/_bits_per_second$/.test(metric)) return "bits/s";
  if (/_bytes(_total)?$/.test(metric)) return "bytes";
  if (/_percent$/.test(metric)) return "percent";
  if (/_(ratio|utilization)$/.test(metric)) return "ratio";
  if (/_seconds$/.test(metric)) return "seconds";
  if (/_celsius$/.test(metric)) return "celsius";
  return "count";
}

/** "1 alert", "3 alerts". */
export const plural = (n: number, one: string, many = `${one}s`) => `${n.toLocaleString("en")} ${n === 1 ? one : many}`;
