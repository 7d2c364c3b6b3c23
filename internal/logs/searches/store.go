package searches

import (
	"context"
	"embed"
	"encoding/json"
	"io/fs"

	"mainstay/internal/core"
	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/ledger"
	"mainstay/internal/platform/sqldb"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Migrations are the tables; migrate them under the name "logsearches".
func Migrations() fs.FS { return migrations }

const sharedSpace = "shared"

func (c *Component) where(ctx context.Context, q sqldb.Querier, where string, args ...any) ([]*Search, error) {
	rows, err := q.Query(ctx, "SELECT id, space, name, owner, spec, version, updated_at FROM logs_search WHERE "+where+" ORDER BY name, id", args...)
	return sqldb.Collect(rows, err, func(r *sqldb.Rows) (*Search, error) {
		var s Search
		var space, spec string
		var updated int64
		if err := r.Scan(&s.ID, &space, &s.Name, &s.Owner, &spec, &s.Version, &updated); err != nil {
			return nil, err
		}
		s.Shared, s.UpdatedAt = space == sharedSpace, core.FromMicros(updated)
		return &s, json.Unmarshal([]byte(spec), &s.Spec)
	})
}

// one returns nil when there is none.
func (c *Component) one(ctx context.Context, q sqldb.Querier, where string, args ...any) (*Search, error) {
	list, err := c.where(ctx, q, where, args...)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	return list[0], nil
}

// save inserts (version 0) or replaces a search; what is shared, or was, is told to the ledger.
func (c *Component) save(ctx context.Context, tx *sqldb.Tx, s *Search, wasShared bool) error {
	raw, err := json.Marshal(s.Spec)
	if err != nil {
		return err
	}
	s.UpdatedAt = core.FromMicros(core.Micros(c.deps.Clock.Now()))
	place, verb := space(s.Shared, s.Owner), "updated"
	if s.Version == 0 {
		verb = "created"
		if err := c.room(ctx, tx, place, s.Shared); err != nil {
			return err
		}
		s.ID, s.Version = c.deps.IDs.New(), 1
		_, err = tx.Exec(ctx, "INSERT INTO logs_search (id, space, name, owner, spec, version, updated_at) VALUES ($1,$2,$3,$4,$5,$6,$7)",
			s.ID, place, s.Name, s.Owner, string(raw), s.Version, core.Micros(s.UpdatedAt))
	} else {
		s.Version++
		_, err = tx.Exec(ctx, "UPDATE logs_search SET space = $2, name = $3, spec = $4, version = $5, updated_at = $6 WHERE id = $1",
			s.ID, place, s.Name, string(raw), s.Version, core.Micros(s.UpdatedAt))
	}
	if sqldb.IsUnique(err) {
		return core.Errorf(core.CodeConflict, "there is already a search named %q", s.Name)
	}
	if err != nil || !s.Shared && !wasShared {
		return err
	}
	return c.note(ctx, tx, s, verb)
}

func (c *Component) room(ctx context.Context, tx *sqldb.Tx, place string, shared bool) error {
	most := mostOwn
	if shared {
		most = mostShared
	}
	var n int
	if err := tx.QueryRow(ctx, "SELECT COUNT(*) FROM logs_search WHERE space = $1", place).Scan(&n); err != nil {
		return err
	}
	if n >= most {
		return core.Errorf(core.CodeConflict, "there are %d saved searches, which is as many as are kept: delete some", n)
	}
	return nil
}

func (c *Component) remove(ctx context.Context, tx *sqldb.Tx, s *Search) error {
	if _, err := tx.Exec(ctx, "DELETE FROM logs_search WHERE id = $1", s.ID); err != nil || !s.Shared {
		return err
	}
	return c.note(ctx, tx, s, "deleted")
}

func (c *Component) note(ctx context.Context, tx *sqldb.Tx, s *Search, verb string) error {
	actor := ledger.System("logs")
	if p := auth.From(ctx); p != nil {
		actor = ledger.Actor{Kind: p.Kind, ID: p.ID, Name: p.Name}
	}
	_, err := c.deps.Ledger.Append(ctx, tx, ledger.Entry{Actor: actor, Module: "logs", Type: "logs.search." + verb,
		Subject: core.Ref{Kind: "log-search", ID: s.ID}, Team: s.Spec.Team, Summary: "saved search " + s.Name + " " + verb})
	return err
}
