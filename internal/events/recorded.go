package events

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/events/pipeline/rulebook"
	"mainstay/internal/platform/sqldb"
)

// Recorded gives recorded events as they came in, in the order in which they
// did: after an event's id, or from a time, until a time. Repetitions that were
// only counted come as one event with their number, as their alert was last described.
func (c *Component) Recorded(ctx context.Context, after string, from, to time.Time, limit int) ([]rulebook.Recorded, error) {
	if after == "" {
		after = firstID(from)
	}
	until := firstID(to)
	rows, err := c.pastWhere(ctx, "id > $1 AND id < $2 ORDER BY id LIMIT $3", after, until, limit)
	if err != nil {
		return nil, err
	}
	if len(rows) == limit {
		until = rows[len(rows)-1].ID
	}
	type span struct{ id, data string }
	found, err := c.deps.DB.Query(ctx, "SELECT id, data FROM events_repeat WHERE id > $1 AND id < $2 ORDER BY id LIMIT $3", after, until, limit)
	spans, err := sqldb.Collect(found, err, func(r *sqldb.Rows) (s span, err error) { return s, r.Scan(&s.id, &s.data) })
	if err != nil {
		return nil, err
	}
	if len(spans) == limit { // what lies behind comes with the next page
		last := spans[len(spans)-1].id
		rows = slices.DeleteFunc(rows, func(r recordedRow) bool { return r.ID > last })
	}
	latest := map[string]rulebook.Event{}
	var out []rulebook.Recorded
	next := 0
	take := func(id string) error {
		for ; next < len(spans) && spans[next].id < id; next++ {
			repeated, err := c.repeated(ctx, spans[next].id, spans[next].data, latest)
			if err != nil {
				return err
			}
			out = append(out, repeated...)
		}
		return nil
	}
	for _, r := range rows {
		if err := take(r.ID); err != nil {
			return nil, err
		}
		if r.alert != "" {
			latest[r.alert] = r.Event
		}
		if !r.made {
			out = append(out, r.Recorded)
		} else {
			out = append(out, rulebook.Recorded{ID: r.ID, At: r.At}) // nobody sent it: it only marks the place
		}
	}
	return out, take("~")
}

// repeated gives the events that one row of repetitions stands for.
func (c *Component) repeated(ctx context.Context, id, data string, latest map[string]rulebook.Event) ([]rulebook.Recorded, error) {
	var out []rulebook.Recorded
	var failed error
	parseRepeats(data, func(r repeat) {
		e, known := latest[r.alert]
		if !known && failed == nil {
			rows, err := c.pastWhere(ctx, "alert = $1 AND id < $2 ORDER BY id DESC LIMIT 1", r.alert, id)
			if failed = err; err == nil && len(rows) > 0 {
				e, known = rows[0].Event, true
				latest[r.alert] = e
			}
		}
		if known {
			e.At = r.seen
			out = append(out, rulebook.Recorded{ID: id, At: arrival(id), Event: e, Effect: string(Counted), Times: int(min(r.n, 100_000))})
		}
	})
	return out, failed
}

// Latest gives the events recorded last before an id, the newest first.
func (c *Component) Latest(ctx context.Context, before string, limit int) ([]rulebook.Recorded, error) {
	where, args := "id < $1 ORDER BY id DESC LIMIT $2", []any{before, limit}
	if before == "" {
		where, args = "id > $1 ORDER BY id DESC LIMIT $2", []any{"", limit}
	}
	rows, err := c.pastWhere(ctx, where, args...)
	out := make([]rulebook.Recorded, 0, len(rows))
	for _, r := range rows {
		if r.made {
			r.Recorded = rulebook.Recorded{ID: r.ID, At: r.At}
		}
		out = append(out, r.Recorded)
	}
	return out, err
}

// Event gives one recorded event as it came in.
func (c *Component) Event(ctx context.Context, id string) (rulebook.Recorded, error) {
	rows, err := c.pastWhere(ctx, "id = $1", id)
	if err == nil && len(rows) == 0 {
		err = core.NotFound("event", id)
	}
	if err != nil {
		return rulebook.Recorded{}, err
	}
	return rows[0].Recorded, nil
}

type recordedRow struct {
	rulebook.Recorded
	alert string
	made  bool
}

func (c *Component) pastWhere(ctx context.Context, where string, args ...any) ([]recordedRow, error) {
	rows, err := c.deps.DB.Query(ctx, "SELECT "+eventSelect+" FROM events_event WHERE "+where, args...)
	return sqldb.Collect(rows, err, func(rows *sqldb.Rows) (recordedRow, error) { return readRecorded(rows.Scan) })
}

func readRecorded(scan func(...any) error) (r recordedRow, err error) {
	var e rulebook.Event
	var at, severity int64
	var kind, labels, text string
	if err = scan(&r.ID, &at, &e.Source, &kind, &severity, &e.Key, &e.Title, &e.Description, &e.Item, &r.alert, &r.Effect, &labels, &text); err != nil {
		return r, err
	}
	e.At, e.Severity, e.Kind = core.FromMicros(at), core.Severity(severity), core.EventKind(kind)
	var p past
	err = errors.Join(fromText(labels, &e.Labels), fromText(text, &p))
	if p.Before != nil {
		e = *p.Before
	} else {
		e.Annotations, e.URL, e.Check = p.Annotations, p.URL, p.Check
	}
	e.ID = r.ID
	r.At, r.Event, r.Times, r.made = arrival(r.ID), e, 1, p.Made
	return r, err
}

// arrival is the time in an identifier; its first ten characters are
// milliseconds.
func arrival(id string) time.Time {
	const digits = "0123456789abcdefghjkmnpqrstvwxyz"
	ms := int64(0)
	for i := range min(10, len(id)) {
		ms = ms<<5 | int64(max(0, strings.IndexByte(digits, id[i])))
	}
	return time.UnixMilli(ms).UTC()
}
