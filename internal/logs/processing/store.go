package processing

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

//go:embed migrations/*.sql
var migrations embed.FS

// Migrations are the tables; migrate them under the name "logprocessing".
func Migrations() fs.FS { return migrations }

const kindName = "LogProcessing"

type store struct {
	db     *sqldb.DB
	ledger *ledger.Ledger
	clock  core.Clock
}

type storedRule struct {
	name string
	spec Spec
}

func (s *store) rules(ctx context.Context, q sqldb.Querier) ([]storedRule, error) {
	rows, err := q.Query(ctx, "SELECT name, spec FROM logs_processing ORDER BY name")
	return sqldb.Collect(rows, err, func(r *sqldb.Rows) (storedRule, error) {
		var x storedRule
		var spec string
		if err := r.Scan(&x.name, &spec); err != nil {
			return x, err
		}
		return x, json.Unmarshal([]byte(spec), &x.spec)
	})
}

func (s *store) named(ctx context.Context, q sqldb.Querier, name string) (*Spec, error) {
	list, err := s.rules(ctx, q)
	for _, r := range list {
		if r.name == name {
			return &r.spec, nil
		}
	}
	return nil, err
}

func (c *Component) note(ctx context.Context, tx *sqldb.Tx, name, verb string, spec *Spec) error {
	tx.OnCommit(func() {
		if err := c.load(context.WithoutCancel(ctx)); err != nil {
			c.deps.Log.Warn("rules of log processing cannot be read; those that are known stay", "error", err)
		}
	})
	actor := ledger.System("logs")
	if p := auth.From(ctx); p != nil {
		actor = ledger.Actor{Kind: p.Kind, ID: p.ID, Name: p.Name}
	}
	data, err := json.Marshal(spec)
	if err != nil {
		return err
	}
	_, err = c.deps.Ledger.Append(ctx, tx, ledger.Entry{Actor: actor, Module: "logs", Type: "logs.processing." + verb,
		Subject: core.Ref{Kind: "log-processing", ID: name}, Summary: "log processing " + name + " " + verb, Data: data})
	return err
}

// Kinds are the documents of this room.
func (c *Component) Kinds() []declare.Kind {
	kind := declare.Kind{
		Name: kindName, Summary: "What is done to log records before they are stored: fields, datasets, masking", Order: 56, Resource: "log-processing", Spec: Spec{},
		Apply: c.apply, Delete: c.remove,
	}
	return []declare.Kind{kind.Stored(func(ctx context.Context, q sqldb.Querier) (out []declare.Named, err error) {
		list, err := c.store.rules(ctx, q)
		for _, r := range list {
			out = append(out, declare.Named{Name: r.name, Spec: r.spec})
		}
		return out, err
	})}
}

// may refuses who has the permission for one team alone: a rule sees all records.
func may(ctx context.Context) error {
	if !auth.From(ctx).Scope("log-processing:write").All {
		return core.Errorf(core.CodeForbidden, "rules of log processing are for the records of all: this needs log-processing:write everywhere")
	}
	return nil
}

func (c *Component) apply(ctx context.Context, tx *sqldb.Tx, name string, raw json.RawMessage) (bool, error) {
	var spec Spec
	if err := declare.Decode(raw, &spec); err != nil {
		return false, err
	}
	if _, err := compile(name, spec, &compiler{language: c.language, known: c.deps.Datasets.Known}); err != nil {
		return false, err
	}
	if err := may(ctx); err != nil {
		return false, err
	}
	// Who weakens masking decides what is kept of people's secrets.
	if name == LastMasking && !auth.From(ctx).Scope("log-processing:admin").All {
		return false, core.Errorf(core.CodeForbidden, "changing the default masking needs log-processing:admin everywhere")
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
		before, err := json.Marshal(old)
		if err != nil || declare.Equal(before, text) {
			return false, err
		}
		verb = "updated"
	}
	if _, err := tx.Exec(ctx, `INSERT INTO logs_processing (name, spec, updated_at) VALUES ($1,$2,$3)
		ON CONFLICT (name) DO UPDATE SET spec = excluded.spec, updated_at = excluded.updated_at`, name, string(text), core.Micros(c.deps.Clock.Now())); err != nil {
		return false, err
	}
	return true, c.note(ctx, tx, name, verb, &spec)
}

func (c *Component) remove(ctx context.Context, tx *sqldb.Tx, name string) (bool, error) {
	if err := may(ctx); err != nil {
		return false, err
	}
	n, err := sqldb.Affected(tx.Exec(ctx, "DELETE FROM logs_processing WHERE name = $1", name))
	if err != nil || n == 0 {
		return false, err
	}
	return true, c.note(ctx, tx, name, "deleted", nil)
}
