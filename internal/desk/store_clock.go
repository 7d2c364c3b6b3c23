package desk

import (
	"context"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/sqldb"
)

const clockColumns = "incident, kind, state, level, calendar, target, used, since, warn_at, due_at, warned_at, breached_at"

// clocks returns an incident's, the response first.
func (s store) clocks(ctx context.Context, q sqldb.Querier, incident string) ([]Clock, error) {
	rows, err := q.Query(ctx, "SELECT "+clockColumns+" FROM desk_clock WHERE incident = $1 ORDER BY kind DESC", incident)
	return sqldb.Collect(rows, err, func(r *sqldb.Rows) (Clock, error) {
		_, c, err := scanClock(r)
		return c, err
	})
}

func scanClock(r *sqldb.Rows) (incident string, c Clock, err error) {
	var since, warn, due, warned, breached int64
	err = r.Scan(&incident, &c.Kind, &c.State, &c.Level, &c.Calendar, (*int64)(&c.Target), (*int64)(&c.Used), &since, &warn, &due, &warned, &breached)
	c.Since, c.WarnAt, c.DueAt, c.WarnedAt, c.BreachedAt = core.FromMicros(since), core.Moment(warn), core.Moment(due), core.Moment(warned), core.Moment(breached)
	return incident, c, err
}

// addClocks completes a page of incidents.
func (s store) addClocks(ctx context.Context, q sqldb.Querier, page []Incident) error {
	at, ids := make(map[string]*Incident, len(page)), make([]any, len(page))
	for i := range page {
		at[page[i].ID], ids[i] = &page[i], page[i].ID
	}
	if len(page) == 0 {
		return nil
	}
	rows, err := q.Query(ctx, "SELECT "+clockColumns+" FROM desk_clock WHERE incident IN ("+sqldb.In(len(ids), 1)+") ORDER BY incident, kind DESC", ids...)
	_, err = sqldb.Collect(rows, err, func(r *sqldb.Rows) (struct{}, error) {
		incident, c, err := scanClock(r)
		if inc := at[incident]; inc != nil {
			inc.Clocks = append(inc.Clocks, c)
		}
		return struct{}{}, err
	})
	return err
}

func (s store) saveClocks(ctx context.Context, tx *sqldb.Tx, inc *Incident) error {
	if _, err := tx.Exec(ctx, "DELETE FROM desk_clock WHERE incident = $1", inc.ID); err != nil {
		return err
	}
	rows := make([][]any, len(inc.Clocks))
	for i, c := range inc.Clocks {
		next := core.Micros(c.next())
		if next == 0 {
			next = never
		}
		rows[i] = []any{inc.ID, string(c.Kind), string(c.State), c.Level, c.Calendar, int64(c.Target), int64(c.Used), core.Micros(c.Since),
			core.MicrosOf(c.WarnAt), core.MicrosOf(c.DueAt), core.MicrosOf(c.WarnedAt), core.MicrosOf(c.BreachedAt), next}
	}
	return sqldb.Insert(ctx, tx, `INSERT INTO desk_clock (incident, kind, state, level, calendar, target, used, since,
		warn_at, due_at, warned_at, breached_at, next_at) VALUES`, 13, rows, "")
}

// never sorts behind every time.
const never = int64(1) << 62

// due returns incidents with a clock that has something to say by now.
func (s store) due(ctx context.Context, q sqldb.Querier, now time.Time, limit int) ([]string, error) {
	rows, err := q.Query(ctx, "SELECT DISTINCT incident FROM desk_clock WHERE next_at <= $1 LIMIT $2", core.Micros(now), limit)
	return sqldb.Collect(rows, err, scanText)
}

// runningBy returns incidents with a clock that runs by a calendar.
func (s store) runningBy(ctx context.Context, q sqldb.Querier, calendar string) ([]string, error) {
	rows, err := q.Query(ctx, "SELECT DISTINCT incident FROM desk_clock WHERE state = 'running' AND calendar = $1 ORDER BY incident", calendar)
	return sqldb.Collect(rows, err, scanText)
}

// resolvedBefore returns incidents that wait to be closed.
func (s store) resolvedBefore(ctx context.Context, q sqldb.Querier, at time.Time, limit int) ([]string, error) {
	rows, err := q.Query(ctx, "SELECT id FROM desk_incident WHERE state = 'resolved' AND resolved_at <= $1 ORDER BY resolved_at LIMIT $2", core.Micros(at), limit)
	return sqldb.Collect(rows, err, scanText)
}

func scanText(r *sqldb.Rows) (text string, err error) { return text, r.Scan(&text) }
