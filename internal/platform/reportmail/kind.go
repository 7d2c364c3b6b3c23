package reportmail

import (
	"context"
	"encoding/json"

	"mainstay/internal/core"
	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/declare"
	"mainstay/internal/platform/ledger"
	"mainstay/internal/platform/sqldb"
)

const kindName = "ReportMail"

// Kinds are the documents of this room.
func (c *Component) Kinds() []declare.Kind {
	kind := declare.Kind{Name: kindName, Summary: "Reports that are sent by mail each week or month", Order: 90, Resource: "report-mails", Spec: Spec{}, Apply: c.apply, Delete: c.remove}
	return []declare.Kind{kind.Stored(func(ctx context.Context, q sqldb.Querier) (out []declare.Named, err error) {
		list, err := c.entries(ctx, q)
		for _, e := range list {
			out = append(out, declare.Named{Name: e.name, Spec: e.spec})
		}
		return out, err
	})}
}

// may refuses who does not read all that the report is about.
func (c *Component) may(ctx context.Context, report string) error {
	p := auth.From(ctx)
	if !p.Scope("report-mails:write").All || !p.Scope(c.deps.Sources[report].Needs).All {
		return core.Errorf(core.CodeForbidden, "a report is about every team: this needs report-mails:write and %s everywhere", c.deps.Sources[report].Needs)
	}
	return nil
}

func (c *Component) apply(ctx context.Context, tx *sqldb.Tx, name string, raw json.RawMessage) (bool, error) {
	var spec Spec
	if err := declare.Decode(raw, &spec); err != nil {
		return false, err
	}
	if err := spec.validate(c.deps.Sources); err != nil {
		return false, err
	}
	if err := c.may(ctx, spec.Report); err != nil {
		return false, err
	}
	old, err := c.named(ctx, tx, name)
	if err != nil {
		return false, err
	}
	text, err := json.Marshal(spec)
	if err != nil {
		return false, err
	}
	due := core.Micros(spec.next(c.deps.Clock.Now()))
	if old == nil {
		e := &entry{id: c.deps.IDs.New(), name: name, spec: spec}
		if _, err := tx.Exec(ctx, "INSERT INTO reportmail_mail (id, name, spec, due_at, sent_at, problem) VALUES ($1,$2,$3,$4,0,'')", e.id, name, string(text), due); err != nil {
			return false, err
		}
		return true, c.record(ctx, tx, e, "created", text)
	}
	before, err := json.Marshal(old.spec)
	if err != nil || declare.Equal(before, text) {
		return false, err
	}
	if _, err := tx.Exec(ctx, "UPDATE reportmail_mail SET spec = $2, due_at = $3, problem = '' WHERE id = $1", old.id, string(text), due); err != nil {
		return false, err
	}
	return true, c.record(ctx, tx, old, "updated", text)
}

func (c *Component) remove(ctx context.Context, tx *sqldb.Tx, name string) (bool, error) {
	e, err := c.named(ctx, tx, name)
	if err != nil || e == nil {
		return false, err
	}
	if err := c.may(ctx, e.spec.Report); err != nil {
		return false, err
	}
	if _, err := tx.Exec(ctx, "DELETE FROM reportmail_mail WHERE id = $1", e.id); err != nil {
		return false, err
	}
	return true, c.record(ctx, tx, e, "deleted", nil)
}

func (c *Component) record(ctx context.Context, tx *sqldb.Tx, e *entry, verb string, spec []byte) error {
	tx.OnCommit(c.changed)
	actor := ledger.System(room)
	if p := auth.From(ctx); p != nil {
		actor = ledger.Actor{Kind: p.Kind, ID: p.ID, Name: p.Name}
	}
	_, err := c.deps.Ledger.Append(ctx, tx, ledger.Entry{Actor: actor, Module: room, Type: room + ".mail." + verb,
		Subject: core.Ref{Kind: "report-mail", ID: e.id}, Summary: "mail of reports " + e.name + " " + verb, Data: spec})
	return err
}
