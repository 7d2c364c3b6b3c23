package correlation_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/events/correlation"
)

// TestRandomHistories lets alerts of random graphs fail, clear, be suppressed
// and be moved, with the engine reloaded now and then, and checks after each
// step what always holds.
func TestRandomHistories(t *testing.T) {
	t.Parallel()
	for seed := range uint64(60) {
		r := rand.New(rand.NewPCG(seed, 7))
		w := newWorld()
		items := 2 + r.IntN(14)
		for range r.IntN(3 * items) {
			from, to := r.IntN(items), r.IntN(items)
			w.graph.add(fmt.Sprintf("i%d > i%d", from, to))
		}
		for step := range 150 {
			w.now = w.now.Add(time.Duration(r.IntN(90)) * time.Second)
			a := w.alert(fmt.Sprintf("i%d/%d", r.IntN(items), r.IntN(2)))
			switch r.IntN(9) {
			case 0, 1, 2, 3:
				if !a.Active {
					a.Active, a.Onset = true, w.now
				}
				a.Severity = core.Severity(1 + r.IntN(5))
			case 4, 5:
				a.Active, a.ClearedAt, a.Suppressed = false, w.now, ""
			case 6:
				if a.Suppressed = ""; r.IntN(2) == 0 {
					a.Suppressed = "maintenance"
				}
			case 7:
				if a.Active {
					w.engine.Move(a.ID, "", "maria", w.now)
				}
			case 8:
				w.reload()
			}
			w.engine.Sync(*a)
			w.take(w.engine.Settle(w.now))
			if problem := w.invariants(); problem != "" {
				t.Fatalf("seed %d, step %d: %s\n%s", seed, step, problem, w.dump())
			}
		}
	}
}

// reload does what a restart does: the engine is filled from what was written.
func (w *world) reload() {
	var situations []*correlation.Situation
	var alerts []*correlation.Alert
	for _, s := range w.seen {
		if s.State == correlation.Open || s.State == correlation.Closed && w.now.Sub(s.ClosedAt) < 10*time.Minute {
			copied := *s
			situations = append(situations, &copied)
			w.seen[s.ID] = &copied
		}
	}
	for _, a := range w.alerts {
		copied := *a
		alerts = append(alerts, &copied)
	}
	w.engine.Load(situations, alerts)
}

func (w *world) invariants() string {
	home := map[string]string{}
	for id, s := range w.seen {
		if s.State != correlation.Open {
			if s.State == correlation.Merged && (len(s.Alerts) > 0 || w.seen[s.Into] == nil) {
				return id + " is merged and still holds alerts, or leads nowhere"
			}
			continue
		}
		if s != w.engine.Situation(id) {
			return id + " is not the engine's"
		}
		failing := false
		for alert, a := range s.Alerts {
			if home[alert] != "" {
				return alert + " is in two situations"
			}
			home[alert] = id
			failing = failing || a.Active && a.Suppressed == ""
		}
		if failing && (len(s.Candidates) == 0 || s.Severity == core.Clear) {
			return id + " fails, and has no root cause or severity"
		}
		if !failing && s.QuietSince.IsZero() {
			return id + " is open without a failing alert, and not about to close"
		}
		for _, c := range s.Candidates {
			if c.Confidence < 0 || c.Confidence > 1 || len(c.Reasons) == 0 {
				return fmt.Sprintf("%s: candidate %+v", id, c)
			}
		}
	}
	for id, a := range w.alerts {
		if a.Active && a.Suppressed == "" && home[id] == "" {
			return id + " fails and is in no open situation"
		}
	}
	return ""
}
