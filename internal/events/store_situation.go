package events

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/events/correlation"
	"mainstay/internal/platform/sqldb"
)

const situationColumns = "id, state, merged_into, title, severity, team, opened_at, closed_at, quiet_since, changed_at, due_at, " +
	"root_item, root_alert, root_name, confidence, confirmed, confirmed_by, candidates, services, alerts, active_alerts, items"

// situationStored are the columns that are written; lists need not read the last of them.
const situationStored = situationColumns + ", verdict, kept, held, impact, priority"

const situationWidth = 27

// situationsForEngine reads what the engine keeps of situations.
func situationsForEngine(ctx context.Context, q sqldb.Querier, where string, args ...any) ([]*correlation.Situation, error) {
	rows, err := q.Query(ctx, "SELECT id, state, merged_into, title, severity, opened_at, closed_at, quiet_since, due_at, confirmed, confirmed_by, candidates, verdict, kept, held FROM events_situation WHERE "+where, args...)
	return sqldb.Collect(rows, err, func(rows *sqldb.Rows) (*correlation.Situation, error) {
		s := &correlation.Situation{}
		var state, candidates, verdict string
		var severity, opened, closed, quiet, due int64
		if err := rows.Scan(&s.ID, &state, &s.Into, &s.Title, &severity, &opened, &closed, &quiet, &due, &s.Confirmed, &s.By, &candidates, &verdict, &s.Kept, &s.Held); err != nil {
			return nil, err
		}
		s.State, s.Severity = correlation.State(state), core.Severity(severity)
		s.OpenedAt, s.ClosedAt, s.QuietSince, s.Due = core.FromMicros(opened), core.FromMicros(closed), core.FromMicros(quiet), core.FromMicros(due)
		return s, errors.Join(fromText(candidates, &s.Candidates), fromText(verdict, &s.Verdict))
	})
}

// saveOutcome writes what the engine changed and tells it.
func (c *Component) saveOutcome(ctx context.Context, tx *sqldb.Tx, out correlation.Outcome, why causes, now time.Time) error {
	var rows, notes [][]any
	for i := range out.Changes {
		change := &out.Changes[i]
		if s := change.Situation; s.Held && why.actor.Kind != "" { // what a person decides about is known
			s.Held, change.Opened = false, true
		}
		row, err := c.situationRow(change, now)
		if err != nil {
			return err
		}
		rows = append(rows, row)
		for _, n := range change.Notes {
			notes = append(notes, []any{c.deps.IDs.New(), change.Situation.ID, core.Micros(n.At), n.Kind, n.From, n.To, n.Why})
		}
		if err := c.tellSituation(ctx, tx, change, why); err != nil { // what was set before is read there
			return err
		}
	}
	tail := "ON CONFLICT (id) DO UPDATE SET state = excluded.state, merged_into = excluded.merged_into, title = excluded.title, severity = excluded.severity, " +
		"team = excluded.team, closed_at = excluded.closed_at, quiet_since = excluded.quiet_since, changed_at = excluded.changed_at, due_at = excluded.due_at, " +
		"root_item = excluded.root_item, root_alert = excluded.root_alert, root_name = excluded.root_name, confidence = excluded.confidence, " +
		"confirmed = excluded.confirmed, confirmed_by = excluded.confirmed_by, candidates = excluded.candidates, services = excluded.services, " +
		"alerts = excluded.alerts, active_alerts = excluded.active_alerts, items = excluded.items, verdict = excluded.verdict, kept = excluded.kept, held = excluded.held, impact = excluded.impact, priority = excluded.priority"
	if err := sqldb.Insert(ctx, tx, "INSERT INTO events_situation ("+situationStored+") VALUES", situationWidth, rows, tail); err != nil {
		return err
	}
	if err := sqldb.Insert(ctx, tx, "INSERT INTO events_note (id, situation, at, kind, from_ref, to_ref, why) VALUES", 7, notes, ""); err != nil {
		return err
	}
	return errors.Join(c.saveMoves(ctx, tx, out.Moves, now), saveTwins(ctx, tx, out.Twins))
}

