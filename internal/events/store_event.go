package events

import (
	"context"

	"mainstay/internal/core"
	"mainstay/internal/platform/sqldb"
)

// eventRow is one event to be stored.
type eventRow struct {
	o      *observation
	alert  string
	effect Effect
}

// record keeps an observation for storing. Duplicates are kept as counts.
func (w *work) record(o *observation, a *Alert, effect Effect) {
	if effect == Counted {
		r := w.repeats[a.ID]
		if r == nil {
			r = &repeat{alert: a.ID}
			w.repeats[a.ID] = r
			w.repeatOrder = append(w.repeatOrder, r)
		}
		r.add(1, o.At, o.ExpiresAt)
		return
	}
	row := eventRow{o: o, effect: effect}
	if a != nil {
		row.alert = a.ID
	}
	w.events = append(w.events, row)
}

const eventColumns = "id, at, source, kind, severity, event_key, title, description, item, alert, effect, labels, past"

func (c *Component) insertEvents(ctx context.Context, tx *sqldb.Tx, list []eventRow) error {
	rows := make([][]any, 0, len(list))
	for _, e := range list {
		o := e.o
		id := o.ID
		if !core.ValidID(id) {
			id = c.deps.IDs.New()
		}
		rows = append(rows, []any{id, core.Micros(o.At), o.Source, string(o.Kind), int64(o.Severity), o.Key, o.Title, o.Description,
			o.Item, e.alert, string(e.effect), jsonText(o.Labels, len(o.Labels) == 0), o.past()})
	}
	return sqldb.Insert(ctx, tx, "INSERT INTO events_event ("+eventColumns+") VALUES", 13, rows, "ON CONFLICT (id) DO NOTHING")
}
