package graph

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"mainstay/internal/platform/sqldb"
)

// holder is an item that holds an identity.
type holder struct{ item, family string }

// holders looks up who holds identities, by identity.
func holders(ctx context.Context, q sqldb.Querier, wanted []identity) (map[identity][]holder, error) {
	byKind := map[string][]string{}
	for _, i := range wanted {
		byKind[i.kind] = append(byKind[i.kind], i.value)
	}
	out := make(map[identity][]holder, len(wanted))
	for kind, list := range byKind {
		slices.Sort(list)
		err := byKey(q, "value, item, family", "graph_identity", "kind = $1", "value", 2, slices.Compact(list), func(query string, part []any) error {
			rows, err := q.Query(ctx, query, append([]any{kind}, part...)...)
			if err != nil {
				return err
			}
			defer rows.Close()
			for rows.Next() {
				var value string
				var h holder
				if err := rows.Scan(&value, &h.item, &h.family); err != nil {
					return err
				}
				i := identity{kind, value}
				out[i] = append(out[i], h)
			}
			return rows.Err()
		})
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// identitiesOf loads the identities of items.
func identitiesOf(ctx context.Context, q sqldb.Querier, items []string) (map[string]known, error) {
	out := make(map[string]known, len(items))
	err := byKey(q, "item, kind, value", "graph_identity", "TRUE", "item", 1, items, func(query string, part []any) error {
		rows, err := q.Query(ctx, query, part...)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var item string
			var i identity
			if err := rows.Scan(&item, &i.kind, &i.value); err != nil {
				return err
			}
			if out[item] == nil {
				out[item] = known{}
			}
			out[item].add(i)
		}
		return rows.Err()
	})
	return out, err
}

// claim is what an item's identities are to become.
type claim struct {
	item, family string
	before       known // nil for a new item
	after        []identity
}

// setIdentities writes the identities of items, takes exclusive ones from their
// former holders, and returns those that are new in the graph.
func (ch *change) setIdentities(ctx context.Context, claims []claim) (gained []identity, err error) {
	var rows [][]any
	var exclusive []claim
	for _, c := range claims {
		for _, i := range c.after {
			if slices.Contains(c.before[i.kind], i.value) {
				continue
			}
			rows = append(rows, []any{i.kind, i.value, c.item, c.family})
			gained = append(gained, i)
			if k, _ := ch.catalogue.Identifier(i.kind); k.Exclusive {
				exclusive = append(exclusive, claim{item: c.item, family: c.family, after: []identity{i}})
			}
		}
		for kind, list := range c.before {
			for _, value := range list {
				if i := (identity{kind, value}); !slices.Contains(c.after, i) {
					if err := ch.dropIdentity(ctx, c.item, i); err != nil {
						return nil, err
					}
				}
			}
		}
	}
	if err := ch.takeExclusive(ctx, exclusive); err != nil {
		return nil, err
	}
	ch.touched = append(ch.touched, gained...)
	slices.SortFunc(rows, func(a, b []any) int { // neighbours in the table
		return cmp.Or(strings.Compare(a[0].(string), b[0].(string)), strings.Compare(a[1].(string), b[1].(string)))
	})
	return gained, sqldb.Insert(ctx, ch.tx, "INSERT INTO graph_identity (kind, value, item, family) VALUES", 4, rows, "ON CONFLICT DO NOTHING")
}

func (ch *change) dropIdentity(ctx context.Context, item string, i identity) error {
	ch.touched = append(ch.touched, i)
	_, err := ch.tx.Exec(ctx, "DELETE FROM graph_identity WHERE kind = $1 AND value = $2 AND item = $3", i.kind, i.value, item)
	return err
}

// takeExclusive ends the claims of former holders of the same family, unless
// both sides say that they are at different sites.
func (ch *change) takeExclusive(ctx context.Context, claims []claim) error {
	if len(claims) == 0 {
		return nil
	}
	wanted := make([]identity, len(claims))
	for n, c := range claims {
		wanted[n] = c.after[0]
	}
	held, err := holders(ctx, ch.tx, wanted)
	if err != nil || len(held) == 0 {
		return err
	}
	var items []string
	for n, c := range claims {
		for _, h := range held[wanted[n]] {
			items = append(items, h.item, c.item)
		}
	}
	slices.Sort(items)
	sites, err := identitiesOf(ctx, ch.tx, slices.Compact(items))
	if err != nil {
		return err
	}
	for n, c := range claims {
		for _, h := range held[wanted[n]] {
			mine, theirs := sites[c.item]["site"], sites[h.item]["site"]
			apart := len(mine) > 0 && len(theirs) > 0 && shared(mine, theirs) == 0
			if h.item != c.item && h.family == c.family && !apart {
				if err := ch.dropIdentity(ctx, h.item, wanted[n]); err != nil {
					return err
				}
			}
		}
	}
	return nil
}
