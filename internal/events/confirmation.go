package events

import (
	"context"
	"maps"
	"slices"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/events/correlation"
	"mainstay/internal/events/rootcause"
	"mainstay/internal/platform/sqldb"
)

const (
	// learntKeys bounds the keys of one confirmation, recalledMost those looked at.
	learntKeys   = 200
	recalledMost = 2000
	// alikeShare is how much of two sets of alerts has to be the same for a cause
	// of the one to say something of the other.
	alikeShare = 0.5
)

// learn records which item a person knows to be behind the alerts of a
// situation. No item takes what was said before back.
func (c *Component) learn(ctx context.Context, tx *sqldb.Tx, s *correlation.Situation, root, by string, now time.Time) error {
	if _, err := tx.Exec(ctx, "DELETE FROM events_confirmation WHERE situation = $1", s.ID); err != nil {
		return err
	}
	item := root
	if a := s.Alerts[root]; a != nil {
		item = a.Item
	}
	if item == "" {
		return nil
	}
	var rows [][]any
	for _, key := range keysOf(s.Alerts) {
		rows = append(rows, []any{s.ID, key, item, core.Micros(now), by})
	}
	return sqldb.Insert(ctx, tx, "INSERT INTO events_confirmation (situation, alert_key, item, at, by_name) VALUES", 5, rows, "")
}

// keysOf lists the keys of alerts, the first learntKeys of them.
func keysOf(alerts map[string]*correlation.Alert) []string {
	keys := map[string]bool{}
	for _, a := range alerts {
		keys[a.Key] = true
	}
	sorted := slices.Sorted(maps.Keys(keys))
	return sorted[:min(len(sorted), learntKeys)]
}

// confirmedBefore finds the causes that people named for situations of much
// the same alerts, the latest first.
func (c *Component) confirmedBefore(ctx context.Context, situation string, keys []string) ([]rootcause.Confirmation, error) {
	if len(keys) == 0 {
		return nil, nil
	}
	set, args := c.deps.DB.Dialect().Set(3, keys)
	rows, err := c.deps.DB.Query(ctx, "SELECT c.situation, c.item, c.by_name, c.at, COUNT(*), "+
		"(SELECT COUNT(*) FROM events_confirmation AS whole WHERE whole.situation = c.situation) "+
		"FROM events_confirmation AS c WHERE c.situation <> $1 AND c.alert_key IN "+set+
		" GROUP BY c.situation, c.item, c.by_name, c.at ORDER BY c.at DESC, c.situation LIMIT $2", append([]any{situation, recalledMost}, args...)...)
	type match struct {
		rootcause.Confirmation
		alike bool
	}
	found, err := sqldb.Collect(rows, err, func(rows *sqldb.Rows) (m match, err error) {
		var id string
		var at, same, whole int64
		err = rows.Scan(&id, &m.Node, &m.By, &at, &same, &whole)
		m.At = core.FromMicros(at)
		m.alike = float64(same) >= alikeShare*float64(max(whole, int64(len(keys))))
		return m, err
	})
	var out []rootcause.Confirmation
	for _, m := range found {
		if m.alike {
			out = append(out, m.Confirmation)
		}
	}
	return out, err
}
