package events

import (
	"context"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/sqldb"
)

// eventGroup is what events that arrive together have to share to be stored as one row.
type eventGroup struct {
	key, title string
	kind       core.EventKind
	severity   core.Severity
	alert      string
	effect     Effect
}

// eventRow is one stored event, and how many identical ones came with it.
type eventRow struct {
	id      string
	o       *observation
	lastAt  time.Time
	repeats int64
	alert   string
	effect  Effect
}

// record keeps an observation for storing. Duplicates of one batch become one
// row that says how many they were.
func (w *work) record(o *observation, a *Alert, effect Effect) {
	group := eventGroup{key: o.Key, title: o.Title, kind: o.Kind, severity: o.Severity, effect: effect}
	if a != nil {
		group.alert = a.ID
	}
	if row := w.rows[group]; row != nil && effect == Counted {
		row.repeats++
		if o.At.After(row.lastAt) {
			row.lastAt = o.At
		}
		return
	}
	id := o.ID
	if !core.ValidID(id) {
		id = w.c.deps.IDs.New()
	}
	row := &eventRow{id: id, o: o, lastAt: o.At, repeats: 1, alert: group.alert, effect: effect}
	w.rows[group] = row
	w.events = append(w.events, row)
}

const eventColumns = "id, at, last_at, repeats, source, kind, severity, event_key, title, description, item, alert, effect, labels"

func (c *Component) insertEvents(ctx context.Context, tx *sqldb.Tx, list []*eventRow) error {
	rows := make([][]any, 0, len(list))
	for _, e := range list {
		o := e.o
		labels := ""
		if e.effect != Counted { // a duplicate's labels are its alert's
			labels = jsonText(o.Labels, len(o.Labels) == 0)
		}
		rows = append(rows, []any{e.id, core.Micros(o.At), core.Micros(e.lastAt), e.repeats, o.Source, string(o.Kind), int64(o.Severity),
			o.Key, o.Title, o.Description, o.Item, e.alert, string(e.effect), labels})
	}
	return sqldb.Insert(ctx, tx, "INSERT INTO events_event ("+eventColumns+") VALUES", 14, rows, "ON CONFLICT (id) DO NOTHING")
}
