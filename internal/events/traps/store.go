package traps

import (
	"context"
	"embed"
	"encoding/json"
	"io/fs"

	"mainstay/internal/core"
	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/declare"
	"mainstay/internal/platform/ledger"
	"mainstay/internal/platform/sqldb"
)

//go:embed migrations
var migrations embed.FS

// Migrations returns the tables of the room.
func Migrations() fs.FS { return migrations }

// kindName is what documents of rules are called.
const kindName = "TrapRule"

// Kinds are the documents of this room.
func (c *Component) Kinds() []declare.Kind { return []declare.Kind{c.kind()} }

func (c *Component) kind() declare.Kind {
	kind := declare.Kind{Name: kindName, Summary: "What an SNMP notification means: how severe it is, and which one ends it", Order: 60, Resource: "alerts", Spec: RuleSpec{},
		Apply: c.apply, Delete: c.delete}
	return kind.InTable("traps_rule")
}

func permitAll(ctx context.Context) error {
	if !auth.From(ctx).Scope("alerts:write").All {
		return core.Errorf(core.CodeForbidden, "this needs the permission alerts:write for all teams")
	}
	return nil
}

func (c *Component) apply(ctx context.Context, tx *sqldb.Tx, name string, text json.RawMessage) (bool, error) {
	if _, err := parseRule(name, text); err != nil {
		return false, err
	}
	if err := permitAll(ctx); err != nil {
		return false, err
	}
	old, found, err := c.kind().Get(ctx, tx, name)
	if err != nil || found && declare.Equal(old, text) {
		return false, err
	}
	_, err = tx.Exec(ctx, "INSERT INTO traps_rule (name, spec, updated_at) VALUES ($1, $2, $3) ON CONFLICT (name) DO UPDATE SET spec = excluded.spec, updated_at = excluded.updated_at",
		name, string(text), core.Micros(c.deps.Clock.Now()))
	if err != nil {
		return false, err
	}
	verb := "created"
	if found {
		verb = "changed"
	}
	return true, c.tell(ctx, tx, name, verb, text)
}

func (c *Component) delete(ctx context.Context, tx *sqldb.Tx, name string) (bool, error) {
	if err := permitAll(ctx); err != nil {
		return false, err
	}
	n, err := sqldb.Affected(tx.Exec(ctx, "DELETE FROM traps_rule WHERE name = $1", name))
	if err != nil || n == 0 {
		return false, err
	}
	return true, c.tell(ctx, tx, name, "deleted", json.RawMessage("{}"))
}

// tell appends to the ledger, and has the rules read again once it is true.
func (c *Component) tell(ctx context.Context, tx *sqldb.Tx, name, verb string, spec json.RawMessage) error {
	tx.OnCommit(c.changed)
	actor := ledger.System("events")
	if p := auth.From(ctx); p != nil {
		actor = ledger.Actor{Kind: p.Kind, ID: p.ID, Name: p.Name}
	}
	_, err := c.deps.Ledger.Append(ctx, tx, ledger.Entry{Actor: actor, Module: "events", Type: "events.traprule." + verb,
		Subject: core.Ref{Kind: "traprule", ID: name}, Summary: "The trap rule " + name + " was " + verb, Data: spec})
	return err
}

// load reads the rules. One that this version cannot read is told and left out:
// the others go on.
func (c *Component) load(ctx context.Context) error {
	docs, err := c.kind().List(ctx, c.deps.DB)
	if err != nil {
		return err
	}
	rules := make([]*rule, 0, len(docs))
	for _, d := range docs {
		r, err := parseRule(d.Name, d.Spec)
		if err != nil {
			c.deps.Log.Error("a trap rule cannot be read", "rule", d.Name, "error", err)
			continue
		}
		rules = append(rules, r)
	}
	all := append(rules, standard()...)
	c.rules.Store(&all)
	return nil
}
