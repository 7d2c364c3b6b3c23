package availability

import (
	"context"
	"maps"
	"slices"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/sqldb"
)

// settle brings in what the ledger does not tell: checks that are well from the
// beginning, checks that are no more, services that are new or whose needs
// changed; and lets go of what is too old.
func (c *Component) settle(ctx context.Context) error {
	measured, err := c.deps.Checks.Measured(ctx)
	if err != nil {
		return err
	}
	now := c.deps.Clock.Now()
	services, err := c.trackedAround(ctx, now)
	if err != nil {
		return err
	}
	return c.deps.DB.Write(ctx, func(tx *sqldb.Tx) error {
		w, err := c.begin(ctx, tx)
		if err != nil {
			return err
		}
		if err := w.compare(ctx, measured, now); err != nil {
			return err
		}
		if err := w.track(ctx, services, now); err != nil {
			return err
		}
		for _, old := range []string{"availability_interval WHERE to_at", "availability_maintenance WHERE to_at", "availability_incident WHERE resolved_at"} {
			if _, err := tx.Exec(ctx, "DELETE FROM "+old+" < $1", core.Micros(now.Add(-c.cfg.Keep))); err != nil {
				return err
			}
		}
		tx.OnCommit(c.moved)
		return nil
	})
}

// compare takes up checks that are new and drops those that are no more. What
// a known check found is the ledger's to tell.
func (w *work) compare(ctx context.Context, measured []Measured, now time.Time) error {
	rows, err := w.tx.Query(ctx, "SELECT target, item FROM availability_check")
	type kept struct{ target, item string }
	list, err := sqldb.Collect(rows, err, func(r *sqldb.Rows) (k kept, err error) { return k, r.Scan(&k.target, &k.item) })
	if err != nil {
		return err
	}
	known := map[string]string{}
	for _, k := range list {
		known[k.target] = k.item
	}
	begun := map[string]time.Time{}
	gone := map[string]bool{}
	for _, m := range measured {
		item, ok := known[m.Target]
		delete(known, m.Target)
		if ok && item == m.Item || m.Item == "" {
			continue
		}
		if ok {
			gone[item] = true
		}
		if _, err := w.tx.Exec(ctx, "INSERT INTO availability_check (target, item, state) VALUES ($1,$2,$3) ON CONFLICT (target) DO UPDATE SET item = excluded.item, state = excluded.state",
			m.Target, m.Item, string(m.State)); err != nil {
			return err
		}
		if at, ok := begun[m.Item]; !ok || m.Since.Before(at) {
			begun[m.Item] = m.Since
		}
	}
	for target, item := range known {
		gone[item] = true
		if _, err := w.tx.Exec(ctx, "DELETE FROM availability_check WHERE target = $1", target); err != nil {
			return err
		}
	}
	for _, item := range slices.Sorted(maps.Keys(begun)) {
		if err := w.look(ctx, []string{item}, begun[item]); err != nil {
			return err
		}
	}
	return w.look(ctx, slices.Sorted(maps.Keys(gone)), now)
}

// track derives the states of what is tracked and ends those of what is not
// any more.
func (w *work) track(ctx context.Context, items map[string]bool, now time.Time) error {
	v := newView(w.c.deps.Graph, w.own)
	for _, item := range slices.Sorted(maps.Keys(items)) {
		at := now
		if _, ok := w.whole[item]; !ok {
			at = w.since(v, item, now)
		}
		if err := w.derive(ctx, v, item, at); err != nil {
			return err
		}
	}
	for _, item := range slices.Sorted(maps.Keys(w.whole)) {
		if !items[item] {
			if err := w.set(ctx, w.whole, item, true, holding{from: core.Micros(now)}, w.whole[item], true); err != nil {
				return err
			}
		}
	}
	return nil
}

// since is from when on the state of an item that is tracked from now on is
// known to hold: since the latest change of what it was derived from.
func (w *work) since(v *view, item string, now time.Time) time.Time {
	seen := map[string]bool{}
	latest := int64(0)
	next := []string{item}
	for len(next) > 0 && len(seen) < maxBelow {
		at := next[len(next)-1]
		next = next[:len(next)-1]
		if seen[at] {
			continue
		}
		seen[at] = true
		if h, ok := w.own[at]; ok {
			latest = max(latest, h.from)
		}
		for _, need := range v.graph.Needs(at) {
			next = append(next, need.Items...)
		}
	}
	if latest == 0 {
		return now
	}
	return core.FromMicros(latest)
}

// selectEvery is how often selectors are asked again when nobody changed a
// target: on a large graph that is dear.
const selectEvery = time.Minute

// trackedAround is trackedItems, as it was a short while ago at the most.
func (c *Component) trackedAround(ctx context.Context, now time.Time) (map[string]bool, error) {
	c.mu.Lock()
	known, at := c.selected, c.at
	c.mu.Unlock()
	if passed := now.Sub(at); known != nil && passed >= 0 && passed < selectEvery {
		return known, nil
	}
	items, err := c.trackedItems(ctx)
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.selected, c.at = items, now
	return items, nil
}

// trackedItems are the services and the items that a target names.
func (c *Component) trackedItems(ctx context.Context) (map[string]bool, error) {
	out := map[string]bool{}
	services, err := c.deps.Graph.Services(ctx)
	if err != nil {
		return nil, err
	}
	for _, id := range services {
		out[id] = true
	}
	targets, err := c.targets(ctx, c.deps.DB, "1 = 1")
	if err != nil {
		return nil, err
	}
	for _, t := range targets {
		items, err := c.itemsOf(ctx, t.Spec)
		if err != nil {
			return nil, err // what it names must not seem to be dropped
		}
		for _, id := range items {
			out[id] = true
		}
	}
	return out, nil
}
