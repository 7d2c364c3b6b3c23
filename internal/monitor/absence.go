package monitor

import (
	"context"
	"slices"
	"sync"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/monitor/beat"
	"mainstay/internal/platform/sqldb"
)

const (
	// aliveEvery is how often it is noted that somebody listens.
	aliveEvery = 5 * time.Second
	// shortAbsence is what a hand-over from one process to another may take.
	shortAbsence = 30 * time.Second
	// absenceKept is how long an absence excuses what did not come.
	absenceKept = 400 * 24 * time.Hour
	alive       = "alive"
)

// absences are the times in which nobody listened, oldest first: no process
// ran the checks, the machine slept or its clock was put forward.
type absences struct {
	store *store

	mu   sync.Mutex
	list []beat.Gap
}

// load reads what is known and adds the time since somebody last listened.
func (a *absences) load(ctx context.Context, now time.Time) error {
	rows, err := a.store.db.Query(ctx, "SELECT from_at, to_at FROM monitor_absence WHERE to_at > $1 ORDER BY from_at", core.Micros(now.Add(-absenceKept)))
	list, err := sqldb.Collect(rows, err, func(r *sqldb.Rows) (beat.Gap, error) {
		var from, to int64
		err := r.Scan(&from, &to)
		return beat.Gap{From: core.FromMicros(from), To: core.FromMicros(to)}, err
	})
	if err != nil {
		return err
	}
	a.mu.Lock()
	a.list = list
	a.mu.Unlock()
	var last int64
	err = a.store.db.QueryRow(ctx, "SELECT at FROM monitor_alive WHERE id = $1", alive).Scan(&last)
	if err == sqldb.ErrNoRows {
		return nil
	}
	if err != nil {
		return err
	}
	if from := core.FromMicros(last); now.Sub(from) > shortAbsence {
		a.add(from, now)
		return a.store.noteAbsence(ctx, beat.Gap{From: from, To: now})
	}
	return nil
}

func (a *absences) all() []beat.Gap {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Clone(a.list)
}

func (a *absences) add(from, to time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.list = append(a.list, beat.Gap{From: from, To: to})
}

// end cuts absences that would end after now: the clock was put back.
func (a *absences) end(now time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for i := range a.list {
		if a.list[i].To.After(now) {
			a.list[i].To = now
		}
	}
}

func (s *store) noteAbsence(ctx context.Context, g beat.Gap) error {
	return s.db.Write(ctx, func(tx *sqldb.Tx) error {
		if _, err := tx.Exec(ctx, "DELETE FROM monitor_absence WHERE to_at < $1", core.Micros(g.To.Add(-absenceKept))); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, "INSERT INTO monitor_absence (from_at, to_at) VALUES ($1, $2) ON CONFLICT (from_at) DO UPDATE SET to_at = excluded.to_at", core.Micros(g.From), core.Micros(g.To))
		return err
	})
}

func (s *store) noteAlive(ctx context.Context) error {
	return s.db.Write(ctx, func(tx *sqldb.Tx) error {
		_, err := tx.Exec(ctx, "INSERT INTO monitor_alive (id, at) VALUES ($1, $2) ON CONFLICT (id) DO UPDATE SET at = excluded.at", alive, core.Micros(s.clock.Now()))
		return err
	})
}

// pulse notes that somebody listens.
func (e *engine) pulse(ctx context.Context) {
	for ctx.Err() == nil {
		if err := e.c.store.noteAlive(ctx); err != nil && ctx.Err() == nil {
			e.c.deps.Log.Warn("monitor: it cannot be noted that checks run", "error", err)
		}
		e.pause(ctx, aliveEvery)
	}
}

// jumped is told when the clock was set or the machine slept. Checks go on as
// they were; what should have come meanwhile is excused.
func (e *engine) jumped(from, to time.Time) {
	e.c.deps.Log.Warn("monitor: the clock has jumped", "from", from, "to", to)
	if to.After(from) {
		e.absences.add(from, to)
	} else {
		e.absences.end(to)
	}
	e.mu.RLock()
	var outside []*target
	for _, t := range e.targets {
		if t.pushed() {
			outside = append(outside, t)
		}
	}
	e.mu.RUnlock()
	for _, t := range outside {
		t.mu.Lock()
		if t.state.Pushed.After(to) {
			t.state.Pushed = to
		}
		if t.state.Begun.After(to) {
			t.state.Begun = to
		}
		t.mu.Unlock()
		e.expect(t)
	}
	if to.After(from) {
		e.helpers.Go(func() {
			ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
			defer cancel()
			if err := e.c.store.noteAbsence(ctx, beat.Gap{From: from, To: to}); err != nil {
				e.c.deps.Log.Warn("monitor: an absence is not noted", "error", err)
			}
		})
	}
}
