import { useUrl } from "@/app/url";
import { useSoon } from "@/components/soon";
import { valuesOf, withValues } from "@/state/where";
import { Segments } from "@/ui/Segments";

/** The question asked most of a list, one press away. An option is a set of values of one field; "" is all. */
export function Quick({ field, options, label }: { field: string; label: string; options: { label: string; values: string[] }[] }) {
  const [search, setUrl] = useUrl();
  const soon = useSoon();
  const change = (value: string) => ({ where: withValues(search.where, field, value === "" ? [] : value.split(",")) });
  return (
    <Segments aria-label={label} value={valuesOf(search.where, field).join(",")} data={options.map((o) => ({ value: o.values.join(","), label: o.label }))}
      onPress={(v) => soon({ ...search, ...change(v) })} onChange={(v) => setUrl(change(v))} />
  );
}
