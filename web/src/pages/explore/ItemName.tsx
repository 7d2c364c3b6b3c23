import { useQuery } from "@tanstack/react-query";
import { itemName } from "@/api/names";

/** The name of an item, its id until it is known. */
export function ItemName({ id }: { id: string }) {
  const name = useQuery({ queryKey: ["item", "name", id], queryFn: () => itemName(id), staleTime: 60_000 });
  return <>{name.data?.name ?? id}</>;
}
