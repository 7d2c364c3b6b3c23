import { SegmentedControl } from "@mantine/core";
import { useUrl } from "@/app/url";
import { valuesOf, withValues } from "@/state/where";

/** The question asked most of a list, one press away. An option is a set of values of one field; "" is all. */
export function Quick({ field, options, label }: { field: string; label: string; options: { label: string; values: string[] }[] }) {
  const [search, setUrl] = useUrl();
  const current = valuesOf(search.where, field).join(",");
  const known = options.some((o) => o.values.join(",") === current);
  return (
    <SegmentedControl size="xs" transitionDuration={0} aria-label={label} value={known ? current : "\u0000"} data={options.map((o) => ({ value: o.values.join(","), label: o.label }))}
      onChange={(v) => setUrl({ where: withValues(search.where, field, v === "" ? [] : v.split(",")) })} />
  );
}
