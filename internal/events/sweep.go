package events

import (
	"context"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/sqldb"
)

const (
	sweepEvery   = time.Second
	suppressEach = 10 // sweeps between two looks at maintenance
	keepEach     = 30 // sweeps between two times that what was learned is stored
	dueMost      = 1000
)

// sweep does what time alone brings: expiry, the end of flapping, maintenance
// that begins or ends, situations that close.
func (c *Component) sweep(ctx context.Context) {
	timer := c.deps.Clock.NewTimer(sweepEvery)
	defer timer.Stop()
	last := c.deps.Clock.Now()
	for round := 1; ; round++ {
		suppress := round%suppressEach == 0
		select {
		case <-ctx.Done():
			return
		case <-c.kicked:
			suppress = true
		case <-timer.C():
			timer.Reset(sweepEvery)
		}
		now := c.deps.Clock.Now()
		c.attempt(ctx, "repeated events", c.applyRepeats)
		c.attempt(ctx, "alerts that fell due", c.passTime)
		c.attempt(ctx, "snoozes that are over", c.wakeDue)
		c.attempt(ctx, "other processes' alerts", c.catchUp)
		c.attempt(ctx, "rules of routing and inhibition", c.followRules)
		c.attempt(ctx, "inhibition", func(ctx context.Context) error { return c.judgeAgain(ctx, c.checkInhibition(now)) })
		c.attempt(ctx, "silences", func(ctx context.Context) error { return c.checkSilences(ctx, last, now) })
		if suppress {
			c.attempt(ctx, "maintenance", c.checkMaintenance)
			c.attempt(ctx, "alerts without an item", c.bindLate)
			c.attempt(ctx, "places of items", func(ctx context.Context) error { return c.placer.refresh(ctx, c.view.items()) })
		}
		c.attempt(ctx, "situations that fell due", c.correlator.tick)
		c.attempt(ctx, "priorities of situations", c.rateAll)
		if round%keepEach == 0 {
			c.attempt(ctx, "what was learned", c.correlator.keep)
		}
		last = now
	}
}

func (c *Component) attempt(ctx context.Context, what string, do func(context.Context) error) {
	if err := do(ctx); err != nil && ctx.Err() == nil {
		c.deps.Log.Warn("events: the regular work failed; trying again", "work", what, "error", err)
	}
}

// passTime lets time act on the alerts that fell due.
func (c *Component) passTime(ctx context.Context) error {
	now := c.deps.Clock.Now()
	for {
		var due int64
		if err := c.deps.DB.QueryRow(ctx, "SELECT COUNT(*) FROM (SELECT 1 FROM events_alert WHERE due_at > 0 AND due_at <= $1 LIMIT 1) AS due", core.Micros(now)).Scan(&due); err != nil || due == 0 {
			return err
		}
		n, err := c.alter(ctx, "due_at > 0 AND due_at <= $1 ORDER BY id LIMIT 1000", []any{core.Micros(now)}, func(a *Alert) (Effect, string) {
			effect, why := c.policy.Pass(a, now)
			if effect == Ignored {
				return Updated, "" // due_at is brought up to date
			}
			return effect, why
		})
		if err != nil || n < dueMost {
			return err
		}
	}
}

// alter locks alerts, lets change act on each, and writes and tells what it
// did. It returns how many it looked at.
func (c *Component) alter(ctx context.Context, where string, args []any, change func(*Alert) (Effect, string)) (int, error) {
	var changed []*Alert
	looked := 0
	err := c.deps.DB.Write(ctx, func(tx *sqldb.Tx) error {
		changed = nil
		alerts, err := alertsWhere(ctx, tx, where, true, args...)
		if err != nil {
			return err
		}
		looked = len(alerts)
		for _, a := range alerts {
			effect, why := change(a)
			if effect == Ignored {
				continue
			}
			changed = append(changed, a)
			if effect == Updated || effect == Counted {
				continue
			}
			if err := c.tell(ctx, tx, a, telling{effect: effect, why: why}); err != nil {
				return err
			}
		}
		return c.updateAlerts(ctx, tx, changed)
	})
	if err == nil {
		c.seen(changed)
	}
	return looked, err
}
