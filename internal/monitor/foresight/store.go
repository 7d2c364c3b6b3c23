package foresight

import (
	"context"
	"embed"
	"io/fs"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/ledger"
	"mainstay/internal/platform/sqldb"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Migrations are the tables; migrate them under the name "foresight".
func Migrations() fs.FS { return migrations }

// store reads and writes the tables.
type store struct {
	db     *sqldb.DB
	ledger *ledger.Ledger
	ids    *core.IDs
	clock  core.Clock
}

// Round is how the last round of a document went.
type Round struct {
	At      *time.Time `json:"at,omitempty" doc:"of the last round"`
	Series  int        `json:"series" doc:"that are watched"`
	LeftOut int        `json:"leftOut" doc:"series beyond the bound, which are not watched"`
	Error   string     `json:"error,omitempty" doc:"why the last round did not go"`
}

func (s *store) saveRound(ctx context.Context, tx *sqldb.Tx, document string, r Round) error {
	_, err := tx.Exec(ctx, `INSERT INTO foresight_round (document, at, series, left_out, error) VALUES ($1,$2,$3,$4,$5)
		ON CONFLICT (document) DO UPDATE SET at = excluded.at, series = excluded.series, left_out = excluded.left_out, error = excluded.error`,
		document, core.Micros(s.clock.Now()), r.Series, r.LeftOut, r.Error)
	return err
}

func (s *store) rounds(ctx context.Context) (map[string]Round, error) {
	rows, err := s.db.Query(ctx, "SELECT document, at, series, left_out, error FROM foresight_round")
	out := map[string]Round{}
	_, err = sqldb.Collect(rows, err, func(r *sqldb.Rows) (struct{}, error) {
		var document string
		var at int64
		var round Round
		err := r.Scan(&document, &at, &round.Series, &round.LeftOut, &round.Error)
		moment := core.FromMicros(at)
		round.At = &moment
		out[document] = round
		return struct{}{}, err
	})
	return out, err
}
