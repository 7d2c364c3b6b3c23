package availability

import (
	"context"
	"embed"
	"encoding/json"
	"errors"
	"io/fs"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/monitor/availability/figures"
	"mainstay/internal/platform/sqldb"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Migrations are the tables; migrate them under the name "availability".
func Migrations() fs.FS { return migrations }

// forever is the end of what holds.
const forever = int64(1) << 61

// holding is the state that an item has.
type holding struct {
	from  int64
	state figures.State
	cause []string
}

// openIntervals reads what holds: of checks, or of tracked items.
func openIntervals(ctx context.Context, q sqldb.Querier, whole bool) (map[string]holding, error) {
	rows, err := q.Query(ctx, "SELECT item, from_at, state, cause FROM availability_interval WHERE to_at = $1 AND whole = $2", forever, whole)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := map[string]holding{}
	for rows.Next() {
		var item, cause string
		var h holding
		if err := rows.Scan(&item, &h.from, &h.state, &cause); err != nil {
			return nil, err
		}
		if err := json.Unmarshal([]byte(cause), &h.cause); err != nil {
			return nil, err
		}
		out[item] = h
	}
	return out, rows.Err()
}

// turn makes a state hold from a moment on; None makes none hold. A moment
// before the one that holds now began is that beginning.
func turn(ctx context.Context, tx *sqldb.Tx, item string, whole bool, now holding, before holding, known bool) (holding, error) {
	if known {
		now.from = max(now.from, before.from)
		verb := "UPDATE availability_interval SET to_at = $3 WHERE item = $1 AND whole = $2 AND to_at = $4"
		args := []any{item, whole, now.from, forever}
		if now.from == before.from {
			verb, args = "DELETE FROM availability_interval WHERE item = $1 AND whole = $2 AND to_at = $3", []any{item, whole, forever}
		}
		if _, err := tx.Exec(ctx, verb, args...); err != nil {
			return now, err
		}
	} else {
		var ended int64
		err := tx.QueryRow(ctx, "SELECT COALESCE(MAX(to_at), 0) FROM availability_interval WHERE item = $1 AND whole = $2", item, whole).Scan(&ended)
		if err != nil {
			return now, err
		}
		now.from = max(now.from, ended)
	}
	if now.state == figures.None {
		return now, nil
	}
	cause, err := json.Marshal(append([]string{}, now.cause...))
	if err != nil {
		return now, err
	}
	_, err = tx.Exec(ctx, "INSERT INTO availability_interval (item, whole, from_at, to_at, state, cause) VALUES ($1,$2,$3,$4,$5,$6)",
		item, whole, now.from, forever, string(now.state), string(cause))
	return now, err
}

// intervals reads what an item was in a period, in order.
func intervals(ctx context.Context, q sqldb.Querier, item string, whole bool, from, to time.Time) ([]figures.Interval, error) {
	rows, err := q.Query(ctx, "SELECT from_at, to_at, state, cause FROM availability_interval WHERE item = $1 AND whole = $2 AND to_at > $3 AND from_at < $4 ORDER BY from_at",
		item, whole, core.Micros(from), core.Micros(to))
	return sqldb.Collect(rows, err, func(r *sqldb.Rows) (i figures.Interval, err error) {
		var begin, end int64
		var cause string
		if err := r.Scan(&begin, &end, &i.State, &cause); err != nil {
			return i, err
		}
		i.From = core.FromMicros(begin)
		if end != forever {
			i.To = core.FromMicros(end)
		}
		return i, json.Unmarshal([]byte(cause), &i.Cause)
	})
}

// tracked says whether an item has ever had a state with what it needs.
func tracked(ctx context.Context, q sqldb.Querier, item string) (bool, error) {
	var one int
	err := q.QueryRow(ctx, "SELECT 1 FROM availability_interval WHERE item = $1 AND whole LIMIT 1", item).Scan(&one)
	if errors.Is(err, sqldb.ErrNoRows) {
		return false, nil
	}
	return err == nil, err
}

// maintenance reads when an item was worked on in a period.
func maintenance(ctx context.Context, q sqldb.Querier, item string, from, to time.Time) ([]figures.Span, error) {
	rows, err := q.Query(ctx, "SELECT from_at, to_at FROM availability_maintenance WHERE item IN ('', $1) AND to_at > $2 AND from_at < $3 ORDER BY from_at",
		item, core.Micros(from), core.Micros(to))
	return sqldb.Collect(rows, err, func(r *sqldb.Rows) (figures.Span, error) {
		var begin, end int64
		err := r.Scan(&begin, &end)
		return figures.Span{From: core.FromMicros(begin), To: core.FromMicros(end)}, err
	})
}

// Incident is one that was open while items were down.
type Incident struct {
	ID       string    `json:"id"`
	Number   string    `json:"number"`
	Title    string    `json:"title"`
	Opened   time.Time `json:"opened"`
	Resolved time.Time `json:"resolved,omitzero"`

	item, team string
}

func (i Incident) during(from, to time.Time) bool {
	// It is opened a little after the fault that it is about.
	const late = 15 * time.Minute
	return i.Opened.Before(to.Add(late)) && (i.Resolved.IsZero() || i.Resolved.After(from))
}

// incidents reads those about items that were open in a period.
func incidents(ctx context.Context, q sqldb.Querier, items []string, from, to time.Time) ([]Incident, error) {
	if len(items) == 0 {
		return nil, nil
	}
	args := []any{core.Micros(from), core.Micros(to)}
	for _, item := range items {
		args = append(args, item)
	}
	rows, err := q.Query(ctx, "SELECT incident, item, team, number, title, opened_at, resolved_at FROM availability_incident WHERE resolved_at > $1 AND opened_at < $2 AND item IN "+
		sqldb.Values(1, len(items), 3)+" ORDER BY opened_at, incident", args...)
	return sqldb.Collect(rows, err, func(r *sqldb.Rows) (i Incident, err error) {
		var opened, resolved int64
		err = r.Scan(&i.ID, &i.item, &i.team, &i.Number, &i.Title, &opened, &resolved)
		i.Opened = core.FromMicros(opened)
		if resolved != forever {
			i.Resolved = core.FromMicros(resolved)
		}
		return i, err
	})
}
