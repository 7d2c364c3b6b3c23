package availability

import (
	"context"
	"slices"
	"strings"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/monitor/availability/figures"
	"mainstay/internal/platform/ledger"
	"mainstay/internal/platform/sqldb"
)

// heard are the entries this room follows.
func heard() []string {
	return []string{"monitor.check.changed", "monitor.maintenance.started", "monitor.maintenance.ended",
		"desk.incident.opened", "desk.incident.changed", "desk.incident.resolved", "desk.incident.reopened", "desk.incident.closed"}
}

// work is one transaction that moves states.
type work struct {
	c     *Component
	tx    *sqldb.Tx
	own   map[string]holding
	whole map[string]holding
}

func (c *Component) begin(ctx context.Context, tx *sqldb.Tx) (*work, error) {
	w := &work{c: c, tx: tx}
	var err error
	if w.own, err = openIntervals(ctx, tx, false); err != nil {
		return nil, err
	}
	w.whole, err = openIntervals(ctx, tx, true)
	return w, err
}

// follow applies entries of the ledger.
func (c *Component) follow(ctx context.Context, tx *sqldb.Tx, entries []ledger.Entry) error {
	w, err := c.begin(ctx, tx)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if err := w.apply(ctx, e); err != nil {
			return err
		}
	}
	tx.OnCommit(c.moved)
	return nil
}

func (w *work) apply(ctx context.Context, e ledger.Entry) error {
	switch {
	case e.Type == "monitor.check.changed":
		return w.checkChanged(ctx, e)
	case e.Type == "monitor.maintenance.started":
		return w.maintenanceStarted(ctx, e)
	case e.Type == "monitor.maintenance.ended":
		_, err := w.tx.Exec(ctx, "UPDATE availability_maintenance SET to_at = $2 WHERE window_id = $1 AND to_at > $2 AND from_at < $2", e.Subject.ID, core.Micros(e.At))
		return err
	case strings.HasPrefix(e.Type, "desk.incident."):
		return w.incident(ctx, e)
	}
	return nil
}

// StateOf is what a check's status says about its item.
func StateOf(status string) figures.State {
	switch status {
	case "ok":
		return figures.Up
	case "warning":
		return figures.Degraded
	case "critical":
		return figures.Down
	case "unknown":
		return figures.Unknown
	}
	return figures.None
}

func (w *work) checkChanged(ctx context.Context, e ledger.Entry) error {
	var change struct {
		ID, Item, To string
		At           time.Time
	}
	if err := e.Decode(&change); err != nil {
		return err
	}
	if change.Item == "" {
		return nil // about no item
	}
	if _, err := w.tx.Exec(ctx, "INSERT INTO availability_check (target, item, state) VALUES ($1,$2,$3) ON CONFLICT (target) DO UPDATE SET item = excluded.item, state = excluded.state",
		change.ID, change.Item, string(StateOf(change.To))); err != nil {
		return err
	}
	return w.look(ctx, []string{change.Item}, change.At)
}

// look makes the states of items, and of what depends on them, hold from a
// moment on.
func (w *work) look(ctx context.Context, items []string, at time.Time) error {
	var changed []string
	for _, item := range items {
		now, err := w.worst(ctx, item)
		if err != nil {
			return err
		}
		before, known := w.own[item]
		if now == before.state {
			continue
		}
		if err := w.set(ctx, w.own, item, false, holding{from: core.Micros(at), state: now}, before, known); err != nil {
			return err
		}
		changed = append(changed, item)
	}
	if len(changed) == 0 {
		return nil
	}
	v := newView(w.c.deps.Graph, w.own)
	for item := range above(w.c.deps.Graph, changed) {
		if _, ok := w.whole[item]; ok {
			if err := w.derive(ctx, v, item, at); err != nil {
				return err
			}
		}
	}
	return nil
}

