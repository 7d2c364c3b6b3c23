package monitor

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/ledger"
	"mainstay/internal/platform/sqldb"
)

const (
	// occurrenceEvery is how often windows are looked at for one that begins or ends.
	occurrenceEvery = time.Second
	// maxRelated bounds the items that an entry about an occurrence names.
	maxRelated = 100
)

// occurrences tells the ledger when a window begins and when it ends. What was
// told is kept with the window, so that each is told once, also when it
// happened while nobody ran; only the process that leads does it.
func (e *engine) occurrences(ctx context.Context) {
	told := map[string]bool(nil)
	for ctx.Err() == nil {
		var err error
		if told == nil {
			told, err = e.c.store.runningWindows(ctx)
		}
		if err == nil {
			err = e.tellOccurrences(ctx, told)
		}
		if err != nil && ctx.Err() == nil {
			told = nil
			e.c.deps.Log.Warn("monitor: the beginnings and ends of maintenance cannot be told", "error", err)
		}
		e.pause(ctx, occurrenceEvery)
	}
}

func (e *engine) tellOccurrences(ctx context.Context, told map[string]bool) error {
	now := e.c.deps.Clock.Now()
	w := e.c.windows
	w.mu.Lock()
	var changed []*openWindow
	for _, o := range w.all {
		if o.on(now) != told[o.window.ID] {
			changed = append(changed, o)
		}
	}
	w.mu.Unlock()
	for _, o := range changed {
		on := !told[o.window.ID]
		related, err := w.itemsOf(ctx, &o.window.Spec)
		if err != nil {
			return err
		}
		if err := e.c.store.turnWindow(ctx, o.window, on, related, o.around(now)); err != nil {
			return err
		}
		told[o.window.ID] = on
	}
	return nil
}

// around is the occurrence that holds now, else the latest that is over.
func (o *openWindow) around(now time.Time) (latest span) {
	for _, s := range o.spans {
		if !s.from.After(now) {
			latest = s
		}
	}
	return latest
}

// itemsOf lists items that are worked on, for the ledger.
func (w *windows) itemsOf(ctx context.Context, spec *WindowSpec) ([]string, error) {
	found, err := w.ask(ctx, spec)
	if err != nil {
		return nil, err
	}
	for _, id := range spec.Items {
		found[id] = true
	}
	all := slices.Sorted(maps.Keys(found))
	return all[:min(len(all), maxRelated)], nil
}

// runningWindows lists the windows of which the ledger knows that they have begun.
func (s *store) runningWindows(ctx context.Context) (map[string]bool, error) {
	told := map[string]bool{}
	rows, err := s.db.Query(ctx, "SELECT id FROM monitor_window WHERE running")
	ids, err := sqldb.Collect(rows, err, func(r *sqldb.Rows) (id string, err error) { return id, r.Scan(&id) })
	for _, id := range ids {
		told[id] = true
	}
	return told, err
}

// turnWindow tells that an occurrence has begun, or is over.
func (s *store) turnWindow(ctx context.Context, w *Window, on bool, related []string, at span) error {
	return s.db.Write(ctx, func(tx *sqldb.Tx) error {
		n, err := sqldb.Affected(tx.Exec(ctx, "UPDATE monitor_window SET running = $1 WHERE id = $2 AND running <> $1", on, w.ID))
		if err != nil || n == 0 {
			return err // deleted in the meantime, or told already
		}
		return s.noteOccurrence(ctx, tx, w, on, related, at)
	})
}

func (s *store) noteOccurrence(ctx context.Context, tx *sqldb.Tx, w *Window, on bool, related []string, at span) error {
	verb, text := "ended", "maintenance window "+w.Name+" is over"
	data := map[string]any{"id": w.ID, "name": w.Name, "reason": w.Spec.Reason}
	if on {
		verb, text = "started", "maintenance window "+w.Name+" begins"
	}
	if !at.from.IsZero() {
		data["start"], data["end"] = at.from, at.to
	}
	if w.Spec.Reason != "" {
		text += ": " + w.Spec.Reason
	}
	raw, err := json.Marshal(data)
	if err != nil {
		return err
	}
	_, err = s.ledger.Append(ctx, tx, ledger.Entry{Actor: ledger.System("monitor"), Module: "monitor", Type: "monitor.maintenance." + verb,
		Subject: core.Ref{Kind: "maintenance", ID: w.ID}, Related: related, Team: w.Spec.Team, Summary: text, Data: raw})
	return err
}
