package health

import (
	"context"
	"encoding/json"
	"errors"

	"mainstay/internal/core"
	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/declare"
	"mainstay/internal/platform/ledger"
	"mainstay/internal/platform/sqldb"
)

const kindRule = "ServiceHealth"

// Kinds are the documents of this room.
func (c *Component) Kinds() []declare.Kind {
	return []declare.Kind{{
		Name: kindRule, Summary: "How the state of services follows from what they need", Order: 70, Resource: "alerts", Spec: Spec{},
		Apply: c.applyRule, Get: getRule, List: c.documents, Delete: c.deleteRule,
	}}
}

func (c *Component) applyRule(ctx context.Context, tx *sqldb.Tx, name string, raw json.RawMessage) (bool, error) {
	if name == "" || len(name) > 200 {
		return false, core.Invalid("name", "must have 1 to 200 bytes")
	}
	spec, err := ParseSpec(name, raw)
	if err != nil {
		return false, err
	}
	if spec.Selector != "" {
		if _, err := c.deps.Graph.Select(ctx, spec.Selector); core.CodeOf(err) == core.CodeInvalid {
			return false, core.Invalid("spec.selector", "does not select: "+err.Error())
		}
	}
	old, found, err := getRule(ctx, tx, name)
	if err != nil {
		return false, err
	}
	if err := mayWrite(ctx, name, spec.Team, old); err != nil {
		return false, err
	}
	if found && declare.Equal(old, raw) {
		return false, nil
	}
	_, err = tx.Exec(ctx, "INSERT INTO servicehealth_rule (name, team, spec, updated_at) VALUES ($1,$2,$3,$4) ON CONFLICT (name) DO UPDATE SET team = excluded.team, spec = excluded.spec, updated_at = excluded.updated_at",
		name, spec.Team, string(raw), core.Micros(c.deps.Clock.Now()))
	if err != nil {
		return false, err
	}
	verb := "created"
	if found {
		verb = "changed"
	}
	return true, c.tellRule(ctx, tx, name, spec.Team, verb, raw)
}

// mayWrite refuses a caller of other teams, before and after. The default
// reaches the services of all.
func mayWrite(ctx context.Context, name, team string, old json.RawMessage) error {
	p := auth.From(ctx)
	if p == nil {
		return nil
	}
	scope := p.Scope("alerts:write")
	if name == DefaultRule && !scope.All {
		return core.Errorf(core.CodeForbidden, "this needs the permission alerts:write for all teams")
	}
	var former Spec
	if len(old) > 0 {
		if err := json.Unmarshal(old, &former); err != nil {
			return err
		}
	}
	if !scope.Allows(team) || !scope.Allows(former.Team) {
		return core.Errorf(core.CodeForbidden, "this needs the permission alerts:write for the team of the document")
	}
	return nil
}

func (c *Component) deleteRule(ctx context.Context, tx *sqldb.Tx, name string) (bool, error) {
	old, found, err := getRule(ctx, tx, name)
	if err != nil || !found {
		return false, err
	}
	if err := mayWrite(ctx, name, "", old); err != nil {
		return false, err
	}
	if _, err := tx.Exec(ctx, "DELETE FROM servicehealth_rule WHERE name = $1", name); err != nil {
		return false, err
	}
	return true, c.tellRule(ctx, tx, name, "", "deleted", json.RawMessage("{}"))
}

func (c *Component) tellRule(ctx context.Context, tx *sqldb.Tx, name, team, verb string, spec json.RawMessage) error {
	tx.OnCommit(c.rulesChanged)
	actor := ledger.System("events")
	if p := auth.From(ctx); p != nil {
		actor = ledger.Actor{Kind: p.Kind, ID: p.ID, Name: p.Name}
	}
	_, err := c.deps.Ledger.Append(ctx, tx, ledger.Entry{Actor: actor, Module: "events", Type: "events.healthrule." + verb,
		Subject: core.Ref{Kind: "service-health-rule", ID: name}, Team: team, Summary: "The service health rule " + name + " was " + verb, Data: spec})
	return err
}

func getRule(ctx context.Context, q sqldb.Querier, name string) (json.RawMessage, bool, error) {
	var spec string
	err := q.QueryRow(ctx, "SELECT spec FROM servicehealth_rule WHERE name = $1", name).Scan(&spec)
	if errors.Is(err, sqldb.ErrNoRows) {
		return nil, false, nil
	}
	return json.RawMessage(spec), err == nil, err
}

func (c *Component) documents(ctx context.Context, q sqldb.Querier) ([]declare.Document, error) {
	rows, err := q.Query(ctx, "SELECT name, spec FROM servicehealth_rule ORDER BY name")
	return sqldb.Collect(rows, err, func(r *sqldb.Rows) (declare.Document, error) {
		d := declare.Document{Kind: kindRule}
		var spec string
		err := r.Scan(&d.Name, &spec)
		d.Spec = json.RawMessage(spec)
		return d, err
	})
}
