package dashboard

import (
	"context"
	"embed"
	"encoding/json"
	"io/fs"
	"slices"
	"strings"

	"mainstay/internal/core"
	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/ledger"
	"mainstay/internal/platform/sqldb"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Migrations are the tables of dashboards; migrate them under the name "dashboard".
func Migrations() fs.FS { return migrations }

// store reads and writes the tables of dashboards.
type store struct {
	db     *sqldb.DB
	ledger *ledger.Ledger
	clock  core.Clock
}

const columns = "d.id, d.name, d.spec, d.version, d.created_at, d.updated_at"

func scan(read func(...any) error, more ...any) (*Dashboard, error) {
	var d Dashboard
	var spec string
	var created, updated int64
	if err := read(append([]any{&d.ID, &d.Name, &spec, &d.Version, &created, &updated}, more...)...); err != nil {
		return nil, err
	}
	d.CreatedAt, d.UpdatedAt = core.FromMicros(created), core.FromMicros(updated)
	return &d, json.Unmarshal([]byte(spec), &d.Spec)
}

func (s *store) where(ctx context.Context, q sqldb.Querier, where string, args ...any) ([]*Dashboard, error) {
	rows, err := q.Query(ctx, "SELECT "+columns+" FROM dashboard d WHERE "+where+" ORDER BY d.id", args...)
	return sqldb.Collect(rows, err, func(r *sqldb.Rows) (*Dashboard, error) { return scan(r.Scan) })
}

// named returns nil when there is none.
func (s *store) named(ctx context.Context, q sqldb.Querier, name string) (*Dashboard, error) {
	list, err := s.where(ctx, q, "d.name = $1", name)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	return list[0], nil
}

// by reads a dashboard by its id or name.
func (s *store) by(ctx context.Context, q sqldb.Querier, ref string) (*Dashboard, error) {
	list, err := s.where(ctx, q, "d.id = $1 OR d.name = $1", ref)
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, core.NotFound("dashboard", ref)
	}
	return list[0], nil
}

// save inserts (version 0) or replaces a dashboard and tells the ledger.
func (s *store) save(ctx context.Context, tx *sqldb.Tx, d *Dashboard) error {
	spec, err := json.Marshal(d.Spec)
	if err != nil {
		return err
	}
	d.UpdatedAt = core.FromMicros(core.Micros(s.clock.Now()))
	tags := "|" + strings.Join(d.Spec.Tags, "|") + "|"
	verb := "updated"
	if d.Version == 0 {
		verb, d.Version, d.CreatedAt = "created", 1, d.UpdatedAt
		_, err = tx.Exec(ctx, "INSERT INTO dashboard (id, name, title, team, tags, spec, version, created_at, updated_at) VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9)",
			d.ID, d.Name, d.Spec.Title, d.Spec.Team, tags, string(spec), d.Version, core.Micros(d.CreatedAt), core.Micros(d.UpdatedAt))
		if sqldb.IsUnique(err) {
			return core.Errorf(core.CodeConflict, "there is already a dashboard named %q", d.Name)
		}
	} else {
		d.Version++
		_, err = tx.Exec(ctx, "UPDATE dashboard SET title = $2, team = $3, tags = $4, spec = $5, version = $6, updated_at = $7 WHERE id = $1",
			d.ID, d.Spec.Title, d.Spec.Team, tags, string(spec), d.Version, core.Micros(d.UpdatedAt))
	}
	if err != nil {
		return err
	}
	return s.note(ctx, tx, d, verb)
}

func (s *store) remove(ctx context.Context, tx *sqldb.Tx, d *Dashboard) error {
	for _, statement := range []string{"DELETE FROM dashboard_favourite WHERE dashboard = $1", "DELETE FROM dashboard WHERE id = $1"} {
		if _, err := tx.Exec(ctx, statement, d.ID); err != nil {
			return err
		}
	}
	return s.note(ctx, tx, d, "deleted")
}

func (s *store) note(ctx context.Context, tx *sqldb.Tx, d *Dashboard, verb string) error {
	actor := ledger.System("dashboards")
	if p := auth.From(ctx); p != nil {
		actor = ledger.Actor{Kind: p.Kind, ID: p.ID, Name: p.Name}
	}
	_, err := s.ledger.Append(ctx, tx, ledger.Entry{Actor: actor, Module: "dashboards", Type: "dashboards.dashboard." + verb,
		Subject: core.Ref{Kind: "dashboard", ID: d.ID}, Team: d.Spec.Team, Summary: "dashboard " + d.Name + " " + verb})
	return err
}

// mark notes or forgets that a person likes a dashboard.
func (s *store) mark(ctx context.Context, person, dashboard string, liked bool) error {
	statement := "DELETE FROM dashboard_favourite WHERE person = $1 AND dashboard = $2"
	if liked {
		statement = "INSERT INTO dashboard_favourite (person, dashboard) VALUES ($1, $2) ON CONFLICT DO NOTHING"
	}
	return s.db.Write(ctx, func(tx *sqldb.Tx) error {
		_, err := tx.Exec(ctx, statement, person, dashboard)
		return err
	})
}

func (s *store) marked(ctx context.Context, person, dashboard string) (bool, error) {
	var one int
	err := s.db.QueryRow(ctx, "SELECT 1 FROM dashboard_favourite WHERE person = $1 AND dashboard = $2", person, dashboard).Scan(&one)
	if err == sqldb.ErrNoRows {
		return false, nil
	}
	return err == nil, err
}

// tags lists the tags of the dashboards of some teams, sorted; all is every team.
func (s *store) tags(ctx context.Context, where string, args []any) ([]string, error) {
	rows, err := s.db.Query(ctx, "SELECT DISTINCT d.tags FROM dashboard d WHERE "+where, args...)
	texts, err := sqldb.Collect(rows, err, func(r *sqldb.Rows) (text string, err error) { return text, r.Scan(&text) })
	out := []string{}
	for _, text := range texts {
		for tag := range strings.SplitSeq(strings.Trim(text, "|"), "|") {
			if tag != "" {
				out = append(out, tag)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out), err
}
