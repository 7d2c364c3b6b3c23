package events

import (
	"context"
	"slices"
	"strings"

	"mainstay/internal/core"
	"mainstay/internal/platform/sqldb"
)

// correlatedColumns belong to correlation and are written by it alone.
const correlatedColumns = "situation, pinned, same_as"

// alertColumns are all other columns of events_alert but latest.
const alertColumns = "id, alert_key, source, title, description, item, identities, check_id, team, cause, labels, annotations, url, " +
	"active, observed, state, severity, worst, opened_at, onset, last_seen, cleared_at, changed_at, expires_at, due_at, " +
	"occurrences, episodes, flips, flapping, acked_by, ack_note, acked_at, acked_severity, assignee, suppressed_by, suppressed_id, suppressed_why, assigned_team, hold, hold_until, revision"

// ofSituation finds the alerts of one situation, in the words of the index that
// has them: without these all alerts with an item are read.
const ofSituation = "situation = $1 AND situation <> ''"

// alertWidth counts alertColumns.
const alertWidth = 41

func scanAlert(rows *sqldb.Rows) (*Alert, error) { return readAlert(rows.Scan) }

// readAlert reads alertColumns and correlatedColumns.
func readAlert(scan func(...any) error) (*Alert, error) {
	a := &Alert{}
	var identities, labels, annotations, state, flips, hold string
	var holdUntil int64
	var severity, worst, ackedSeverity int64
	var opened, onset, seen, cleared, changed, expires, due, acked int64
	err := scan(&a.ID, &a.Key, &a.Source, &a.Title, &a.Description, &a.Item, &identities, &a.Check, &a.Team, &a.Cause, &labels, &annotations, &a.URL,
		&a.Active, &a.Observed, &state, &severity, &worst, &opened, &onset, &seen, &cleared, &changed, &expires, &due,
		&a.Count, &a.Episodes, &flips, &a.Flapping, &a.AckedBy, &a.AckNote, &acked, &ackedSeverity, &a.Assignee,
		&a.Suppressed.By, &a.Suppressed.ID, &a.Suppressed.Why, &a.AssignedTeam, &hold, &holdUntil, &a.Revision, &a.Situation, &a.Pinned, &a.SameAs)
	if err != nil {
		return nil, err
	}
	a.Severity, a.Worst, a.AckedSeverity = core.Severity(severity), core.Severity(worst), core.Severity(ackedSeverity)
	a.OpenedAt, a.Onset, a.LastSeen, a.ClearedAt = core.FromMicros(opened), core.FromMicros(onset), core.FromMicros(seen), core.FromMicros(cleared)
	a.ChangedAt, a.ExpiresAt, a.AckedAt = core.FromMicros(changed), core.FromMicros(expires), core.FromMicros(acked)
	a.Flips = timesFrom(flips)
	for _, part := range []struct {
		text string
		into any
	}{{identities, &a.Identities}, {labels, &a.Labels}, {annotations, &a.Annotations}, {hold, &a.Hold}} {
		if err := fromText(part.text, part.into); err != nil {
			return nil, err
		}
	}
	return a, nil
}

func (a *Alert) row(p Policy) []any {
	return []any{a.ID, a.Key, a.Source, a.Title, a.Description, a.Item, jsonText(a.Identities, len(a.Identities) == 0), a.Check, a.Team, a.Cause,
		jsonText(a.Labels, len(a.Labels) == 0), jsonText(a.Annotations, len(a.Annotations) == 0), a.URL,
		a.Active, a.Observed, string(a.State()), int64(a.Severity), int64(a.Worst),
		core.Micros(a.OpenedAt), core.Micros(a.Onset), core.Micros(a.LastSeen), core.Micros(a.ClearedAt), core.Micros(a.ChangedAt),
		core.Micros(a.ExpiresAt), core.Micros(a.due(p)), a.Count, a.Episodes, timesText(a.Flips), a.Flapping,
		a.AckedBy, a.AckNote, core.Micros(a.AckedAt), int64(a.AckedSeverity), a.Assignee,
		a.Suppressed.By, a.Suppressed.ID, a.Suppressed.Why, a.AssignedTeam, jsonText(a.Hold, a.Hold.Kind == ""), core.Micros(a.Hold.Until), a.Revision}
}

// insertAlerts writes new alerts; those in over no longer answer for their key.
func (c *Component) insertAlerts(ctx context.Context, tx *sqldb.Tx, over []string, alerts []*Alert) error {
	for _, part := range lists(tx.Dialect(), over) {
		if _, err := tx.Exec(ctx, "UPDATE events_alert SET latest = FALSE"+writtenNow(tx)+" WHERE id IN "+part.set, part.args...); err != nil {
			return err
		}
	}
	c.recall.forget(alerts)
	slices.SortFunc(alerts, func(a, b *Alert) int { return strings.Compare(a.Key, b.Key) }) // as all processes do: no deadlock over new keys
	rows := make([][]any, 0, len(alerts))
	for _, a := range alerts {
		rows = append(rows, append(a.row(c.policy), true))
	}
	return sqldb.Insert(ctx, tx, "INSERT INTO events_alert ("+alertColumns+", latest) VALUES", alertWidth+1, rows, "")
}

