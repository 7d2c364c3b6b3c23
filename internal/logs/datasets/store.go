package datasets

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

// Migrations are the tables; migrate them under the name "logdatasets".
func Migrations() fs.FS { return migrations }

type store struct {
	db     *sqldb.DB
	ledger *ledger.Ledger
	clock  core.Clock
}

func (s *store) datasets(ctx context.Context, q sqldb.Querier) ([]Dataset, error) {
	rows, err := q.Query(ctx, "SELECT name, spec, gone FROM logs_dataset ORDER BY name")
	return sqldb.Collect(rows, err, func(r *sqldb.Rows) (Dataset, error) {
		var d Dataset
		var spec string
		var gone int64
		if err := r.Scan(&d.Name, &spec, &gone); err != nil {
			return d, err
		}
		d.Gone = gone != 0
		return d, json.Unmarshal([]byte(spec), &d.Spec)
	})
}

func (s *store) named(ctx context.Context, q sqldb.Querier, name string) (*Dataset, error) {
	list, err := s.datasets(ctx, q)
	for _, d := range list {
		if d.Name == name && !d.Gone {
			return &d, nil
		}
	}
	return nil, err
}

func (s *store) put(ctx context.Context, tx *sqldb.Tx, name, spec string, gone int64) error {
	_, err := tx.Exec(ctx, `INSERT INTO logs_dataset (name, spec, gone, updated_at) VALUES ($1,$2,$3,$4)
		ON CONFLICT (name) DO UPDATE SET spec = excluded.spec, gone = excluded.gone, updated_at = excluded.updated_at`, name, spec, gone, core.Micros(s.clock.Now()))
	return err
}

func (s *store) note(ctx context.Context, tx *sqldb.Tx, kind, id, verb, summary string, data any) error {
	raw, err := json.Marshal(data)
	if err != nil {
		return err
	}
	actor := ledger.System("logs")
	if p := auth.From(ctx); p != nil {
		actor = ledger.Actor{Kind: p.Kind, ID: p.ID, Name: p.Name}
	}
	_, err = s.ledger.Append(ctx, tx, ledger.Entry{Actor: actor, Module: "logs", Type: "logs." + kind + "." + verb,
		Subject: core.Ref{Kind: "log-" + kind, ID: id}, Summary: summary, Data: raw})
	return err
}

const deletionColumns = "id, asked_at, actor_kind, actor_id, actor_name, reason, filter, datasets, from_at, to_at, state, found, remained, fault, finished_at"

func scanDeletion(r *sqldb.Rows) (*Deletion, error) {
	var d Deletion
	var names string
	var asked, from, to, finished int64
	err := r.Scan(&d.ID, &asked, &d.By.Kind, &d.By.ID, &d.By.Name, &d.Reason, &d.Filter, &names, &from, &to, &d.State, &d.Found, &d.Remained, &d.Fault, &finished)
	if err != nil {
		return nil, err
	}
	d.Asked, d.Start, d.End = core.FromMicros(asked), core.FromMicros(from), core.FromMicros(to)
	if finished != 0 {
		at := core.FromMicros(finished)
		d.Finished = &at
	}
	return &d, json.Unmarshal([]byte(names), &d.Datasets)
}

func (s *store) insert(ctx context.Context, tx *sqldb.Tx, d *Deletion) error {
	names, err := json.Marshal(d.Datasets)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, "INSERT INTO logs_deletion ("+deletionColumns+") VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,0)",
		d.ID, core.Micros(d.Asked), d.By.Kind, d.By.ID, d.By.Name, d.Reason, d.Filter, string(names), core.Micros(d.Start), core.Micros(d.End), d.State, d.Found, d.Remained, d.Fault)
	return err
}

func (s *store) update(ctx context.Context, tx *sqldb.Tx, d *Deletion) error {
	var finished int64
	if d.Finished != nil {
		finished = core.Micros(*d.Finished)
	}
	_, err := tx.Exec(ctx, "UPDATE logs_deletion SET state = $2, found = $3, remained = $4, fault = $5, finished_at = $6 WHERE id = $1",
		d.ID, d.State, d.Found, d.Remained, d.Fault, finished)
	return err
}

// unfinished are the deletions that are to be carried out, in the order they
// were asked for.
func (s *store) unfinished(ctx context.Context) ([]*Deletion, error) {
	rows, err := s.db.Query(ctx, "SELECT "+deletionColumns+" FROM logs_deletion WHERE state = $1 OR state = $2 ORDER BY asked_at, id", Waiting, Running)
	return sqldb.Collect(rows, err, scanDeletion)
}

// deletions are the latest ones.
func (s *store) deletions(ctx context.Context, limit int) ([]*Deletion, error) {
	rows, err := s.db.Query(ctx, "SELECT "+deletionColumns+" FROM logs_deletion ORDER BY asked_at DESC, id DESC LIMIT $1", limit)
	return sqldb.Collect(rows, err, scanDeletion)
}
