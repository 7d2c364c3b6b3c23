package foresight

import (
	"context"
	"encoding/json"
	"strconv"
	"strings"

	"mainstay/internal/core"
	"mainstay/internal/platform/sqldb"
)

// saveThings replaces what is stored of a pool.
func (s *store) saveThings(ctx context.Context, tx *sqldb.Tx, pool string, things []*thing) error {
	if _, err := tx.Exec(ctx, "DELETE FROM foresight_capacity WHERE pool = $1", pool); err != nil {
		return err
	}
	now := core.Micros(s.clock.Now())
	rows := make([][]any, 0, len(things))
	for _, t := range things {
		labels, err := json.Marshal(t.labels.Map())
		if err != nil {
			return err
		}
		rows = append(rows, []any{t.id, t.pool, t.title, string(labels), t.item, t.described.Name, t.described.Team, t.described.Site, t.unit,
			t.used, t.capacity, t.share(), t.slope, t.earliest, t.likely, t.latest, t.horizon, t.history.encode(), now})
	}
	return sqldb.Insert(ctx, tx, "INSERT INTO foresight_capacity (id, pool, title, labels, item, item_name, team, site, unit, used, capacity, share, slope, "+
		"earliest_at, likely_at, latest_at, horizon_at, history, updated_at) VALUES", 19, rows, "")
}

// keepPools forgets pools that are no more.
func (s *store) keepPools(ctx context.Context, tx *sqldb.Tx, names []string) error {
	query := "DELETE FROM foresight_capacity"
	var args []any
	if len(names) > 0 {
		marks := make([]string, len(names))
		for i, name := range names {
			marks[i] = "$" + strconv.Itoa(i+1)
			args = append(args, name)
		}
		query += " WHERE pool NOT IN (" + strings.Join(marks, ", ") + ")"
	}
	_, err := tx.Exec(ctx, query, args...)
	return err
}

func (s *store) histories(ctx context.Context, pool string) (map[string]history, error) {
	rows, err := s.db.Query(ctx, "SELECT id, history FROM foresight_capacity WHERE pool = $1", pool)
	out := map[string]history{}
	_, err = sqldb.Collect(rows, err, func(r *sqldb.Rows) (struct{}, error) {
		var id string
		var raw []byte
		if err := r.Scan(&id, &raw); err != nil {
			return struct{}{}, err
		}
		if h, err := decodeHistory(raw); err == nil { // what cannot be read is asked for again
			out[id] = h
		}
		return struct{}{}, nil
	})
	return out, err
}
