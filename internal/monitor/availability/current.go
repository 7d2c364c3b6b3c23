package availability

import (
	"context"
	"time"

	"mainstay/internal/monitor/availability/figures"
)

// States returns what items are now; those of which nothing is known are left
// out. With what they need, when they are tracked.
func (c *Component) States(ctx context.Context, items []string) (map[string]figures.State, error) {
	own, err := openIntervals(ctx, c.deps.DB, false)
	if err != nil {
		return nil, err
	}
	whole, err := openIntervals(ctx, c.deps.DB, true)
	if err != nil {
		return nil, err
	}
	out := make(map[string]figures.State, len(items))
	v := newView(c.deps.Graph, own)
	for _, item := range items {
		state := whole[item].state
		if state == figures.None {
			state = v.of(item).state
		}
		if state != figures.None {
			out[item] = state
		}
	}
	return out, nil
}

// Days returns what an item was on each day of a period, in all hours, without
// its maintenance.
func (c *Component) Days(ctx context.Context, item string, zone *time.Location, from, to time.Time) ([]figures.Day, error) {
	r, err := c.read(ctx, item, from, to)
	if err != nil {
		return nil, err
	}
	return figures.Days(figures.Period{From: from, To: to, Now: c.deps.Clock.Now()}, zone, r.intervals, r.maintenance, figures.Terms{}), nil
}