func (c *Component) situationRow(change *correlation.Change, now time.Time) ([]any, error) {
	s := change.Situation
	root := s.Root()
	candidates, err := json.Marshal(s.Candidates)
	if err != nil {
		return nil, err
	}
	items := itemsOf(s)
	impact := c.rate(items, s.Severity)
	services := c.deps.Impact.Services(items)
	if services == nil {
		services = []Service{}
	}
	return []any{s.ID, string(s.State), s.Into, s.Title, int64(s.Severity), teamOf(s), core.Micros(s.OpenedAt), core.Micros(s.ClosedAt),
		core.Micros(s.QuietSince), core.Micros(now), core.Micros(s.Due), root.Item, root.Alert, root.Name, root.Confidence, s.Confirmed, s.By,
		string(candidates), jsonText(services, false), int64(len(s.Alerts)), int64(s.Failing()), int64(len(items)),
		jsonText(s.Verdict, s.Verdict == nil), s.Kept, s.Held, jsonText(impact, false), int64(impact.Priority)}, nil
}

// saveMoves writes which situation each alert is in now, and the history of it.
func (c *Component) saveMoves(ctx context.Context, tx *sqldb.Tx, moves []correlation.Move, now time.Time) error {
	if len(moves) == 0 {
		return nil
	}
	tx.OnCommit(func() { c.view.moved(moves, true) })
	at := core.Micros(now)
	var members, homes [][]any
	var ids []string
	for _, m := range moves {
		members = append(members, []any{m.To, m.Alert, at, int64(0), m.Why})
		homes = append(homes, []any{m.Alert, m.To, m.Pinned})
		ids = append(ids, m.Alert)
	}
	placed, err := lockAlerts(ctx, tx, ids)
	if err != nil {
		return err
	}
	for part := range slices.Chunk(placed, 512) {
		set, args := tx.Dialect().Set(2, part)
		if _, err := tx.Exec(ctx, "UPDATE events_member SET left_at = $1 WHERE left_at = 0 AND alert IN "+set, append([]any{at}, args...)...); err != nil {
			return err
		}
	}
	if err := sqldb.Insert(ctx, tx, "INSERT INTO events_member (situation, alert, joined_at, left_at, why) VALUES", 5, members,
		"ON CONFLICT (situation, alert) DO UPDATE SET left_at = 0, why = excluded.why"); err != nil {
		return err
	}
	return updateAlertRows(ctx, tx, []string{"id", "situation", "pinned"}, homes)
}

// saveTwins writes which alerts tell the fault of another one.
func saveTwins(ctx context.Context, tx *sqldb.Tx, twins []correlation.Twin) error {
	rows := make([][]any, 0, len(twins))
	for _, t := range twins {
		rows = append(rows, []any{t.Alert, t.SameAs})
	}
	return updateAlertRows(ctx, tx, []string{"id", "same_as"}, rows)
}

// itemsOf lists the items of a situation's alerts, the root cause first.
func itemsOf(s *correlation.Situation) []string {
	root := s.Root().Item
	seen := map[string]bool{"": true, root: true}
	var items []string
	for _, a := range s.Alerts {
		if !seen[a.Item] {
			seen[a.Item] = true
			items = append(items, a.Item)
		}
	}
	slices.Sort(items)
	if root != "" {
		items = slices.Insert(items, 0, root)
	}
	return items
}

// teamOf is the team of the root cause, or of any alert that has one.
func teamOf(s *correlation.Situation) string {
	root := s.Root()
	if a := s.Alerts[root.Alert]; a != nil && a.Team != "" {
		return a.Team
	}
	var teams []string
	for _, a := range s.Alerts {
		if a.Team != "" {
			teams = append(teams, a.Team)
		}
	}
	if len(teams) == 0 {
		return ""
	}
	return slices.Min(teams)
}
