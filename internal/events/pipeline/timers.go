package pipeline

import (
	"context"
	"slices"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/events/pipeline/rulebook"
	"mainstay/internal/platform/sqldb"
)

const (
	watchEvery = time.Second
	dueMost    = 500 // records in one transaction
)

// watch lets time act while this process leads.
func (c *Component) watch(ctx context.Context) {
	timer := c.deps.Clock.NewTimer(watchEvery)
	defer timer.Stop()
	for {
		c.attempt(ctx, "what is due", c.Elapse)
		select {
		case <-ctx.Done():
			return
		case <-timer.C():
			timer.Reset(watchEvery)
		}
	}
}

// Elapse lets time act on all records that are due.
func (c *Component) Elapse(ctx context.Context) error {
	for {
		ids, err := c.due(ctx)
		if err != nil || len(ids) == 0 {
			return err
		}
		err = c.deps.Events().Elapse(ctx, func(ctx context.Context, tx *sqldb.Tx, now time.Time) ([]rulebook.Output, error) {
			return c.fire(ctx, tx, now, ids)
		})
		if err != nil || len(ids) < dueMost {
			return err
		}
	}
}

func (c *Component) due(ctx context.Context) ([]string, error) {
	rows, err := c.deps.DB.Query(ctx, "SELECT id FROM eventpipeline_state WHERE due_at > 0 AND due_at <= $1 ORDER BY due_at LIMIT $2", core.Micros(c.deps.Clock.Now()), dueMost)
	return sqldb.Collect(rows, err, func(r *sqldb.Rows) (id string, err error) { return id, r.Scan(&id) })
}

// fire lets time act on records, as far as they are still due.
func (c *Component) fire(ctx context.Context, tx *sqldb.Tx, now time.Time, ids []string) ([]rulebook.Output, error) {
	book := c.book()
	var due []*rulebook.Record
	for _, part := range parts(tx.Dialect(), ids) {
		set, args := tx.Dialect().Set(1, part)
		list, err := statesWhere(ctx, tx, "id IN "+set, args...)
		if err != nil {
			return nil, err
		}
		due = append(due, list...)
	}
	book.Load(due...)
	var keys, standing []string
	for _, r := range due {
		keys = append(keys, r.Key)
		for _, s := range r.Steps {
			keys = append(keys, s.Group)
		}
		standing = append(standing, r.Standings()...)
	}
	if err := c.loadKeys(ctx, tx, book, keys); err != nil {
		return nil, err
	}
	known := map[string]rulebook.Standing{}
	if len(standing) > 0 {
		var err error
		if known, err = c.deps.Events().Standing(ctx, tx, standing); err != nil {
			return nil, err
		}
	}
	slices.SortStableFunc(due, func(a, b *rulebook.Record) int { return a.Due.Compare(b.Due) })
	m := rulebook.Machine{Set: c.set.Load(), Book: book, Now: now}
	var out []rulebook.Output
	for _, r := range due {
		if !r.Due.IsZero() && !r.Due.After(now) {
			out = append(out, m.Fire(r, func(key string) rulebook.Standing { return known[key] })...)
		}
	}
	return out, c.saveBook(ctx, tx, book, now)
}
