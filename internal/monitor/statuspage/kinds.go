package statuspage

import (
	"context"
	"encoding/json"

	"mainstay/internal/core"
	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/declare"
	"mainstay/internal/platform/sqldb"
)

// Kinds are the documents of this room.
func (c *Component) Kinds() []declare.Kind {
	kind := declare.Kind{Name: "StatusPage", Summary: "What people outside are told about how things are", Order: 80, Resource: "statuspages", Spec: Spec{}, Apply: c.apply, Delete: c.remove}
	return []declare.Kind{kind.Stored(func(ctx context.Context, q sqldb.Querier) (out []declare.Named, err error) {
		list, err := c.pages(ctx, q, "1 = 1")
		for _, p := range list {
			out = append(out, declare.Named{Name: p.Name, Spec: p.Spec})
		}
		return out, err
	})}
}

func (c *Component) apply(ctx context.Context, tx *sqldb.Tx, name string, raw json.RawMessage) (bool, error) {
	spec, err := ParseSpec(raw)
	if err != nil {
		return false, err
	}
	for _, g := range spec.Groups {
		for _, p := range g.Components {
			if p.Selector == "" {
				continue
			}
			if _, err := c.deps.Items.Select(ctx, p.Selector); core.CodeOf(err) == core.CodeInvalid {
				return false, core.Invalid("spec.groups", p.Name+": "+err.Error())
			}
		}
	}
	old, err := c.pages(ctx, tx, "name = $1 OR slug = $2", name, spec.Slug)
	if err != nil {
		return false, err
	}
	teams, verb := []string{spec.Team}, "created"
	for _, p := range old {
		if p.Name != name {
			return false, core.Invalid("spec.slug", "is that of the page "+p.Name)
		}
		before, err := json.Marshal(p.Spec)
		if err != nil {
			return false, err
		}
		after, err := json.Marshal(spec)
		if err != nil {
			return false, err
		}
		if string(before) == string(after) {
			return false, nil
		}
		teams, verb = append(teams, p.Spec.Team), "changed"
	}
	for _, team := range teams {
		if p := auth.From(ctx); p != nil && !p.Scope("statuspages:write").Allows(team) {
			return false, core.Errorf(core.CodeForbidden, "this needs the permission statuspages:write for the team of the page")
		}
	}
	text, err := json.Marshal(spec)
	if err != nil {
		return false, err
	}
	if _, err := tx.Exec(ctx, `INSERT INTO statuspage_page (name, slug, team, spec, version, updated_at) VALUES ($1,$2,$3,$4,1,$5)
		ON CONFLICT (name) DO UPDATE SET slug = excluded.slug, team = excluded.team, spec = excluded.spec, version = statuspage_page.version + 1, updated_at = excluded.updated_at`,
		name, spec.Slug, spec.Team, string(text), core.Micros(c.deps.Clock.Now())); err != nil {
		return false, err
	}
	tx.OnCommit(c.poke)
	return true, c.tell(ctx, tx, verb, core.Ref{Kind: "status-page", ID: name}, spec.Team, "status page "+name+" "+verb, spec)
}

func (c *Component) remove(ctx context.Context, tx *sqldb.Tx, name string) (bool, error) {
	list, err := c.pages(ctx, tx, "name = $1", name)
	if err != nil || len(list) == 0 {
		return false, err
	}
	for _, gone := range []string{"statuspage_update WHERE incident IN (SELECT id FROM statuspage_incident WHERE page = $1)", "statuspage_incident WHERE page = $1",
		"statuspage_subscriber WHERE page = $1", "statuspage_page WHERE name = $1"} {
		if _, err := tx.Exec(ctx, "DELETE FROM "+gone, name); err != nil {
			return false, err
		}
	}
	tx.OnCommit(c.poke)
	return true, c.tell(ctx, tx, "deleted", core.Ref{Kind: "status-page", ID: name}, list[0].Spec.Team, "status page "+name+" deleted", nil)
}
