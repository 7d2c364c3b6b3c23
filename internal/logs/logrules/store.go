package logrules

import (
	"bytes"
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

// Migrations are the tables; migrate them under the name "logrules".
func Migrations() fs.FS { return migrations }

type store struct {
	db     *sqldb.DB
	ledger *ledger.Ledger
	clock  core.Clock
}

const kindName = "LogRule"

func (s *store) rules(ctx context.Context, q sqldb.Querier) ([]*rule, error) {
	rows, err := q.Query(ctx, "SELECT id, name, version, spec, state, updated_at FROM logs_rule ORDER BY name")
	return sqldb.Collect(rows, err, func(r *sqldb.Rows) (*rule, error) {
		var x rule
		var spec, state string
		var updated int64
		if err := r.Scan(&x.id, &x.name, &x.version, &spec, &state, &updated); err != nil {
			return nil, err
		}
		x.updated = core.FromMicros(updated)
		if err := json.Unmarshal([]byte(spec), &x.spec); err != nil {
			return nil, err
		}
		return &x, json.Unmarshal([]byte(state), &x.state)
	})
}

func (s *store) named(ctx context.Context, q sqldb.Querier, name string) (*rule, error) {
	list, err := s.rules(ctx, q)
	for _, r := range list {
		if r.name == name {
			return r, nil
		}
	}
	return nil, err
}

// saveState keeps what a round left, unless the rule was changed meanwhile.
func (s *store) saveState(ctx context.Context, r *rule) error {
	raw, err := json.Marshal(r.state)
	if err != nil {
		return err
	}
	return s.db.Write(ctx, func(tx *sqldb.Tx) error {
		_, err := tx.Exec(ctx, "UPDATE logs_rule SET state = $2 WHERE id = $1 AND version = $3", r.id, string(raw), r.version)
		return err
	})
}

func (s *store) note(ctx context.Context, tx *sqldb.Tx, r *rule, verb string) error {
	actor := ledger.System("logs")
	if p := auth.From(ctx); p != nil {
		actor = ledger.Actor{Kind: p.Kind, ID: p.ID, Name: p.Name}
	}
	_, err := s.ledger.Append(ctx, tx, ledger.Entry{Actor: actor, Module: "logs", Type: "logs.rule." + verb,
		Subject: core.Ref{Kind: "log-rule", ID: r.id}, Summary: "log rule " + r.name + " " + verb})
	return err
}

// Kinds are the documents of this room. Who declares a rule learns from it what
// the logs say, so it takes the permission to read them everywhere as well.
func (c *Component) Kinds() []declare.Kind {
	kind := declare.Kind{
		Name: kindName, Summary: "Log records that become a metric or an alert", Order: 57, Resource: "checks", Spec: Spec{},
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

// mayRead refuses a rule over records that whoever declares it may not read.
func (c *Component) mayRead(ctx context.Context, s Spec) error {
	if c.deps.Datasets == nil || len(s.Datasets) == 0 {
		return nil
	}
	_, err := c.deps.Datasets.Narrow(ctx, s.Datasets)
	return err
}

func (c *Component) may(ctx context.Context) error {
	p := auth.From(ctx)
	if !p.Scope("checks:write").All || !p.Scope("logs:read").All {
		return core.Errorf(core.CodeForbidden, "a log rule belongs to no team: this needs checks:write and logs:read everywhere")
	}
	return nil
}

func (c *Component) apply(ctx context.Context, tx *sqldb.Tx, name string, raw json.RawMessage) (bool, error) {
	var spec Spec
	if err := declare.Decode(raw, &spec); err != nil {
		return false, err
	}
	if err := spec.validate(); err != nil {
		return false, err
	}
	if err := c.may(ctx); err != nil {
		return false, err
	}
	if err := c.mayRead(ctx, spec); err != nil {
		return false, err
	}
	old, err := c.store.named(ctx, tx, name)
	if err != nil {
		return false, err
	}
	text, err := json.Marshal(spec)
	if err != nil {
		return false, err
	}
	now := core.Micros(c.deps.Clock.Now())
	if old == nil {
		r := &rule{id: c.deps.IDs.New(), name: name}
		if _, err := tx.Exec(ctx, "INSERT INTO logs_rule (id, name, spec, state, version, updated_at) VALUES ($1,$2,$3,'{}',1,$4)", r.id, name, string(text), now); err != nil {
			return false, err
		}
		return true, c.store.note(ctx, tx, r, "created")
	}
	if err := c.mayRead(ctx, old.spec); err != nil {
		return false, err
	}
	before, err := json.Marshal(old.spec)
	if err != nil || bytes.Equal(before, text) {
		return false, err
	}
	if _, err := tx.Exec(ctx, "UPDATE logs_rule SET spec = $2, version = version + 1, updated_at = $3 WHERE id = $1", old.id, string(text), now); err != nil {
		return false, err
	}
	return true, c.store.note(ctx, tx, old, "updated")
}

// remove deletes a rule that has nothing open: what is open is the worker's to clear.
func (c *Component) remove(ctx context.Context, tx *sqldb.Tx, name string) (bool, error) {
	if err := c.may(ctx); err != nil {
		return false, err
	}
	r, err := c.store.named(ctx, tx, name)
	if err != nil || r == nil {
		return false, err
	}
	if err := c.mayRead(ctx, r.spec); err != nil {
		return false, err
	}
	if len(r.state.Open) > 0 {
		return false, core.Errorf(core.CodeConflict, "the rule has alerts open: disable its event, and delete it once they are cleared")
	}
	if _, err := tx.Exec(ctx, "DELETE FROM logs_rule WHERE id = $1", r.id); err != nil {
		return false, err
	}
	return true, c.store.note(ctx, tx, r, "deleted")
}
