package pipeline

import (
	"context"
	"embed"
	"encoding/json"
	"errors"
	"io/fs"

	"mainstay/internal/core"
	"mainstay/internal/events/pipeline/rulebook"
	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/declare"
	"mainstay/internal/platform/ledger"
	"mainstay/internal/platform/sqldb"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Migrations are the tables; migrate them under the name "eventpipeline".
func Migrations() fs.FS { return migrations }

const (
	rulesKind = "EventRules"
	tableKind = "LookupTable"
)

// Kinds are the documents of this room.
func (c *Component) Kinds() []declare.Kind {
	return []declare.Kind{
		c.kind(tableKind, "Rows that event rules look up by a key", 58, rulebook.TableSpec{}, func(text json.RawMessage) error { _, err := rulebook.ParseTable(text); return err }),
		c.kind(rulesKind, "What becomes of events on their way to alerts", 59, rulebook.Spec{}, func(text json.RawMessage) error { _, err := rulebook.Parse(text); return err }),
	}
}

func (c *Component) kind(kind, summary string, order int, spec any, check func(json.RawMessage) error) declare.Kind {
	return declare.Kind{
		Name: kind, Summary: summary, Order: order, Resource: "alerts", Spec: spec,
		Apply: func(ctx context.Context, tx *sqldb.Tx, name string, text json.RawMessage) (bool, error) {
			if err := errors.Join(check(text), permitAll(ctx)); err != nil {
				return false, err
			}
			return c.apply(ctx, tx, kind, name, text)
		},
		Get: func(ctx context.Context, q sqldb.Querier, name string) (json.RawMessage, bool, error) {
			return get(ctx, q, kind, name)
		},
		List: func(ctx context.Context, q sqldb.Querier) ([]declare.Document, error) {
			return list(ctx, q, kind)
		},
		Delete: func(ctx context.Context, tx *sqldb.Tx, name string) (bool, error) {
			if err := permitAll(ctx); err != nil {
				return false, err
			}
			return c.remove(ctx, tx, kind, name)
		},
	}
}

// permitAll refuses a caller of some teams: event rules reach the events of all.
func permitAll(ctx context.Context) error {
	if !auth.From(ctx).Scope("alerts:write").All {
		return core.Errorf(core.CodeForbidden, "this needs the permission alerts:write for all teams")
	}
	return nil
}

func (c *Component) apply(ctx context.Context, tx *sqldb.Tx, kind, name string, text json.RawMessage) (bool, error) {
	old, found, err := get(ctx, tx, kind, name)
	if err != nil || found && declare.Equal(old, text) {
		return false, err
	}
	_, err = tx.Exec(ctx, `INSERT INTO eventpipeline_document (kind, name, spec, updated_at) VALUES ($1, $2, $3, $4)
		ON CONFLICT (kind, name) DO UPDATE SET spec = excluded.spec, updated_at = excluded.updated_at`, kind, name, string(text), core.Micros(c.deps.Clock.Now()))
	if err != nil {
		return false, err
	}
	return true, c.changed(ctx, tx, kind, name, "changed")
}

func (c *Component) remove(ctx context.Context, tx *sqldb.Tx, kind, name string) (bool, error) {
	n, err := sqldb.Affected(tx.Exec(ctx, "DELETE FROM eventpipeline_document WHERE kind = $1 AND name = $2", kind, name))
	if err != nil || n == 0 {
		return false, err
	}
	return true, c.changed(ctx, tx, kind, name, "deleted")
}

// changed makes every process take the documents as they are now, and tells of it.
func (c *Component) changed(ctx context.Context, tx *sqldb.Tx, kind, name, verb string) error {
	if _, err := tx.Exec(ctx, "UPDATE eventpipeline_version SET version = $1 WHERE id = 1", c.deps.IDs.New()); err != nil {
		return err
	}
	tx.OnCommit(func() { c.changes.Add(1) })
	subject, what := "event-rules", "The event rules "
	if kind == tableKind {
		subject, what = "lookup-table", "The lookup table "
	}
	actor := ledger.System("events")
	if p := auth.From(ctx); p != nil {
		actor = ledger.Actor{Kind: p.Kind, ID: p.ID, Name: p.Name}
	}
	were := " were "
	if kind == tableKind {
		were = " was "
	}
	_, err := c.deps.Ledger.Append(ctx, tx, ledger.Entry{Actor: actor, Module: "events", Type: "events." + subject + "." + verb,
		Subject: core.Ref{Kind: subject, ID: name}, Summary: what + name + were + verb})
	return err
}

func get(ctx context.Context, q sqldb.Querier, kind, name string) (json.RawMessage, bool, error) {
	var text string
	err := q.QueryRow(ctx, "SELECT spec FROM eventpipeline_document WHERE kind = $1 AND name = $2", kind, name).Scan(&text)
	if errors.Is(err, sqldb.ErrNoRows) {
		return nil, false, nil
	}
	return json.RawMessage(text), err == nil, err
}

func list(ctx context.Context, q sqldb.Querier, kind string) ([]declare.Document, error) {
	rows, err := q.Query(ctx, "SELECT name, spec FROM eventpipeline_document WHERE kind = $1 ORDER BY name", kind)
	return sqldb.Collect(rows, err, func(r *sqldb.Rows) (declare.Document, error) {
		d := declare.Document{Kind: kind}
		var text string
		err := r.Scan(&d.Name, &text)
		d.Spec = json.RawMessage(text)
		return d, err
	})
}

func (c *Component) storedVersion(ctx context.Context) (version string, err error) {
	err = c.deps.DB.QueryRow(ctx, "SELECT version FROM eventpipeline_version WHERE id = 1").Scan(&version)
	return version, err
}

// documents reads what the set is made of.
func (c *Component) documents(ctx context.Context) ([]rulebook.Document, map[string]rulebook.Table, error) {
	stored, err := list(ctx, c.deps.DB, rulesKind)
	if err != nil {
		return nil, nil, err
	}
	docs := make([]rulebook.Document, len(stored))
	for i, d := range stored {
		docs[i].Name = d.Name
		if err := json.Unmarshal(d.Spec, &docs[i].Spec); err != nil {
			return nil, nil, err
		}
	}
	if stored, err = list(ctx, c.deps.DB, tableKind); err != nil {
		return nil, nil, err
	}
	tables := map[string]rulebook.Table{}
	for _, d := range stored {
		var spec rulebook.TableSpec
		if err := json.Unmarshal(d.Spec, &spec); err != nil {
			return nil, nil, err
		}
		if tables[d.Name], err = spec.Table(); err != nil {
			return nil, nil, err
		}
	}
	return docs, tables, nil
}
