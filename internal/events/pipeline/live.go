package pipeline

import (
	"context"
	"time"

	"mainstay/internal/events/pipeline/rulebook"
	"mainstay/internal/platform/sqldb"
)

// Shape lets the rules act on an event; false when there are none.
func (c *Component) Shape(ctx context.Context, e rulebook.Event, now time.Time) (rulebook.Verdict, bool) {
	set := c.current(ctx)
	if len(set.Rules()) == 0 {
		return rulebook.Verdict{}, false
	}
	return set.Shape(ctx, e, now), true
}

// Remembers says whether Settle has to see events.
func (c *Component) Remembers() bool {
	return c.set.Load().Remembers() || c.remembered.Load() > 0
}

// Refused counts what a rule made that cannot be.
func (c *Component) Refused(v rulebook.Verdict, why error) {
	for _, r := range v.Matched {
		r.Counts.Fail(why)
	}
}

// Settle lets rules that remember act on events, in the transaction that stores
// them. For each event what leaves comes back, the event itself first.
func (c *Component) Settle(ctx context.Context, tx *sqldb.Tx, now time.Time, list []rulebook.Passing) ([][]rulebook.Output, error) {
	book := c.book()
	var keys []string
	for _, p := range list {
		keys = append(keys, p.Verdict.Keys(p.Original)...)
	}
	if err := c.loadKeys(ctx, tx, book, keys); err != nil {
		return nil, err
	}
	// A clear may be for a key that rules gave its problem: what is remembered is of that.
	var targets []string
	for _, p := range list {
		if target := book.Target(p.Original); target != "" {
			targets = append(targets, target)
		}
	}
	if err := c.loadKeys(ctx, tx, book, targets); err != nil {
		return nil, err
	}
	m := rulebook.Machine{Set: c.set.Load(), Book: book, Now: now}
	out := make([][]rulebook.Output, len(list))
	for i, p := range list {
		out[i] = m.Take(p.Verdict, p.Original)
	}
	return out, c.saveBook(ctx, tx, book, now)
}
