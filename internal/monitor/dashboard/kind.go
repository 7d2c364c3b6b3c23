package dashboard

import (
	"context"
	"encoding/json"

	"mainstay/internal/platform/declare"
	"mainstay/internal/platform/sqldb"
)

// Kinds are the documents of dashboards.
func (c *Component) Kinds() []declare.Kind {
	kind := declare.Kind{
		Name: "Dashboard", Summary: "Panels of measurements on a grid", Order: 80, Resource: "dashboards", Spec: Spec{},
		Apply: func(ctx context.Context, tx *sqldb.Tx, name string, raw json.RawMessage) (bool, error) {
			var spec Spec
			if err := declare.Decode(raw, &spec); err != nil {
				return false, err
			}
			old, err := c.store.named(ctx, tx, name)
			if err != nil {
				return false, err
			}
			teams := []string{spec.Team}
			if old != nil {
				teams = append(teams, old.Spec.Team)
			}
			for _, team := range teams {
				if err := allowed(ctx, "dashboards:write", team, name); err != nil {
					return false, err
				}
			}
			_, changed, err := c.apply(ctx, tx, name, spec, "")
			return changed, err
		},
		Delete: func(ctx context.Context, tx *sqldb.Tx, name string) (bool, error) {
			d, err := c.store.named(ctx, tx, name)
			if err != nil || d == nil {
				return false, err
			}
			if err := allowed(ctx, "dashboards:write", d.Spec.Team, name); err != nil {
				return false, err
			}
			return true, c.store.remove(ctx, tx, d)
		},
	}
	return []declare.Kind{kind.InTable("dashboard")}
}
