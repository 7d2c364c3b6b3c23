package availability

import (
	"context"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/monitor/availability/figures"
	"mainstay/internal/platform/ledger"
	"mainstay/internal/platform/sqldb"
)

// rebuildPage is how many entries are read at a time.
const rebuildPage = 1000

// Rebuild forgets what the ledger has told and reads it again, as far back as
// the ledger reaches. What depends on what is taken from the graph of today.
func (c *Component) Rebuild(ctx context.Context) (entries int, err error) {
	var all []ledger.Entry
	types := append(heard(), "monitor.check.created")
	for before := int64(0); ; {
		page, err := c.deps.Ledger.List(ctx, ledger.Query{Types: types, Before: before, Limit: rebuildPage})
		if err != nil {
			return 0, err
		}
		all = append(all, page...)
		if len(page) < rebuildPage {
			break
		}
		before = page[len(page)-1].Seq
	}
	services, err := c.trackedItems(ctx)
	if err != nil {
		return 0, err
	}
	err = c.deps.DB.Write(ctx, func(tx *sqldb.Tx) error {
		for _, table := range []string{"availability_check", "availability_interval", "availability_maintenance", "availability_incident"} {
			if _, err := tx.Exec(ctx, "DELETE FROM "+table); err != nil {
				return err
			}
		}
		w := &work{c: c, tx: tx, own: map[string]holding{}, whole: map[string]holding{}}
		made := map[string]time.Time{}
		entries = 0
		for i := len(all) - 1; i >= 0; i-- {
			e := all[i]
			if e.Type == "monitor.check.created" {
				made[e.Subject.ID] = e.At
				continue
			}
			entries++
			if err := w.replay(ctx, e, made, services); err != nil {
				return err
			}
		}
		tx.OnCommit(c.settleSoon)
		return nil
	})
	return entries, err
}

// replay applies an entry, and before the first change of a check what it was
// until then.
func (w *work) replay(ctx context.Context, e ledger.Entry, made map[string]time.Time, services map[string]bool) error {
	if e.Type == "monitor.check.changed" {
		var change struct{ ID, Check, Item, From string }
		if err := e.Decode(&change); err != nil {
			return err
		}
		var one int
		err := w.tx.QueryRow(ctx, "SELECT 1 FROM availability_check WHERE target = $1", change.ID).Scan(&one)
		if err != nil && err != sqldb.ErrNoRows {
			return err
		}
		began, known := made[change.Check]
		if err == sqldb.ErrNoRows && known && change.Item != "" && StateOf(change.From) != figures.None {
			if _, err := w.tx.Exec(ctx, "INSERT INTO availability_check (target, item, state) VALUES ($1,$2,$3)", change.ID, change.Item, string(StateOf(change.From))); err != nil {
				return err
			}
			if err := w.look(ctx, []string{change.Item}, began); err != nil {
				return err
			}
			if err := w.trackAbove(ctx, change.Item, services, began); err != nil {
				return err
			}
		}
		if err := w.apply(ctx, e); err != nil {
			return err
		}
		return w.trackAbove(ctx, change.Item, services, e.At)
	}
	return w.apply(ctx, e)
}

// trackAbove begins the states of services above an item that have none yet.
func (w *work) trackAbove(ctx context.Context, item string, services map[string]bool, at time.Time) error {
	if item == "" {
		return nil
	}
	v := newView(w.c.deps.Graph, w.own)
	for id := range above(w.c.deps.Graph, []string{item}) {
		if _, ok := w.whole[id]; !ok && services[id] {
			if err := w.derive(ctx, v, id, at); err != nil {
				return err
			}
		}
	}
	return nil
}

// reach is the moment before which nothing is known, for people.
func (c *Component) reach(ctx context.Context) (time.Time, error) {
	var first int64
	err := c.deps.DB.QueryRow(ctx, "SELECT COALESCE(MIN(from_at), 0) FROM availability_interval").Scan(&first)
	if first == 0 {
		return time.Time{}, err
	}
	return core.FromMicros(first), err
}
