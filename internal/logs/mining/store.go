package mining

import (
	"cmp"
	"context"
	"embed"
	"io/fs"
	"maps"
	"slices"

	"mainstay/internal/core"
	"mainstay/internal/logs/patterns"
	"mainstay/internal/platform/sqldb"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Migrations are the tables; migrate them under the name "logmining".
func Migrations() fs.FS { return migrations }

type store struct{ db *sqldb.DB }

// snapshotName is the one snapshot there is.
const snapshotName = "miner"

func (s *store) snapshot(ctx context.Context) ([]byte, error) {
	var out []byte
	err := s.db.QueryRow(ctx, "SELECT snapshot FROM logs_pattern_snapshot WHERE name = $1", snapshotName).Scan(&out)
	if err == sqldb.ErrNoRows {
		return nil, nil
	}
	return out, err
}

// Flush adds the counts that wait to those that are stored. What cannot be
// stored waits on.
func (c *Component) Flush(ctx context.Context) error {
	c.flushing.Lock()
	defer c.flushing.Unlock()
	c.lock()
	pending, dirty := c.pending, c.dirty
	c.pending, c.dirty = map[cell]int64{}, map[string]bool{}
	known := map[string]patterns.Pattern{}
	for id := range dirty {
		if p, ok := c.miner.Get(id); ok {
			known[p.ID] = p
		}
	}
	c.unlock()
	err := c.save(ctx, pending, known)
	if err == nil {
		return nil
	}
	c.lock()
	defer c.unlock()
	for key, n := range pending {
		if _, ok := c.pending[key]; !ok && len(c.pending) >= c.cfg.Pending {
			c.uncounted.Add(n)
			continue
		}
		c.pending[key] += n
	}
	for id := range dirty {
		c.dirty[id] = true
	}
	return err
}

// Remember stores what was learned.
func (c *Component) Remember(ctx context.Context) error {
	c.lock()
	frozen := c.miner.Freeze()
	c.unlock()
	snapshot, err := frozen.Encode()
	if err != nil {
		return err
	}
	return c.store.db.Write(ctx, func(tx *sqldb.Tx) error {
		_, err := tx.Exec(ctx, `INSERT INTO logs_pattern_snapshot (name, at, snapshot) VALUES ($1,$2,$3)
			ON CONFLICT (name) DO UPDATE SET at = excluded.at, snapshot = excluded.snapshot`, snapshotName, core.Micros(c.deps.Clock.Now()), snapshot)
		return err
	})
}

func (c *Component) save(ctx context.Context, pending map[cell]int64, known map[string]patterns.Pattern) error {
	now := c.deps.Clock.Now()
	// One order, so that two processes never wait for each other.
	cells := slices.SortedFunc(maps.Keys(pending), func(a, b cell) int {
		return cmp.Or(cmp.Compare(a.bucket, b.bucket), cmp.Compare(a.pattern, b.pattern), cmp.Compare(a.app, b.app), cmp.Compare(a.dataset, b.dataset))
	})
	ids := slices.Sorted(maps.Keys(known))
	return c.store.db.Write(ctx, func(tx *sqldb.Tx) error {
		for _, key := range cells {
			if _, err := tx.Exec(ctx, `INSERT INTO logs_pattern_count (bucket, pattern, app, dataset, count) VALUES ($1,$2,$3,$4,$5)
				ON CONFLICT (bucket, pattern, app, dataset) DO UPDATE SET count = logs_pattern_count.count + excluded.count`, key.bucket, key.pattern, key.app, key.dataset, pending[key]); err != nil {
				return err
			}
		}
		for _, id := range ids {
			p := known[id]
			if err := savePattern(ctx, tx, p.ID, p.Template, "", p.First, p.Last); err != nil {
				return err
			}
			for _, old := range p.Aliases {
				if _, err := tx.Exec(ctx, "UPDATE logs_pattern SET became = $1 WHERE id = $2 AND became <> $1", p.ID, old); err != nil {
					return err
				}
			}
		}
		oldest := core.Micros(now.Add(-c.cfg.Keep))
		if _, err := tx.Exec(ctx, "DELETE FROM logs_pattern_count WHERE bucket < $1", oldest); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, "DELETE FROM logs_pattern WHERE last_at < $1", oldest)
		return err
	})
}