// updateAlerts writes all that may change of alerts that exist.
func (c *Component) updateAlerts(ctx context.Context, tx *sqldb.Tx, alerts []*Alert) error {
	c.recall.forget(alerts)
	rows := make([][]any, 0, len(alerts))
	for _, a := range alerts {
		a.Revision++
		rows = append(rows, a.row(c.policy))
	}
	return updateAlertRows(ctx, tx, strings.Split(alertColumns, ", "), rows)
}

// updateAlertRows sets columns of many alerts, each found by its first column,
// the id, and lets other processes know.
func updateAlertRows(ctx context.Context, tx *sqldb.Tx, columns []string, rows [][]any) error {
	set := make([]string, 0, len(columns))
	for _, column := range columns[1:] {
		set = append(set, column+" = v."+column)
	}
	return sqldb.Update(ctx, tx, "events_alert", columns, rows, strings.Join(set, ", ")+writtenNow(tx))
}

// writtenNow, at the end of what an UPDATE of alerts sets, lets other processes
// know of it.
func writtenNow(tx *sqldb.Tx) string {
	if tx.Dialect() == sqldb.PostgreSQL {
		return ", written = txid_current()"
	}
	return ""
}

// alertsWhere reads alerts. With lock, other writers of them wait.
func alertsWhere(ctx context.Context, q sqldb.Querier, where string, lock bool, args ...any) ([]*Alert, error) {
	text := "SELECT " + alertColumns + ", " + correlatedColumns + " FROM events_alert WHERE " + where
	if tx, ok := q.(*sqldb.Tx); ok && lock && tx.Dialect() == sqldb.PostgreSQL {
		text += " FOR UPDATE"
	}
	rows, err := q.Query(ctx, text, args...)
	return sqldb.Collect(rows, err, scanAlert)
}

// alertsByKey locks and reads the alerts that events of the keys act on.
func alertsByKey(ctx context.Context, tx *sqldb.Tx, keys []string) (map[string]*Alert, error) {
	found := make(map[string]*Alert, len(keys))
	for _, part := range lists(tx.Dialect(), keys) {
		where, args := "latest AND alert_key IN "+part.set, part.args
		if tx.Dialect() == sqldb.PostgreSQL {
			// Found key by key, whatever the planner knows of the table, then locked in the order of ids.
			var query string
			query, args = tx.Dialect().ByKey("id", "events_alert", "latest", "alert_key", 1, keys)
			where = "latest AND id = ANY(ARRAY(" + query + "))"
		}
		alerts, err := alertsWhere(ctx, tx, where+" ORDER BY id", true, args...)
		if err != nil {
			return nil, err
		}
		for _, a := range alerts {
			found[a.Key] = a
		}
	}
	return found, nil
}

// alertsByID reads alerts.
func alertsByID(ctx context.Context, q *sqldb.Tx, ids []string) ([]*Alert, error) {
	var found []*Alert
	for _, part := range lists(q.Dialect(), ids) {
		alerts, err := alertsWhere(ctx, q, "id IN "+part.set+" ORDER BY id", false, part.args...)
		if err != nil {
			return nil, err
		}
		found = append(found, alerts...)
	}
	return found, nil
}

// lockAlerts makes other writers of the alerts wait. All transactions lock
// alerts in the order of their ids, in one statement: so none deadlocks. It
// returns those that may be in a situation.
func lockAlerts(ctx context.Context, tx *sqldb.Tx, ids []string) (placed []string, err error) {
	if tx.Dialect() != sqldb.PostgreSQL {
		return ids, nil
	}
	for _, part := range lists(tx.Dialect(), ids) {
		rows, err := tx.Query(ctx, "SELECT id, situation FROM events_alert WHERE id IN "+part.set+" ORDER BY id FOR UPDATE", part.args...)
		if _, err = sqldb.Collect(rows, err, func(rows *sqldb.Rows) (struct{}, error) {
			var id, situation string
			err := rows.Scan(&id, &situation)
			if situation != "" {
				placed = append(placed, id)
			}
			return struct{}{}, err
		}); err != nil {
			return nil, err
		}
	}
	return placed, nil
}

// list is what an IN condition names, with its arguments from $1 on.
type list struct {
	set  string
	args []any
}

// lists cuts values into the lists of IN conditions. On SQLite their lengths
// are powers of two, filled up with repetitions, so that few statements are
// prepared; on PostgreSQL there is one: one statement, one order of locking.
func lists(dialect sqldb.Dialect, values []string) []list {
	values = slices.Clone(values)
	slices.Sort(values)
	values = slices.Compact(values)
	most := 512
	if dialect == sqldb.PostgreSQL {
		most = max(1, len(values))
	}
	var all []list
	for part := range slices.Chunk(values, most) {
		part = slices.Clip(part)
		for dialect == sqldb.SQLite && len(part)&(len(part)-1) != 0 {
			part = append(part, part[len(part)-1])
		}
		set, args := dialect.Set(1, part)
		all = append(all, list{set, args})
	}
	return all
}

func anys[T any](list []T) []any {
	out := make([]any, len(list))
	for i, v := range list {
		out[i] = v
	}
	return out
}
