package monitor

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"strconv"
	"sync"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/sqldb"
)

const (
	// troubleAfter is how often in a row a rule must fail to be told of.
	troubleAfter = 2
	// maxTroubles bounds the alerts about rules that cannot be evaluated; what
	// goes beyond is one alert.
	maxTroubles = 50
	// moreTrouble is the unit of that one.
	moreTrouble = "more"
)

// troubles are the units whose rules cannot be evaluated, each an alert of its
// own, as far as they are told.
type troubles struct {
	mu     sync.Mutex
	open   map[string]core.Event // by unit
	beyond map[string]bool       // units that are not told each for itself
	told   bool                  // that there are such units
}

func newTroubles() *troubles {
	return &troubles{open: map[string]core.Event{}, beyond: map[string]bool{}}
}

func (t *troubles) load(ctx context.Context, q sqldb.Querier) error {
	rows, err := q.Query(ctx, "SELECT unit, event FROM monitor_rule_trouble")
	_, err = sqldb.Collect(rows, err, func(r *sqldb.Rows) (struct{}, error) {
		var unit, raw string
		if err := r.Scan(&unit, &raw); err != nil {
			return struct{}{}, err
		}
		var ev core.Event
		err := json.Unmarshal([]byte(raw), &ev)
		if t.open[unit] = ev; unit == moreTrouble {
			t.told = true
		}
		return struct{}{}, err
	})
	return err
}

// troubleOf is the event that the unit's failing rules are; ok says that none
// has failed often enough.
func troubleOf(u *liveUnit, at time.Time) (ev core.Event, ok bool) {
	failing, what := 0, ""
	for _, r := range u.rules {
		r.mu.Lock()
		if r.fails >= troubleAfter {
			if failing++; failing == 1 {
				what = shown(r.err)
				if u.file != "" {
					what = r.ready.Name + ": " + what
				}
			}
		}
		r.mu.Unlock()
	}
	if failing == 0 {
		return ev, true
	}
	ev = core.Event{At: at, Source: "rule", Kind: core.Problem, Severity: core.Warning, Key: "rules:" + u.id, Labels: map[string]string{"rule": u.name},
		Title:       "metric rule " + u.name + " cannot be evaluated: " + what,
		Description: "What it had open stays open until it can be evaluated again; other rules are not affected."}
	if u.file != "" {
		ev.Labels = map[string]string{"file": u.file, "group": u.group, "failing": strconv.Itoa(failing)}
		ev.Title = fmt.Sprintf("%d of %d rules of the group %s in the rule file %s cannot be evaluated: %s", failing, len(u.rules), u.group, u.file, what)
	}
	return ev, false
}

// shown is an error in the words a person may see.
func shown(err error) string {
	if err == nil {
		return ""
	}
	if e, ok := err.(*core.Error); ok && e.Cause != nil {
		return e.Message
	}
	return err.Error()
}

// tell opens, changes or clears the alert about a unit after its evaluation.
func (t *troubles) tell(ctx context.Context, e *engine, u *liveUnit, at time.Time) error {
	ev, ok := troubleOf(u, at)
	if ok {
		return t.end(ctx, e, u.id, "it can be evaluated again")
	}
	t.mu.Lock()
	old, open := t.open[u.id]
	full := !open && len(t.open) >= maxTroubles
	switch {
	case full:
		t.beyond[u.id] = true
	case !open:
		delete(t.beyond, u.id)
		t.open[u.id] = ev // its place is taken
	}
	t.mu.Unlock()
	switch {
	case full:
		return t.more(ctx, e, at)
	case open && maps.Equal(old.Labels, ev.Labels): // the error's text may differ each time
		return nil
	}
	err := t.put(ctx, e, u.id, ev)
	if err != nil && !open {
		t.mu.Lock()
		delete(t.open, u.id)
		t.mu.Unlock()
	}
	return err
}

// more keeps the one alert about all units that are not told each for itself.
func (t *troubles) more(ctx context.Context, e *engine, at time.Time) error {
	t.mu.Lock()
	n := len(t.beyond)
	open := t.told
	t.told = n > 0
	t.mu.Unlock()
	switch {
	case n == 0 && open:
		return t.clear(ctx, e, moreTrouble, "they can be evaluated again")
	case n > 0 && !open:
		return t.put(ctx, e, moreTrouble, core.Event{At: at, Source: "rule", Kind: core.Problem, Severity: core.Major, Key: "rules:" + moreTrouble,
			Title: fmt.Sprintf("more than %d metric rules or groups cannot be evaluated", maxTroubles), Description: "The list of metric rules has them all, with their errors."})
	}
	return nil
}

func (t *troubles) put(ctx context.Context, e *engine, unit string, ev core.Event) error {
	ev.ID = e.c.deps.IDs.New()
	raw, err := json.Marshal(ev)
	if err != nil {
		return err
	}
	err = e.c.deps.DB.Write(ctx, func(tx *sqldb.Tx) error {
		_, err := tx.Exec(ctx, "INSERT INTO monitor_rule_trouble (unit, event) VALUES ($1,$2) ON CONFLICT (unit) DO UPDATE SET event = excluded.event", unit, string(raw))
		if err != nil {
			return err
		}
		return e.c.store.enqueue(ctx, tx, ev)
	})
	if err != nil {
		return err
	}
	t.mu.Lock()
	t.open[unit] = ev
	t.mu.Unlock()
	e.outbox.nudge()
	return nil
}

// end clears the alert about a unit, if it has one.
func (t *troubles) end(ctx context.Context, e *engine, unit, why string) error {
	t.mu.Lock()
	_, open := t.open[unit]
	beyond := t.beyond[unit]
	delete(t.beyond, unit)
	t.mu.Unlock()
	if open {
		return t.clear(ctx, e, unit, why)
	}
	if beyond {
		return t.more(ctx, e, e.c.deps.Clock.Now())
	}
	return nil
}

func (t *troubles) clear(ctx context.Context, e *engine, unit, why string) error {
	t.mu.Lock()
	ev := t.open[unit]
	t.mu.Unlock()
	ev.ID, ev.At, ev.Kind, ev.Severity, ev.Description = e.c.deps.IDs.New(), e.c.deps.Clock.Now(), core.Cleared, core.Clear, why
	err := e.c.deps.DB.Write(ctx, func(tx *sqldb.Tx) error {
		if _, err := tx.Exec(ctx, "DELETE FROM monitor_rule_trouble WHERE unit = $1", unit); err != nil {
			return err
		}
		return e.c.store.enqueue(ctx, tx, ev)
	})
	if err != nil {
		return err
	}
	t.mu.Lock()
	delete(t.open, unit)
	t.mu.Unlock()
	e.outbox.nudge()
	return nil
}
