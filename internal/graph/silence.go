package graph

import (
	"context"
	"maps"
	"slices"

	"mainstay/internal/platform/sqldb"
)

// silence marks observations as stale and shows the result on their items. It
// returns how many items are missing because of it.
func (ch *change) silence(ctx context.Context, words []said) (missing int, err error) {
	if len(words) == 0 {
		return 0, nil
	}
	keys := map[said][]string{} // by source and scope
	for _, w := range words {
		who := said{source: w.source, scope: w.scope}
		keys[who] = append(keys[who], w.key)
	}
	var items []string
	for who, list := range keys {
		err = ofSource(ch.tx, 1, who, list, func(where string, args []any) error {
			if _, err := ch.tx.Exec(ctx, "UPDATE graph_observation SET stale = TRUE, hash = '' WHERE "+where, args...); err != nil {
				return err
			}
			rows, err := ch.tx.Query(ctx, "SELECT item FROM graph_observation WHERE "+where, args...)
			found, err := sqldb.Collect(rows, err, func(rows *sqldb.Rows) (item string, err error) { return item, rows.Scan(&item) })
			items = append(items, found...)
			return err
		})
		if err != nil {
			return 0, err
		}
	}
	w, err := ch.redress(ctx, items, "")
	if err != nil {
		return 0, err
	}
	for _, next := range w.after {
		if next.state == Missing && w.before[next.id].state != Missing {
			missing++
		}
	}
	return missing, nil
}

// redress shows on items what their observations now say.
func (ch *change) redress(ctx context.Context, items []string, by string) (*wardrobe, error) {
	items = slices.Clone(items)
	slices.Sort(items)
	items = slices.Compact(items)
	w := &wardrobe{change: ch}
	before, err := records(ctx, ch.tx, items)
	if err != nil {
		return nil, err
	}
	items = slices.Sorted(maps.Keys(before))
	stored, err := observationsOf(ctx, ch.tx, items)
	if err != nil {
		return nil, err
	}
	held, err := identitiesOf(ctx, ch.tx, items)
	if err != nil {
		return nil, err
	}
	for _, item := range items {
		if len(stored[item]) > 0 {
			w.dress(item, before[item], held[item], stored[item])
		}
	}
	return w, w.write(ctx, by)
}
