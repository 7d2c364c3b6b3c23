package desk

import (
	"context"
	"fmt"

	"mainstay/internal/core"
	"mainstay/internal/platform/sqldb"
)

// dueBatch is how many incidents one scan looks at per kind; the rest is a scan later.
const dueBatch = 500

// scan looks for what is due until ctx ends. Every replica does; the version of
// an incident lets one of them win.
func (c *Component) scan(ctx context.Context) {
	for {
		c.Due(ctx)
		timer := c.deps.Clock.NewTimer(c.cfg.ScanEvery)
		select {
		case <-timer.C():
		case <-ctx.Done():
			timer.Stop()
			return
		}
	}
}

// Due fires clocks that are due and closes incidents that were resolved long
// enough ago. One that fails is logged, and tried again at the next scan.
func (c *Component) Due(ctx context.Context) {
	now := c.deps.Clock.Now()
	late, err := c.store.due(ctx, c.deps.DB, now, dueBatch)
	c.forEach(ctx, late, err, func(ch *change) error { return ch.fireClocks() })
	if c.cfg.CloseAfter == 0 {
		return
	}
	old, err := c.store.resolvedBefore(ctx, c.deps.DB, now.Add(-c.cfg.CloseAfter), dueBatch)
	c.forEach(ctx, old, err, func(ch *change) error {
		if ch.inc.State != Resolved {
			return nil
		}
		if err := ch.act(Close, ""); err != nil {
			return err
		}
		ch.note(Note{Kind: "state", Summary: fmt.Sprintf("Closed: resolved for %s", c.cfg.CloseAfter), Public: true})
		ch.announce("closed", "closed after "+c.cfg.CloseAfter.String())
		return nil
	})
}

// forEach changes each incident in a transaction of its own.
func (c *Component) forEach(ctx context.Context, ids []string, err error, fn func(ch *change) error) {
	if err != nil && ctx.Err() == nil {
		c.deps.Log.Error("desk cannot look for what is due", "error", err)
	}
	for _, id := range ids {
		err := c.deps.DB.Write(ctx, func(tx *sqldb.Tx) error {
			ch, err := c.begin(ctx, tx, id, automatic(""))
			if err != nil {
				return err
			}
			if err := fn(ch); err != nil || len(ch.notes) == 0 {
				return err
			}
			return ch.finish(ctx)
		})
		if err != nil && ctx.Err() == nil && core.CodeOf(err) != core.CodeStale {
			c.deps.Log.Error("desk cannot do what is due", "incident", id, "error", err)
		}
	}
}

// fireClocks says which clocks warn or are breached.
func (ch *change) fireClocks() error {
	for i := range ch.inc.Clocks {
		clock := &ch.inc.Clocks[i]
		switch clock.fire(ch.now) {
		case "warned":
			ch.note(Note{Kind: "clock", Summary: fmt.Sprintf("The %s time of %s runs out", clock.Kind, clock.Target)})
			ch.announce("warned", fmt.Sprintf("%s time of %s runs out: %s", clock.Kind, clock.Target, ch.inc.Title))
		case "breached":
			ch.note(Note{Kind: "clock", Summary: fmt.Sprintf("The %s time of %s is over", clock.Kind, clock.Target)})
			ch.announce("breached", fmt.Sprintf("%s time of %s is over: %s", clock.Kind, clock.Target, ch.inc.Title))
		}
	}
	return nil
}
