package events

import (
	"context"
	"errors"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/sqldb"
)

const (
	retainEvery = 10 * time.Minute
	retainChunk = 5000 // rows removed in one transaction, so that intake does not wait
)

// retain removes what is older or more than is to be kept.
func (c *Component) retain(ctx context.Context) {
	timer := c.deps.Clock.NewTimer(retainEvery / 10)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C():
			timer.Reset(retainEvery)
		}
		c.attempt(ctx, "old events", c.removeEvents)
		c.attempt(ctx, "old alerts", c.removeAlerts)
		c.attempt(ctx, "old bulk actions", c.removeBulk)
		c.attempt(ctx, "old notifications", c.router.Forget)
	}
}

// removeEvents keeps the newest KeepRows events no older than KeepFor.
func (c *Component) removeEvents(ctx context.Context) error {
	bound := firstID(c.deps.Clock.Now().Add(-c.config.Intake.KeepFor))
	var over string
	err := c.deps.DB.QueryRow(ctx, "SELECT id FROM events_event ORDER BY id DESC LIMIT 1 OFFSET $1", c.config.Intake.KeepRows-1).Scan(&over)
	switch {
	case errors.Is(err, sqldb.ErrNoRows):
	case err != nil:
		return err
	default:
		bound = max(bound, over)
	}
	return errors.Join(
		c.removeAll(ctx, "DELETE FROM events_event WHERE id IN (SELECT id FROM events_event WHERE id < $1 ORDER BY id LIMIT $2)", bound),
		c.removeAll(ctx, "DELETE FROM events_repeat WHERE id IN (SELECT id FROM events_repeat WHERE id < $1 AND applied ORDER BY id LIMIT $2)", bound),
	)
}

// removeAlerts forgets what was over long ago, with everything that hangs on it.
func (c *Component) removeAlerts(ctx context.Context) error {
	before := core.Micros(c.deps.Clock.Now().Add(-c.config.Intake.AlertsFor))
	return errors.Join(
		c.removeRecords(ctx, "SELECT id FROM events_alert WHERE opened_at < $1 AND changed_at < $1 AND NOT active LIMIT $2", before,
			"DELETE FROM events_member WHERE alert IN ",
			"DELETE FROM events_link WHERE alert IN ",
			"DELETE FROM events_comment WHERE subject_kind = 'alert' AND subject_id IN ",
			"DELETE FROM events_alert WHERE id IN "),
		c.removeRecords(ctx, "SELECT id FROM events_situation WHERE state IN ('closed', 'merged') AND closed_at < $1 LIMIT $2", before,
			"DELETE FROM events_note WHERE situation IN ",
			"DELETE FROM events_member WHERE situation IN ",
			"DELETE FROM events_comment WHERE subject_kind = 'situation' AND subject_id IN ",
			"DELETE FROM events_confirmation WHERE situation IN ",
			"DELETE FROM events_situation WHERE id IN "),
		c.removeAll(ctx, "DELETE FROM events_silence WHERE id IN (SELECT id FROM events_silence WHERE ends_at < $1 LIMIT $2)", before),
	)
}

// removeRecords deletes the records a query names, and what belongs to them.
func (c *Component) removeRecords(ctx context.Context, query string, bound any, deletes ...string) error {
	const most = 500
	for {
		rows, err := c.deps.DB.Query(ctx, query, bound, most)
		ids, err := sqldb.Collect(rows, err, func(rows *sqldb.Rows) (id string, err error) { return id, rows.Scan(&id) })
		if err != nil || len(ids) == 0 {
			return err
		}
		err = c.deps.DB.Write(ctx, func(tx *sqldb.Tx) error {
			for _, text := range deletes {
				if _, err := tx.Exec(ctx, text+"("+sqldb.In(len(ids), 1)+")", anys(ids)...); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil || len(ids) < most {
			return err
		}
	}
}

func (c *Component) removeAll(ctx context.Context, text string, bound any) error {
	for {
		var n int64
		err := c.deps.DB.Write(ctx, func(tx *sqldb.Tx) error {
			var err error
			n, err = sqldb.Affected(tx.Exec(ctx, text, bound, retainChunk))
			return err
		})
		if err != nil || n < retainChunk {
			return err
		}
	}
}

// firstID is the smallest identifier that is made at t: the first ten
// characters are its milliseconds.
func firstID(t time.Time) string {
	const digits = "0123456789abcdefghjkmnpqrstvwxyz"
	ms := max(t.UnixMilli(), 0)
	id := []byte("00000000000000000000000000")
	for i := 9; i >= 0; i-- {
		id[i] = digits[ms&31]
		ms >>= 5
	}
	return string(id)
}
