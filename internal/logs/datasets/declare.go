package datasets

import (
	"context"
	"encoding/json"
	"slices"

	"mainstay/internal/core"
	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/declare"
	"mainstay/internal/platform/sqldb"
)

const kindName = "Dataset"

// Kinds are the documents of this room.
func (c *Component) Kinds() []declare.Kind {
	kind := declare.Kind{
		Name: kindName, Summary: "Log records that are kept and read apart from others", Order: 55, Resource: "log-datasets", Spec: Spec{},
		Apply: c.apply, Delete: c.remove,
	}
	return []declare.Kind{kind.Stored(func(ctx context.Context, q sqldb.Querier) (out []declare.Named, err error) {
		list, err := c.store.datasets(ctx, q)
		for _, d := range list {
			if !d.Gone {
				out = append(out, declare.Named{Name: d.Name, Spec: d.Spec})
			}
		}
		return out, err
	})}
}

// may refuses who could open a dataset to themselves: who says who may read must
// be one who may read all.
func (c *Component) may(ctx context.Context) error {
	p := auth.From(ctx)
	if !p.Scope("log-datasets:write").All || !p.Scope("logs:admin").All {
		return core.Errorf(core.CodeForbidden, "a dataset says who may read: this needs log-datasets:write and logs:admin everywhere")
	}
	return nil
}

func (c *Component) apply(ctx context.Context, tx *sqldb.Tx, name string, raw json.RawMessage) (bool, error) {
	var spec Spec
	if err := declare.Decode(raw, &spec); err != nil {
		return false, err
	}
	if err := spec.validate(name, c.deps.Keeps); err != nil {
		return false, err
	}
	if err := c.may(ctx); err != nil {
		return false, err
	}
	if spec.Access != nil {
		if err := c.resolve(ctx, spec.Access); err != nil {
			return false, err
		}
	}
	old, err := c.store.named(ctx, tx, name)
	if err != nil {
		return false, err
	}
	text, err := json.Marshal(spec)
	if err != nil {
		return false, err
	}
	verb := "created"
	if old != nil {
		before, err := json.Marshal(old.Spec)
		if err != nil || declare.Equal(before, text) {
			return false, err
		}
		verb = "updated"
	}
	if err := c.store.put(ctx, tx, name, string(text), 0); err != nil {
		return false, err
	}
	c.loadAfter(ctx, tx)
	return true, c.store.note(ctx, tx, "dataset", name, verb, "dataset of logs "+name+" "+verb, spec)
}

// resolve makes ids of the names of teams.
func (c *Component) resolve(ctx context.Context, a *Access) error {
	if len(a.Teams) == 0 {
		return nil
	}
	teams, err := c.deps.Teams.Teams(ctx)
	if err != nil {
		return err
	}
	for i, team := range a.Teams {
		if _, ok := teams[team]; ok {
			continue
		}
		found := ""
		for id, name := range teams {
			if name == team {
				found = id
			}
		}
		if found == "" {
			return core.Invalid("spec.access.teams", "must name teams that there are; there is none called "+team)
		}
		a.Teams[i] = found
	}
	slices.Sort(a.Teams)
	return nil
}

// remove keeps what is needed to keep its records from everybody's eyes.
func (c *Component) remove(ctx context.Context, tx *sqldb.Tx, name string) (bool, error) {
	if err := c.may(ctx); err != nil {
		return false, err
	}
	d, err := c.store.named(ctx, tx, name)
	if err != nil || d == nil {
		return false, err
	}
	if err := c.store.put(ctx, tx, name, "{}", 1); err != nil {
		return false, err
	}
	c.loadAfter(ctx, tx)
	return true, c.store.note(ctx, tx, "dataset", name, "deleted", "dataset of logs "+name+" deleted", struct{}{})
}