// derive makes the state of a tracked item hold from a moment on.
func (w *work) derive(ctx context.Context, v *view, item string, at time.Time) error {
	d := v.of(item)
	before, known := w.whole[item]
	if d.state == before.state && slices.Equal(d.cause, before.cause) {
		return nil
	}
	return w.set(ctx, w.whole, item, true, holding{from: core.Micros(at), state: d.state, cause: d.cause}, before, known)
}

func (w *work) set(ctx context.Context, all map[string]holding, item string, whole bool, now, before holding, known bool) error {
	now, err := turn(ctx, w.tx, item, whole, now, before, known)
	if err != nil {
		return err
	}
	if now.state == figures.None {
		delete(all, item)
	} else {
		all[item] = now
	}
	return nil
}

// worst is the worst state of an item's checks.
func (w *work) worst(ctx context.Context, item string) (figures.State, error) {
	rows, err := w.tx.Query(ctx, "SELECT state FROM availability_check WHERE item = $1", item)
	states, err := sqldb.Collect(rows, err, func(r *sqldb.Rows) (s figures.State, err error) { return s, r.Scan(&s) })
	worst := figures.None
	for _, s := range states {
		worst = figures.Worse(worst, s)
	}
	return worst, err
}

func (w *work) maintenanceStarted(ctx context.Context, e ledger.Entry) error {
	var window struct {
		Start, End time.Time
	}
	if err := e.Decode(&window); err != nil {
		return err
	}
	if window.Start.IsZero() {
		window.Start = e.At
	}
	if !window.End.After(window.Start) {
		window.End = window.Start.AddDate(0, 0, 31) // the longest there is; its end is told
	}
	items, all, err := w.c.deps.Checks.WindowItems(ctx, e.Subject.ID)
	switch {
	case core.CodeOf(err) == core.CodeNotFound:
		items = e.Related // deleted in the meantime
	case err != nil:
		return err
	case all:
		items = []string{""}
	}
	rows := make([][]any, len(items))
	for i, item := range items {
		rows[i] = []any{e.Subject.ID, item, core.Micros(window.Start), core.Micros(window.End)}
	}
	return sqldb.Insert(ctx, w.tx, "INSERT INTO availability_maintenance (window_id, item, from_at, to_at) VALUES", 4, rows, "ON CONFLICT (window_id, item, from_at) DO NOTHING")
}

// incident keeps which incidents there were about which items.
func (w *work) incident(ctx context.Context, e ledger.Entry) error {
	var inc struct {
		Number   any
		Title    string
		Services []string
	}
	if err := e.Decode(&inc); err != nil {
		return err
	}
	number, _, _ := strings.Cut(e.Summary, " ") // as people write it
	switch e.Type {
	case "desk.incident.resolved", "desk.incident.closed":
		_, err := w.tx.Exec(ctx, "UPDATE availability_incident SET resolved_at = $2 WHERE incident = $1 AND resolved_at = $3", e.Subject.ID, core.Micros(e.At), forever)
		return err
	case "desk.incident.reopened":
		if _, err := w.tx.Exec(ctx, "UPDATE availability_incident SET resolved_at = $2 WHERE incident = $1", e.Subject.ID, forever); err != nil {
			return err
		}
	}
	opened := core.Micros(e.At)
	if err := w.tx.QueryRow(ctx, "SELECT COALESCE(MIN(opened_at), $2) FROM availability_incident WHERE incident = $1", e.Subject.ID, opened).Scan(&opened); err != nil {
		return err
	}
	items := slices.Concat([]string{e.Item}, e.Related, inc.Services)
	slices.Sort(items)
	var rows [][]any
	for _, item := range slices.Compact(items) {
		if item != "" {
			rows = append(rows, []any{e.Subject.ID, item, number, inc.Title, e.Team, opened, forever})
		}
	}
	return sqldb.Insert(ctx, w.tx, "INSERT INTO availability_incident (incident, item, number, title, team, opened_at, resolved_at) VALUES", 7, rows,
		"ON CONFLICT (incident, item) DO UPDATE SET title = excluded.title, team = excluded.team")
}
