package events

import (
	"context"
	"errors"
	"strings"

	"mainstay/internal/platform/ledger"
	"mainstay/internal/platform/sqldb"
)

// follow reacts to the graph and to maintenance: alerts without an item may
// have one now, alerts of a merged item belong to the one that stays.
func (c *Component) follow(ctx context.Context, entries []ledger.Entry) error {
	var errs error
	graph, windows := false, false
	for _, e := range entries {
		switch {
		case strings.HasPrefix(e.Type, "monitor.maintenance."):
			windows = true
		case e.Type == "graph.item.merged":
			errs = errors.Join(errs, c.rebind(ctx, e))
			graph = true
		default:
			graph = true
		}
	}
	if graph {
		c.resolver.forget()
		c.placer.forget()
	}
	if windows {
		c.suppressor.forgetWindows()
	}
	if graph || windows {
		c.kick()
	}
	return errs
}

// rebind moves the alerts of items that were merged to the one that stays.
func (c *Component) rebind(ctx context.Context, e ledger.Entry) error {
	for _, gone := range e.Related {
		if gone == e.Item || gone == "" || e.Item == "" {
			continue
		}
		_, err := c.alter(ctx, "item = $1 AND latest ORDER BY id", []any{gone}, func(a *Alert) (Effect, string) {
			a.Item, a.Team = e.Item, c.deps.Items.Team(e.Item)
			a.stamp(c.deps.Clock.Now())
			return Changed, "Its item was merged into another one."
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// bindLate looks for the items of alerts that had none when they opened.
func (c *Component) bindLate(ctx context.Context) error {
	after := ""
	for {
		alerts, err := alertsWhere(ctx, c.deps.DB, "active AND item = '' AND identities <> '' AND id > $1 ORDER BY id LIMIT 500", false, after)
		if err != nil || len(alerts) == 0 {
			return err
		}
		found := map[string]string{}
		var ids []string
		for _, a := range alerts {
			if item := c.resolver.find(ctx, a.Identities); item != "" {
				found[a.ID] = item
				ids = append(ids, a.ID)
			}
			after = a.ID
		}
		if len(ids) > 0 {
			_, err = c.alter(ctx, "id IN ("+sqldb.In(len(ids), 1)+") AND item = '' ORDER BY id", anys(ids), c.bound(found))
			if err != nil {
				return err
			}
		}
	}
}

func (c *Component) bound(found map[string]string) func(*Alert) (Effect, string) {
	return func(a *Alert) (Effect, string) {
		a.Item, a.Identities = found[a.ID], nil
		a.stamp(c.deps.Clock.Now())
		a.Team = c.deps.Items.Team(a.Item)
		return Changed, "Its item is known now."
	}
}
