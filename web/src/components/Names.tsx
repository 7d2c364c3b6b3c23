import { useQuery } from "@tanstack/react-query";
import { itemName } from "@/api/names";
import { teamsQuery, usersQuery } from "@/api/platform";
import { useCan, useMe } from "@/app/session";
import { RefLink } from "./RefLink";

/** An item by its name, which is looked up when the record does not say it. */
export function ItemLink({ id, name, className }: { id: string | undefined; name?: string; className?: string }) {
  const query = useQuery({ queryKey: ["item", "name", id], queryFn: () => itemName(id!), enabled: Boolean(id) && !name, staleTime: 300_000 });
  if (!id) return <span className="dim">–</span>;
  return <RefLink kind="item" id={id} className={className}>{name || query.data?.name || (query.data === null ? "an item you cannot see" : "…")}</RefLink>;
}

/** A person by the name people know. */
export function Person({ id, none = "–" }: { id: string | undefined; none?: string }) {
  const me = useMe();
  const can = useCan();
  const users = useQuery({ ...usersQuery, enabled: Boolean(id) && id !== me?.id && can("users:read") });
  if (!id) return <span className="dim">{none}</span>;
  const user = id === me?.id ? me : users.data?.items.find((u) => u.id === id || u.username === id);
  return <>{user?.name || user?.username || (id.length === 26 ? `…${id.slice(-6)}` : id)}</>;
}

export function TeamName({ id, none = "–" }: { id: string | undefined; none?: string }) {
  const teams = useQuery({ ...teamsQuery, enabled: Boolean(id) });
  if (!id) return <span className="dim">{none}</span>;
  return <>{teams.data?.items.find((t) => t.id === id)?.name ?? id}</>;
}
