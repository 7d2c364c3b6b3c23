package events

import (
	"context"
	"slices"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/sqldb"
)

// checkMaintenance finds alerts that a maintenance window now holds back, or
// no longer does.
func (c *Component) checkMaintenance(ctx context.Context) error {
	now := c.deps.Clock.Now()
	var differ []string
	for item, alerts := range c.view.suppressions() {
		in, _ := c.suppressor.inMaintenance(ctx, item, now)
		for _, a := range alerts {
			if held := a.by.By == bySnooze || a.by.By == byPerson; !held && in != (a.by.By == "maintenance") {
				differ = append(differ, a.id)
			}
		}
	}
	return c.judgeAgain(ctx, differ)
}

// judgeAgain decides anew what holds back each of the alerts.
func (c *Component) judgeAgain(ctx context.Context, ids []string) error {
	c.judging.Lock() // a verdict must not overtake a later one
	defer c.judging.Unlock()
	slices.Sort(ids)
	for part := range slices.Chunk(ids, 500) {
		now := c.deps.Clock.Now()
		// Asked before the transaction: maintenance is another module's to answer.
		alerts, err := alertsWhere(ctx, c.deps.DB, "id IN ("+sqldb.In(len(part), 1)+")", false, anys(part)...)
		if err != nil {
			return err
		}
		verdict := make(map[string]Suppression, len(alerts))
		for _, a := range alerts {
			verdict[a.ID] = c.suppressor.judge(ctx, a.Item, a.matchable, now)
		}
		_, err = c.alter(ctx, "id IN ("+sqldb.In(len(part), 1)+") ORDER BY id", anys(part), func(a *Alert) (Effect, string) {
			by, known := verdict[a.ID]
			ended := a.Hold.over(now)
			if ended {
				a.Hold = Hold{}
			}
			by = a.heldBy(by, now)
			switch {
			case ended && !a.Active:
				return Updated, ""
			case !a.Active || !known || by == a.Suppressed:
				return Ignored, ""
			}
			before := a.Suppressed
			a.Suppressed = by
			a.stamp(now)
			switch {
			case ended && by.By == "":
				return Woken, "Its snooze is over."
			case ended:
				return Woken, "Its snooze is over; it is held back by " + by.reason() + "."
			case by.By == "":
				return Changed, "No longer suppressed (" + before.reason() + ")."
			}
			return Changed, "Suppressed by " + by.reason() + "."
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// wakeDue ends the snoozes whose time has come.
func (c *Component) wakeDue(ctx context.Context) error {
	for {
		rows, err := c.deps.DB.Query(ctx, "SELECT id FROM events_alert WHERE hold_until > 0 AND hold_until <= $1 ORDER BY hold_until LIMIT $2", core.Micros(c.deps.Clock.Now()), dueMost)
		ids, err := sqldb.Collect(rows, err, func(rows *sqldb.Rows) (id string, err error) { return id, rows.Scan(&id) })
		if err != nil || len(ids) == 0 {
			return err
		}
		if err := c.judgeAgain(ctx, ids); err != nil || len(ids) < dueMost {
			return err
		}
	}
}

// loadSilences reads the silences that have not ended and says whether they changed.
func (c *Component) loadSilences(ctx context.Context) (bool, error) {
	list, err := silencesWhere(ctx, c.deps.DB, "ends_at > $1 ORDER BY id", core.Micros(c.deps.Clock.Now()))
	if err != nil {
		return false, err
	}
	return c.suppressor.setSilences(list), nil
}

// silencesChanged brings the silences in force and judges every active alert.
func (c *Component) silencesChanged(ctx context.Context) error {
	if _, err := c.loadSilences(ctx); err != nil {
		return err
	}
	return c.judgeAll(ctx)
}

// checkSilences notices silences that began or ended, here or in another process.
func (c *Component) checkSilences(ctx context.Context, last, now time.Time) error {
	boundary := c.suppressor.boundary(last, now)
	changed, err := c.loadSilences(ctx)
	if err != nil || !changed && !boundary {
		return err
	}
	return c.judgeAll(ctx)
}

func (c *Component) judgeAll(ctx context.Context) error {
	c.view.mu.RLock()
	ids := make([]string, 0, len(c.view.alerts))
	for id := range c.view.alerts {
		ids = append(ids, id)
	}
	c.view.mu.RUnlock()
	return c.judgeAgain(ctx, ids)
}
