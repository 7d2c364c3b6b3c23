package pipeline

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/events/pipeline/rulebook"
	"mainstay/internal/platform/sqldb"
)

// book is an empty book that knows how many records there are.
func (c *Component) book() *rulebook.Book {
	made := int64(0)
	return rulebook.NewBook(func() bool {
		if c.remembered.Load()+made >= c.cfg.Remember {
			return false
		}
		made++
		return true
	}, func() { c.overflow.Add(1) })
}

const stateColumns = "does, rule, state_key, storm, due_at, data"

func readRecord(rows *sqldb.Rows) (*rulebook.Record, error) {
	var r rulebook.Record
	var does, storm, data string
	var due int64
	if err := rows.Scan(&does, &r.Rule, &r.Key, &storm, &due, &data); err != nil {
		return nil, err
	}
	err := json.Unmarshal([]byte(data), &r.State)
	r.Does, r.Storm, r.Due = rulebook.Does(does), storm, core.FromMicros(due)
	return &r, err
}

// statesWhere locks and reads records.
func statesWhere(ctx context.Context, tx *sqldb.Tx, where string, args ...any) ([]*rulebook.Record, error) {
	text := "SELECT " + stateColumns + " FROM eventpipeline_state WHERE " + where + " ORDER BY id"
	if tx.Dialect() == sqldb.PostgreSQL {
		text += " FOR UPDATE"
	}
	rows, err := tx.Query(ctx, text, args...)
	return sqldb.Collect(rows, err, readRecord)
}

// parts cuts texts into lists that one statement can name. On PostgreSQL it is
// one: one statement locks in one order.
func parts(d sqldb.Dialect, texts []string) [][]string {
	texts = slices.Clone(texts)
	slices.Sort(texts)
	texts = slices.Compact(texts)
	if len(texts) == 0 {
		return nil
	}
	if d == sqldb.PostgreSQL {
		return [][]string{texts}
	}
	var out [][]string
	for part := range slices.Chunk(texts, 512) {
		part = slices.Clip(part)
		for len(part)&(len(part)-1) != 0 { // powers of two: few statements to prepare
			part = append(part, part[len(part)-1])
		}
		out = append(out, part)
	}
	return out
}

func (c *Component) loadKeys(ctx context.Context, tx *sqldb.Tx, book *rulebook.Book, keys []string) error {
	if c.remembered.Load() == 0 && tx.Dialect() == sqldb.SQLite {
		return nil // nobody else writes
	}
	for _, part := range parts(tx.Dialect(), keys) {
		set, args := tx.Dialect().Set(1, part)
		list, err := statesWhere(ctx, tx, "state_key IN "+set, args...)
		if err != nil {
			return err
		}
		book.Load(list...)
	}
	return nil
}

// saveBook writes what changed, and makes due what ended storms gathered.
func (c *Component) saveBook(ctx context.Context, tx *sqldb.Tx, book *rulebook.Book, now time.Time) error {
	write, remove := book.Changes()
	ids := make([]string, len(remove))
	for i, r := range remove {
		ids[i] = r.ID()
	}
	for _, part := range parts(tx.Dialect(), ids) {
		set, args := tx.Dialect().Set(1, part)
		if _, err := tx.Exec(ctx, "DELETE FROM eventpipeline_state WHERE id IN "+set, args...); err != nil {
			return err
		}
	}
	slices.SortFunc(write, func(a, b *rulebook.Record) int { return strings.Compare(a.ID(), b.ID()) })
	var fresh, known [][]any
	for _, r := range write {
		data, err := json.Marshal(r.State)
		if err != nil {
			return err
		}
		row := []any{r.ID(), string(r.Does), r.Rule, r.Key, r.Storm, core.Micros(r.Due), string(data)}
		if r.Stored() {
			known = append(known, row)
		} else {
			fresh = append(fresh, row)
		}
	}
	const insert = "INSERT INTO eventpipeline_state (id, does, rule, state_key, storm, due_at, data) VALUES"
	if err := sqldb.Insert(ctx, tx, insert, 7, fresh, ""); err != nil {
		return err // another process made one in between: the caller tries again and sees it
	}
	if err := sqldb.Insert(ctx, tx, insert, 7, known, "ON CONFLICT (id) DO UPDATE SET storm = excluded.storm, due_at = excluded.due_at, data = excluded.data"); err != nil {
		return err
	}
	for _, over := range book.Over() {
		if _, err := tx.Exec(ctx, "UPDATE eventpipeline_state SET due_at = $1, storm = '' WHERE rule = $2 AND storm = $3", core.Micros(now), over.Rule, over.Source); err != nil {
			return err
		}
	}
	if change := int64(len(fresh) - len(remove)); change != 0 {
		tx.OnCommit(func() { c.remembered.Add(change) })
	}
	return nil
}

// countRemembered counts the records that all processes have stored.
func (c *Component) countRemembered(ctx context.Context) error {
	var n int64
	err := c.deps.DB.QueryRow(ctx, "SELECT COUNT(*) FROM (SELECT 1 FROM eventpipeline_state LIMIT $1) AS counted", c.cfg.Remember+1).Scan(&n)
	if err == nil {
		c.remembered.Store(n)
	}
	return err
}