func savePattern(ctx context.Context, tx *sqldb.Tx, id, template, became string, first, last int64) error {
	_, err := tx.Exec(ctx, `INSERT INTO logs_pattern (id, template, became, first_at, last_at) VALUES ($1,$2,$3,$4,$5)
		ON CONFLICT (id) DO UPDATE SET template = excluded.template, became = excluded.became,
			first_at = CASE WHEN excluded.first_at < logs_pattern.first_at THEN excluded.first_at ELSE logs_pattern.first_at END,
			last_at = CASE WHEN excluded.last_at > logs_pattern.last_at THEN excluded.last_at ELSE logs_pattern.last_at END`, id, template, became, first, last)
	return err
}

// row is a pattern as it is stored.
type row struct {
	id, template, became string
	first, last          int64
}

func (s *store) patterns(ctx context.Context, since int64) ([]row, error) {
	rows, err := s.db.Query(ctx, "SELECT id, template, became, first_at, last_at FROM logs_pattern WHERE last_at >= $1", since)
	return sqldb.Collect(rows, err, func(r *sqldb.Rows) (row, error) {
		var x row
		return x, r.Scan(&x.id, &x.template, &x.became, &x.first, &x.last)
	})
}

// sum is a count of one pattern from a moment on for a step.
type sum struct {
	pattern string
	at      int64
	count   int64
}

// within restricts counts to datasets, all when only is nil; first is the number
// of the first placeholder.
func within(only []string, first int) (condition string, args []any) {
	if only == nil {
		return "", nil
	}
	args = []any{"\x01"} // no dataset's name: the list must not be empty
	for _, name := range only {
		args = append(args, stored(name))
	}
	return " AND dataset IN (" + sqldb.In(len(args), first) + ")", args
}

// sums adds up counts by pattern and step, of one app or ("") of all.
func (s *store) sums(ctx context.Context, from, to, step int64, app string, only []string) ([]sum, error) {
	condition, args := within(only, 5)
	rows, err := s.db.Query(ctx, `SELECT pattern, (bucket - $1) / $3 AS slot, CAST(SUM(count) AS BIGINT) FROM logs_pattern_count
		WHERE bucket >= $1 AND bucket < $2 AND ($4 = '' OR app = $4)`+condition+` GROUP BY pattern, (bucket - $1) / $3`, append([]any{from, to, step, app}, args...)...)
	return sqldb.Collect(rows, err, func(r *sqldb.Rows) (sum, error) {
		var x sum
		return x, r.Scan(&x.pattern, &x.at, &x.count)
	})
}

// byApp adds up the counts of some patterns by app.
func (s *store) byApp(ctx context.Context, from, to int64, ids, only []string) (map[string]int64, error) {
	out := map[string]int64{}
	for part := range slices.Chunk(ids, 200) {
		args := []any{from, to}
		for _, id := range part {
			args = append(args, id)
		}
		condition, more := within(only, 3+len(part))
		rows, err := s.db.Query(ctx, "SELECT app, CAST(SUM(count) AS BIGINT) FROM logs_pattern_count WHERE bucket >= $1 AND bucket < $2 AND pattern IN ("+sqldb.In(len(part), 3)+")"+condition+" GROUP BY app", append(args, more...)...)
		_, err = sqldb.Collect(rows, err, func(r *sqldb.Rows) (struct{}, error) {
			var app string
			var n int64
			err := r.Scan(&app, &n)
			out[app] += n
			return struct{}{}, err
		})
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}
