package events

import (
	"context"
	"strconv"
	"strings"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/sqldb"
)

// Duplicates are many and say little. Those of one transaction are written as
// one row of events_repeat; once a second what the rows hold is added to the
// alerts' counters, in the transaction that marks them as applied.

// repeat is how often one alert's condition was seen again.
type repeat struct {
	alert   string
	n       int64
	seen    time.Time
	expires time.Time
}

func (r *repeat) add(n int64, seen, expires time.Time) {
	r.n += n
	if !seen.Before(r.seen) {
		r.seen, r.expires = seen, expires
	}
}

// appendRepeat writes "alert n seen expires;".
func appendRepeat(b []byte, r *repeat) []byte {
	b = append(b, r.alert...)
	for _, v := range []int64{r.n, core.Micros(r.seen), core.Micros(r.expires)} {
		b = append(b, ' ')
		b = strconv.AppendInt(b, v, 10)
	}
	return append(b, ';')
}

// parseRepeats is the inverse of appendRepeat; what it cannot read it leaves out.
func parseRepeats(text string, each func(repeat)) {
	for text != "" {
		var one string
		one, text, _ = strings.Cut(text, ";")
		var fields [4]string
		for i := range fields {
			fields[i], one, _ = strings.Cut(one, " ")
		}
		n, bad1 := strconv.ParseInt(fields[1], 10, 64)
		seen, bad2 := strconv.ParseInt(fields[2], 10, 64)
		expires, bad3 := strconv.ParseInt(fields[3], 10, 64)
		if bad1 == nil && bad2 == nil && bad3 == nil {
			each(repeat{fields[0], n, core.FromMicros(seen), core.FromMicros(expires)})
		}
	}
}

// saveRepeats writes the duplicates of one transaction.
func (w *work) saveRepeats(ctx context.Context, tx *sqldb.Tx) error {
	if len(w.repeats) == 0 {
		return nil
	}
	total := int64(0)
	text := make([]byte, 0, len(w.repeats)*64)
	for _, r := range w.repeatOrder {
		text = appendRepeat(text, r)
		total += r.n
	}
	_, err := tx.Exec(ctx, "INSERT INTO events_repeat (id, at, events, data, applied) VALUES ($1,$2,$3,$4,FALSE)",
		w.c.deps.IDs.New(), core.Micros(w.now), total, string(text))
	return err
}

// repeatsAtOnce bounds how many rows are applied in one transaction.
const repeatsAtOnce = 100

// applyRepeats adds the duplicates that wait to their alerts' counters. When it
// returns, those of a call that was under way are added too.
func (c *Component) applyRepeats(ctx context.Context) error {
	c.applying.Lock()
	defer c.applying.Unlock()
	for {
		var waiting int
		if err := c.deps.DB.QueryRow(ctx, "SELECT COUNT(*) FROM (SELECT 1 FROM events_repeat WHERE NOT applied LIMIT 1) AS waiting").Scan(&waiting); err != nil || waiting == 0 {
			return err
		}
		n := 0
		err := c.deps.DB.Write(ctx, func(tx *sqldb.Tx) error {
			var err error
			n, err = applyRepeats(ctx, tx)
			return err
		})
		if err != nil || n < repeatsAtOnce {
			return err
		}
	}
}

func applyRepeats(ctx context.Context, tx *sqldb.Tx) (int, error) {
	lock := ""
	if tx.Dialect() == sqldb.PostgreSQL {
		lock = " FOR UPDATE SKIP LOCKED" // another process has them
	}
	type row struct{ id, data string }
	found, err := tx.Query(ctx, "SELECT id, data FROM events_repeat WHERE NOT applied ORDER BY id LIMIT $1"+lock, repeatsAtOnce)
	list, err := sqldb.Collect(found, err, func(rows *sqldb.Rows) (r row, err error) { return r, rows.Scan(&r.id, &r.data) })
	if err != nil || len(list) == 0 {
		return 0, err
	}
	sums := map[string]*repeat{}
	var order []*repeat
	ids := make([]any, 0, len(list))
	for _, r := range list {
		ids = append(ids, r.id)
		parseRepeats(r.data, func(one repeat) {
			sum := sums[one.alert]
			if sum == nil {
				sum = &repeat{alert: one.alert}
				sums[one.alert] = sum
				order = append(order, sum)
			}
			sum.add(one.n, one.seen, one.expires)
		})
	}
	rows := make([][]any, 0, len(order))
	alerts := make([]string, 0, len(order))
	for _, r := range order {
		alerts = append(alerts, r.alert)
		rows = append(rows, []any{r.alert, r.n, core.Micros(r.seen), core.Micros(r.expires)})
	}
	if _, err := lockAlerts(ctx, tx, alerts); err != nil {
		return 0, err
	}
	const newer = "active AND v.seen >= last_seen"
	// An alert that falls due too early is looked at and finds out: an index
	// that follows each repetition would cost more than all the rest.
	const sooner = newer + " AND NOT flapping AND v.expires > 0 AND (due_at = 0 OR v.expires < due_at)"
	err = sqldb.Update(ctx, tx, "events_alert", []string{"id", "n", "seen", "expires"}, rows, "occurrences = occurrences + v.n, "+
		"expires_at = CASE WHEN "+newer+" THEN v.expires ELSE expires_at END, "+
		"due_at = CASE WHEN "+sooner+" THEN v.expires ELSE due_at END, "+
		"last_seen = CASE WHEN v.seen > last_seen THEN v.seen ELSE last_seen END")
	if err != nil {
		return 0, err
	}
	_, err = tx.Exec(ctx, "UPDATE events_repeat SET applied = TRUE WHERE id IN ("+sqldb.In(len(ids), 1)+")", ids...)
	return len(list), err
}
