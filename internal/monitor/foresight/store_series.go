package foresight

import (
	"context"
	"encoding/json"

	"mainstay/internal/core"
	"mainstay/internal/platform/sqldb"
)

// storedSeries is a watched series as it is stored.
type storedSeries struct {
	ID      string
	Labels  map[string]string
	Hours   int
	State   SeriesState
	profile []byte
}

func (s *store) series(ctx context.Context, document string) ([]storedSeries, error) {
	rows, err := s.db.Query(ctx, "SELECT id, labels, hours, state, profile FROM foresight_series WHERE document = $1 ORDER BY labels, id", document)
	return sqldb.Collect(rows, err, func(r *sqldb.Rows) (out storedSeries, err error) {
		var labels, state string
		if err := r.Scan(&out.ID, &labels, &out.Hours, &state, &out.profile); err != nil {
			return out, err
		}
		if err := json.Unmarshal([]byte(labels), &out.Labels); err != nil {
			return out, err
		}
		return out, json.Unmarshal([]byte(state), &out.State)
	})
}

// saveSeries stores the newest points, and profiles that learned an hour. What
// was not seen for as long as profiles remember is forgotten.
func (s *store) saveSeries(ctx context.Context, tx *sqldb.Tx, x *watched, touched []string) error {
	var rows [][]any
	for _, id := range touched {
		t := x.series[id]
		state, err := json.Marshal(t.state)
		if err != nil {
			return err
		}
		if t.hours > 0 && t.hours == t.profile.Hours() {
			if _, err := tx.Exec(ctx, "UPDATE foresight_series SET state = $3, seen_at = $4 WHERE document = $1 AND id = $2", x.doc.id, id, string(state), core.Micros(t.state.At)); err != nil {
				return err
			}
			continue
		}
		labels, err := json.Marshal(t.labels.Map())
		if err != nil {
			return err
		}
		profile, err := t.profile.MarshalBinary()
		if err != nil {
			return err
		}
		hours := t.profile.Hours()
		tx.OnCommit(func() { t.hours = hours })
		rows = append(rows, []any{x.doc.id, id, string(labels), profile, hours, string(state), core.Micros(t.state.At)})
	}
	err := sqldb.Insert(ctx, tx, "INSERT INTO foresight_series (document, id, labels, profile, hours, state, seen_at) VALUES", 7, rows,
		"ON CONFLICT (document, id) DO UPDATE SET profile = excluded.profile, hours = excluded.hours, state = excluded.state, seen_at = excluded.seen_at")
	if err != nil {
		return err
	}
	old := x.last.Add(-profileMemory)
	for id, t := range x.series {
		if !t.state.At.IsZero() && t.state.At.Before(old) {
			delete(x.series, id)
		}
	}
	_, err = tx.Exec(ctx, "DELETE FROM foresight_series WHERE document = $1 AND seen_at < $2", x.doc.id, core.Micros(old))
	return err
}
