package events

import (
	"context"

	"mainstay/internal/events/correlation"
	"mainstay/internal/platform/sqldb"
)

// catchUp brings what is in memory up to date with the store: when it returns
// nil, everything is known that was committed before it was called. Where one
// process owns the store, it knows that already.
//
// Each alert says which transaction wrote it last. What is read are those of
// transactions that were not over when the last reading began, so that none is
// missed, however long it took and whatever its process takes for the time.
func (c *Component) catchUp(ctx context.Context) error {
	v := c.view
	v.following.Lock()
	defer v.following.Unlock()
	if c.deps.DB.Dialect() == sqldb.SQLite {
		if v.read > 0 {
			return nil
		}
		v.read = 1
		return c.readActive(ctx)
	}
	var over, next int64 // all transactions before the first are over, none from the second on has begun
	if err := c.deps.DB.QueryRow(ctx, "SELECT txid_snapshot_xmin(now), txid_snapshot_xmax(now) FROM (SELECT txid_current_snapshot() AS now) AS s").Scan(&over, &next); err != nil {
		return err
	}
	switch {
	case v.read == 0:
		if err := c.readActive(ctx); err != nil {
			return err
		}
	case v.read < next:
		if err := c.readWritten(ctx, v.read, next); err != nil {
			return err
		}
	}
	v.read = over
	return nil
}

func (c *Component) readActive(ctx context.Context) error {
	alerts, err := alertsWhere(ctx, c.deps.DB, "active", false)
	if err == nil {
		c.seen(alerts)
	}
	return err
}

// readWritten reads what transactions from first on, and before next, wrote and
// this process does not know.
func (c *Component) readWritten(ctx context.Context, first, next int64) error {
	// A store that was restored holds numbers of transactions to come.
	rows, err := c.deps.DB.Query(ctx, "SELECT id, revision, latest, situation FROM events_alert WHERE written >= $1 AND written < $2", first, next)
	type stored struct {
		id, situation string
		revision      int64
		latest        bool
	}
	list, err := sqldb.Collect(rows, err, func(rows *sqldb.Rows) (s stored, err error) {
		return s, rows.Scan(&s.id, &s.revision, &s.latest, &s.situation)
	})
	if err != nil || len(list) == 0 {
		return err
	}
	var ids []string
	var moves []correlation.Move
	c.view.mu.RLock()
	for _, s := range list {
		c.recall.heard(s.id, s.revision, s.latest)
		known, ok := c.view.alerts[s.id]
		if !ok || known.revision < s.revision {
			ids = append(ids, s.id)
		}
		if !ok || known.situation != s.situation {
			moves = append(moves, correlation.Move{Alert: s.id, To: s.situation})
		}
	}
	c.view.mu.RUnlock()
	if len(ids) > 0 {
		query, args := c.deps.DB.Dialect().ByKey(alertColumns+", "+correlatedColumns, "events_alert", "TRUE", "id", 1, ids)
		rows, err := c.deps.DB.Query(ctx, query, args...)
		alerts, err := sqldb.Collect(rows, err, scanAlert)
		if err != nil {
			return err
		}
		c.seen(alerts)
	}
	c.view.moved(moves, false)
	return nil
}
