package scraping

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

// Migrations are the room's tables; migrate them under the name "scraping".
func Migrations() fs.FS { return migrations }

// changed begins the type of every ledger entry about a document.
const changed = "monitor.scrape."

type store struct {
	db     *sqldb.DB
	ledger *ledger.Ledger
	ids    *core.IDs
	clock  core.Clock
}

func (s *store) scrapes(ctx context.Context, q sqldb.Querier, where string, args ...any) ([]*Scrape, error) {
	rows, err := q.Query(ctx, "SELECT id, name, spec, version, created_at, updated_at FROM scraping_scrape WHERE "+where+" ORDER BY name", args...)
	return sqldb.Collect(rows, err, func(r *sqldb.Rows) (*Scrape, error) {
		var sc Scrape
		var spec string
		var created, updated int64
		if err := r.Scan(&sc.ID, &sc.Name, &spec, &sc.Version, &created, &updated); err != nil {
			return nil, err
		}
		sc.CreatedAt, sc.UpdatedAt = core.FromMicros(created), core.FromMicros(updated)
		return &sc, json.Unmarshal([]byte(spec), &sc.Spec)
	})
}

func (s *store) named(ctx context.Context, q sqldb.Querier, name string) (*Scrape, error) {
	list, err := s.scrapes(ctx, q, "name = $1", name)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	return list[0], nil
}

// save inserts (version 0) or replaces a document and tells the ledger.
func (s *store) save(ctx context.Context, tx *sqldb.Tx, sc *Scrape) error {
	spec, err := json.Marshal(sc.Spec)
	if err != nil {
		return err
	}
	sc.UpdatedAt = core.FromMicros(core.Micros(s.clock.Now()))
	verb := "updated"
	if sc.Version == 0 {
		verb, sc.Version, sc.CreatedAt = "created", 1, sc.UpdatedAt
		_, err = tx.Exec(ctx, "INSERT INTO scraping_scrape (id, name, team, disabled, spec, version, created_at, updated_at) VALUES ($1,$2,$3,$4,$5,$6,$7,$8)",
			sc.ID, sc.Name, sc.Spec.Team, sc.Spec.Disabled, string(spec), sc.Version, core.Micros(sc.CreatedAt), core.Micros(sc.UpdatedAt))
	} else {
		sc.Version++
		_, err = tx.Exec(ctx, "UPDATE scraping_scrape SET team = $2, disabled = $3, spec = $4, version = $5, updated_at = $6 WHERE id = $1",
			sc.ID, sc.Spec.Team, sc.Spec.Disabled, string(spec), sc.Version, core.Micros(sc.UpdatedAt))
	}
	if err != nil {
		return err
	}
	return s.note(ctx, tx, verb, sc)
}

// remove deletes a document; its targets go with it.
func (s *store) remove(ctx context.Context, tx *sqldb.Tx, sc *Scrape) error {
	for _, text := range []string{"DELETE FROM scraping_target WHERE scrape = $1", "DELETE FROM scraping_scrape WHERE name = $1"} {
		if _, err := tx.Exec(ctx, text, sc.Name); err != nil {
			return err
		}
	}
	return s.note(ctx, tx, "deleted", sc)
}

func (s *store) note(ctx context.Context, tx *sqldb.Tx, verb string, sc *Scrape) error {
	actor := ledger.System("monitor")
	if p := auth.From(ctx); p != nil {
		actor = ledger.Actor{Kind: p.Kind, ID: p.ID, Name: p.Name}
	}
	_, err := s.ledger.Append(ctx, tx, ledger.Entry{Actor: actor, Module: "monitor", Type: changed + verb,
		Subject: core.Ref{Kind: "scrape", ID: sc.ID}, Team: sc.Spec.Team, Summary: "scrape " + sc.Name + " " + verb})
	return err
}
