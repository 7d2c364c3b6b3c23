package hooks

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

// Migrations are the room's tables; migrate them under the name "hooks".
func Migrations() fs.FS { return migrations }

const (
	kindName = "EventSource"
	changed  = "events.source." // begins the type of every ledger entry about a source
)

// Kinds are the documents of this room.
func (c *Component) Kinds() []declare.Kind {
	kind := declare.Kind{Name: kindName, Summary: "Takes events from what others post to an address", Order: 55, Resource: "alerts", Spec: SourceSpec{},
		Apply: c.apply, Delete: c.remove}
	return []declare.Kind{kind.InTable("hooks_source")}
}

func permit(ctx context.Context) error {
	if !auth.From(ctx).Scope("alerts:write").All {
		return core.Errorf(core.CodeForbidden, "this needs the permission alerts:write for all teams")
	}
	return nil
}

func (c *Component) apply(ctx context.Context, tx *sqldb.Tx, name string, raw json.RawMessage) (bool, error) {
	if err := permit(ctx); err != nil {
		return false, err
	}
	s := &Source{Name: name}
	if err := declare.Decode(raw, &s.Spec); err != nil {
		return false, err
	}
	if err := s.compile(c.mapper); err != nil {
		return false, err
	}
	spec, err := json.Marshal(s.Spec)
	if err != nil {
		return false, err
	}
	verb, old := "updated", ""
	if err := tx.QueryRow(ctx, "SELECT spec FROM hooks_source WHERE name = $1", name).Scan(&old); err == sqldb.ErrNoRows {
		verb = "created"
	} else if err != nil {
		return false, err
	}
	if old == string(spec) {
		return false, nil
	}
	if _, err := tx.Exec(ctx, "INSERT INTO hooks_source (name, spec, updated_at) VALUES ($1,$2,$3) ON CONFLICT (name) DO UPDATE SET spec = excluded.spec, updated_at = excluded.updated_at",
		name, string(spec), core.Micros(c.deps.Clock.Now())); err != nil {
		return false, err
	}
	c.reloadAfter(ctx, tx)
	return true, c.note(ctx, tx, verb, name)
}

// reloadAfter makes what a transaction changes hold before its caller has the
// answer; other replicas learn it from the ledger.
func (c *Component) reloadAfter(ctx context.Context, tx *sqldb.Tx) {
	ctx = context.WithoutCancel(ctx)
	tx.OnCommit(func() {
		if err := c.load(ctx); err != nil {
			c.deps.Log.Warn("event sources could not be read again", "error", err)
		}
	})
}

func (c *Component) remove(ctx context.Context, tx *sqldb.Tx, name string) (bool, error) {
	if err := permit(ctx); err != nil {
		return false, err
	}
	done, err := tx.Exec(ctx, "DELETE FROM hooks_source WHERE name = $1", name)
	if err != nil {
		return false, err
	}
	if n, err := done.RowsAffected(); err != nil || n == 0 {
		return false, err
	}
	if _, err := tx.Exec(ctx, "DELETE FROM hooks_payload WHERE source = $1", name); err != nil {
		return false, err
	}
	c.reloadAfter(ctx, tx)
	return true, c.note(ctx, tx, "deleted", name)
}

func (c *Component) note(ctx context.Context, tx *sqldb.Tx, verb, name string) error {
	actor := ledger.System("events")
	if p := auth.From(ctx); p != nil {
		actor = ledger.Actor{Kind: p.Kind, ID: p.ID, Name: p.Name}
	}
	_, err := c.deps.Ledger.Append(ctx, tx, ledger.Entry{Actor: actor, Module: "events", Type: changed + verb,
		Subject: core.Ref{Kind: "event_source", ID: name}, Summary: "event source " + name + " " + verb})
	return err
}

// load reads all sources into memory. One that cannot be used is left out and told.
func (c *Component) load(ctx context.Context) error {
	rows, err := c.deps.DB.Query(ctx, "SELECT name, spec, updated_at FROM hooks_source ORDER BY name")
	all, err := sqldb.Collect(rows, err, func(r *sqldb.Rows) (*Source, error) {
		var s Source
		var spec string
		var at int64
		if err := r.Scan(&s.Name, &spec, &at); err != nil {
			return nil, err
		}
		s.UpdatedAt = core.FromMicros(at)
		return &s, json.Unmarshal([]byte(spec), &s.Spec)
	})
	if err != nil {
		return err
	}
	usable := all[:0]
	for _, s := range all {
		if err := s.compile(c.mapper); err != nil {
			c.deps.Log.Error("an event source cannot be used", "source", s.Name, "error", err)
			continue
		}
		usable = append(usable, s)
	}
	c.sources.set(usable)
	return nil
}
