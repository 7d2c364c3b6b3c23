package sources

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

// Migrations are the tables; migrate them under the name "logsources".
func Migrations() fs.FS { return migrations }

const kindName = "LogSource"

// source is a stored LogSource.
type source struct {
	id, name string
	spec     Spec
}

type store struct{ Dependencies }

func (s *store) all(ctx context.Context, q sqldb.Querier) ([]*source, error) {
	rows, err := q.Query(ctx, "SELECT id, name, spec FROM logs_source ORDER BY name")
	return sqldb.Collect(rows, err, func(r *sqldb.Rows) (*source, error) {
		var x source
		var spec string
		if err := r.Scan(&x.id, &x.name, &spec); err != nil {
			return nil, err
		}
		return &x, json.Unmarshal([]byte(spec), &x.spec)
	})
}

func (s *store) named(ctx context.Context, q sqldb.Querier, name string) (*source, error) {
	list, err := s.all(ctx, q)
	for _, x := range list {
		if x.name == name {
			return x, nil
		}
	}
	return nil, err
}

// Kinds are the documents of this room.
func (c *Component) Kinds() []declare.Kind {
	kind := declare.Kind{
		Name: kindName, Summary: "Log files and journals that agents follow", Order: 58, Resource: "agents", Spec: Spec{},
		Apply: c.apply, Delete: c.remove,
	}
	return []declare.Kind{kind.Stored(func(ctx context.Context, q sqldb.Querier) (out []declare.Named, err error) {
		list, err := c.store.all(ctx, q)
		for _, x := range list {
			out = append(out, declare.Named{Name: x.name, Spec: x.spec})
		}
		return out, err
	})}
}

// may: what is on hosts of all teams is asked for.
func may(ctx context.Context) error {
	if !auth.From(ctx).Scope("agents:write").All {
		return core.Errorf(core.CodeForbidden, "a log source belongs to no team: this needs agents:write everywhere")
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
	if err := may(ctx); err != nil {
		return false, err
	}
	if spec.Selector != "" {
		if _, err := c.deps.Items.Select(ctx, spec.Selector); core.CodeOf(err) == core.CodeInvalid {
			return false, core.Invalid("spec.selector", "cannot be read: "+err.Error())
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
	now := core.Micros(c.deps.Clock.Now())
	if old == nil {
		x := &source{id: c.deps.IDs.New(), name: name}
		if _, err := tx.Exec(ctx, "INSERT INTO logs_source (id, name, spec, updated_at) VALUES ($1, $2, $3, $4)", x.id, name, string(text), now); err != nil {
			return false, err
		}
		return true, c.record(ctx, tx, x, "created", text)
	}
	before, err := json.Marshal(old.spec)
	if err != nil || bytes.Equal(before, text) {
		return false, err
	}
	if _, err := tx.Exec(ctx, "UPDATE logs_source SET spec = $2, updated_at = $3 WHERE id = $1", old.id, string(text), now); err != nil {
		return false, err
	}
	return true, c.record(ctx, tx, old, "updated", text)
}

func (c *Component) remove(ctx context.Context, tx *sqldb.Tx, name string) (bool, error) {
	if err := may(ctx); err != nil {
		return false, err
	}
	x, err := c.store.named(ctx, tx, name)
	if err != nil || x == nil {
		return false, err
	}
	if _, err := tx.Exec(ctx, "DELETE FROM logs_source WHERE id = $1", x.id); err != nil {
		return false, err
	}
	return true, c.record(ctx, tx, x, "deleted", nil)
}

// record appends to the ledger, and has agents hear of it once it is true.
func (c *Component) record(ctx context.Context, tx *sqldb.Tx, x *source, verb string, spec []byte) error {
	tx.OnCommit(c.changed)
	actor := ledger.System("logs")
	if p := auth.From(ctx); p != nil {
		actor = ledger.Actor{Kind: p.Kind, ID: p.ID, Name: p.Name}
	}
	_, err := c.deps.Ledger.Append(ctx, tx, ledger.Entry{Actor: actor, Module: "logs", Type: "logs.source." + verb,
		Subject: core.Ref{Kind: "log-source", ID: x.id}, Summary: "log source " + x.name + " " + verb, Data: spec})
	return err
}
