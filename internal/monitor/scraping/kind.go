package scraping

import (
	"bytes"
	"context"
	"encoding/json"

	"mainstay/internal/core"
	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/declare"
	"mainstay/internal/platform/sqldb"
)

// Kinds are the documents of this room.
func (c *Component) Kinds() []declare.Kind {
	kind := declare.Kind{
		Name: "Scrape", Summary: "Targets whose metrics are fetched, in Prometheus' own words", Order: 52, Resource: "checks", Spec: map[string]any{},
		Apply: func(ctx context.Context, tx *sqldb.Tx, name string, raw json.RawMessage) (bool, error) {
			var spec Spec
			if err := json.Unmarshal(raw, &spec); err != nil {
				return false, err
			}
			return c.apply(ctx, tx, name, spec)
		},
		Delete: func(ctx context.Context, tx *sqldb.Tx, name string) (bool, error) {
			old, err := c.store.named(ctx, tx, name)
			if err != nil || old == nil {
				return false, err
			}
			return true, c.store.remove(ctx, tx, old)
		},
	}
	return []declare.Kind{kind.InTable("scraping_scrape")}
}

// Put declares a scrape: a new one, or a change of the one with its name.
func (c *Component) Put(ctx context.Context, name string, spec Spec) (changed bool, err error) {
	err = c.deps.DB.Write(ctx, func(tx *sqldb.Tx) error {
		changed, err = c.apply(ctx, tx, name, spec)
		return err
	})
	return changed, err
}

func (c *Component) apply(ctx context.Context, tx *sqldb.Tx, name string, spec Spec) (bool, error) {
	if err := spec.validate(name, c.cfg); err != nil {
		return false, err
	}
	if err := allowed(ctx, spec.Team); err != nil {
		return false, err
	}
	old, err := c.store.named(ctx, tx, name)
	if err != nil {
		return false, err
	}
	if old == nil {
		return true, c.store.save(ctx, tx, &Scrape{ID: c.deps.IDs.New(), Name: name, Spec: spec})
	}
	if err := allowed(ctx, old.Spec.Team); err != nil {
		return false, err
	}
	before, errOld := json.Marshal(old.Spec)
	after, errNew := json.Marshal(spec)
	if errOld == nil && errNew == nil && bytes.Equal(before, after) {
		return false, nil
	}
	old.Spec = spec
	return true, c.store.save(ctx, tx, old)
}

func allowed(ctx context.Context, team string) error {
	if auth.From(ctx).Scope("checks:write").Allows(team) {
		return nil
	}
	return core.Errorf(core.CodeForbidden, "this scrape belongs to another team")
}
