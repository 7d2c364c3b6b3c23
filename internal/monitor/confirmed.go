package monitor

import (
	"context"
	"maps"
	"slices"
	"time"
)

// Confirmed is the hard status of a check on one item.
type Confirmed struct {
	Target string
	Item   string
	Status Status
	Since  time.Time
}

// Confirmed lists the hard statuses of all checks on items.
func (c *Component) Confirmed(ctx context.Context) ([]Confirmed, error) {
	targets, err := c.store.targetRows(ctx, c.deps.DB, "item <> ''")
	if err != nil {
		return nil, err
	}
	out := make([]Confirmed, 0, len(targets))
	for _, t := range targets {
		if t.State.Confirmed != "" && t.State.Confirmed != Pending {
			out = append(out, Confirmed{t.ID, t.Item, t.State.Confirmed, t.State.Since})
		}
	}
	return out, nil
}

// WindowItems returns all items that a maintenance window covers now, or that
// it covers everything.
func (c *Component) WindowItems(ctx context.Context, id string) (items []string, all bool, err error) {
	w, err := c.store.windowBy(ctx, c.deps.DB, id)
	if err != nil || w.Spec.All {
		return nil, err == nil, err
	}
	found, err := c.windows.ask(ctx, &w.Spec)
	if err != nil {
		return nil, false, err
	}
	for _, item := range w.Spec.Items {
		found[item] = true
	}
	return slices.Sorted(maps.Keys(found)), false, nil
}
