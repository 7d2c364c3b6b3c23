package events

import (
	"context"

	"mainstay/internal/core"
	"mainstay/internal/events/learning"
	"mainstay/internal/platform/sqldb"
)

// loadMemory reads what was learned.
func loadMemory(ctx context.Context, q sqldb.Querier, settings learning.Settings) (*learning.Memory, error) {
	m := learning.NewMemory(settings)
	for name, book := range m.Books() {
		rows, err := q.Query(ctx, "SELECT name, title, cases, at, last_at FROM events_learned_thing WHERE book = $1", name)
		things, err := sqldb.Collect(rows, err, func(rows *sqldb.Rows) (r learning.ThingRow, err error) {
			var at, last int64
			err = rows.Scan(&r.Name, &r.Title, &r.Cases, &at, &last)
			r.At, r.Last = core.FromMicros(at), core.FromMicros(last)
			return r, err
		})
		if err != nil {
			return nil, err
		}
		rows, err = q.Query(ctx, "SELECT a, b, together, apart, at, last_at, barred FROM events_learned_pair WHERE book = $1", name)
		pairs, err := sqldb.Collect(rows, err, func(rows *sqldb.Rows) (r learning.PairRow, err error) {
			var at, last int64
			err = rows.Scan(&r.A, &r.B, &r.Together, &r.Apart, &at, &last, &r.Barred)
			r.At, r.Last = core.FromMicros(at), core.FromMicros(last)
			return r, err
		})
		if err != nil {
			return nil, err
		}
		book.Load(things, pairs)
	}
	return m, nil
}

// saveMemory writes what has been learned since it was written last.
func saveMemory(ctx context.Context, tx *sqldb.Tx, m *learning.Memory) error {
	for name, book := range m.Books() {
		changed := book.Changed()
		if changed.Empty() {
			continue
		}
		if err := saveBook(ctx, tx, name, changed); err != nil {
			return err
		}
		book.Stored() // a transaction that fails costs the memory: it is read again
	}
	return nil
}

func saveBook(ctx context.Context, tx *sqldb.Tx, name string, changed learning.Changes) error {
	var things, pairs [][]any
	for _, r := range changed.Things {
		things = append(things, []any{name, r.Name, r.Title, r.Cases, core.Micros(r.At), core.Micros(r.Last)})
	}
	for _, r := range changed.Pairs {
		pairs = append(pairs, []any{name, r.A, r.B, r.Together, r.Apart, core.Micros(r.At), core.Micros(r.Last), r.Barred})
	}
	if err := sqldb.Insert(ctx, tx, "INSERT INTO events_learned_thing (book, name, title, cases, at, last_at) VALUES", 6, things,
		"ON CONFLICT (book, name) DO UPDATE SET title = excluded.title, cases = excluded.cases, at = excluded.at, last_at = excluded.last_at"); err != nil {
		return err
	}
	if err := sqldb.Insert(ctx, tx, "INSERT INTO events_learned_pair (book, a, b, together, apart, at, last_at, barred) VALUES", 8, pairs,
		"ON CONFLICT (book, a, b) DO UPDATE SET together = excluded.together, apart = excluded.apart, at = excluded.at, last_at = excluded.last_at, barred = excluded.barred"); err != nil {
		return err
	}
	for _, gone := range changed.GoneThings {
		if _, err := tx.Exec(ctx, "DELETE FROM events_learned_thing WHERE book = $1 AND name = $2", name, gone); err != nil {
			return err
		}
	}
	for _, gone := range changed.GonePairs {
		if _, err := tx.Exec(ctx, "DELETE FROM events_learned_pair WHERE book = $1 AND a = $2 AND b = $3", name, gone[0], gone[1]); err != nil {
			return err
		}
	}
	return nil
}
