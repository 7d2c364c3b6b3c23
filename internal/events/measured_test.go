package events

import (
	"context"
	"errors"
	"math"
	"strings"
	"sync"
	"testing"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/events/rootcause"
	"mainstay/internal/platform/sqldb"
	"mainstay/internal/platform/sqldb/sqldbtest"
)

// figures answers with latencies that were 0.1 s, and are now what the test says.
type figures struct {
	mu    sync.Mutex
	now   map[string]float64
	fails error
	asked [][]string
}

// looks is how often figures were asked for, and for what the last time.
func (f *figures) looks() (int, string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.asked) == 0 {
		return 0, ""
	}
	return len(f.asked), strings.Join(f.asked[len(f.asked)-1], " ")
}

func (f *figures) set(item string, v float64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.now == nil {
		f.now = map[string]float64{}
	}
	f.now[item] = v
}

func (f *figures) Signals(_ context.Context, items []string, _, _ time.Time) (map[string][]rootcause.Signal, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.asked = append(f.asked, items)
	out := map[string][]rootcause.Signal{}
	for _, item := range items {
		now, known := f.now[item]
		if !known {
			continue
		}
		s := rootcause.Signal{Kind: rootcause.Latency, Name: "duration", Unit: "s", Before: []float64{0.1, 0.1}, During: []float64{now, now}}
		for i := range 50 {
			s.Normal = append(s.Normal, 0.1+0.002*math.Sin(float64(i)))
		}
		out[item] = []rootcause.Signal{s}
	}
	return out, f.fails
}

// measured is a site whose items have figures.
func measured(t *testing.T, db *sqldb.DB, graph *fakeGraph) (*site, *figures) {
	s := newSite(t, db, graph)
	f := &figures{}
	s.deps.Measured = f
	return s, f
}

func (s *site) measure() {
	s.t.Helper()
	s.settled()
	if err := s.measureDue(context.Background()); err != nil {
		s.t.Fatal(err)
	}
	s.settled()
}

func (s *site) detail(id string) (d SituationDetail) {
	s.t.Helper()
	s.must("GET", "/api/v1/situations/"+id, "", &d)
	return d
}

// TestFiguresRefineTheRanking: two leaves that alerts cannot tell apart, of
// which one is slow; both verdicts are in the history, and hold after a restart.
func TestFiguresRefineTheRanking(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		graph := chain("web", "a")
		graph.needs["web"] = []string{"a", "b"}
		s, f := measured(t, db, graph)
		f.set("web", 0.5)
		f.set("a", 0.1)
		f.set("b", 0.5)
		s.accept(s.problem("a", core.Major), s.problem("b", core.Major), s.problem("web", core.Major))
		s.settled()
		id := s.alert("web").Situation
		if d := s.detail(id); d.RootItem != "a" || len(d.Candidates[0].Evidence) != 0 {
			t.Fatalf("before: %+v", d.Candidates)
		}
		s.measure()
		d := s.detail(id)
		if d.RootItem != "b" || len(d.Candidates[0].Evidence) == 0 || !strings.Contains(d.Candidates[0].Evidence[0].Text, "duration 500 ms instead of 100 ms") {
			t.Fatalf("after: %+v", d.Candidates)
		}
		kinds := map[string]string{}
		for _, n := range d.History {
			kinds[n.Kind] = n.Why
		}
		if !strings.Contains(kinds["measured"], "speak for b") || !strings.Contains(kinds["moved"], "The figures say so") {
			t.Fatalf("%+v", d.History)
		}
		told := s.entries("events.situation.changed")
		if len(told) == 0 || told[len(told)-1].Item != "b" {
			t.Fatalf("%+v", told)
		}
		s.restart()
		s.accept(s.problem("c", core.Minor), s.problem("a", core.Critical)) // the engine is loaded anew and ranks again
		s.settled()
		if d := s.detail(id); d.RootItem != "b" || d.Severity != core.Critical {
			t.Fatalf("after a restart: %+v", d.Candidates)
		}
	})
}

// TestFiguresAreOptional: without them, or when they cannot be read, the
// ranking stands and the situation is looked at again later, a few times.
func TestFiguresAreOptional(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		s, f := measured(t, db, chain("web", "db", "disk", "shelf", "room"))
		f.fails = errors.New("the store is away")
		s.accept(s.problem("web", core.Major))
		s.settled()
		id := s.alert("web").Situation
		for range 20 {
			s.measure()
			s.clock.Advance(time.Minute)
		}
		// The module looks by itself as well, so that a step may be looked at twice.
		looks, asked := f.looks()
		if looks < len(measureSteps()) || looks > 2*len(measureSteps()) || asked != "web db disk" {
			t.Fatalf("looked %d times, for %s", looks, asked)
		}
		var next int64
		if err := s.db.QueryRow(t.Context(), "SELECT measure_at FROM events_situation WHERE id = $1", id).Scan(&next); err != nil || next != never {
			t.Fatalf("it is looked at again at %d (%v)", next, err)
		}
		if d := s.detail(id); d.RootItem != "web" || len(d.Candidates[0].Evidence) != 0 {
			t.Fatalf("%+v", d.Candidates)
		}
	})
}

// TestConfirmedCausesAreRemembered: what a person named for some alerts speaks
// for it the next time, until it is taken back.
func TestConfirmedCausesAreRemembered(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		graph := chain("web", "a")
		graph.needs["web"] = []string{"a", "b"}
		s, _ := measured(t, db, graph)
		fault := func() string {
			s.accept(s.problem("a", core.Major), s.problem("b", core.Major), s.problem("web", core.Major))
			s.measure()
			return s.alert("web").Situation
		}
		over := func() {
			for _, item := range []string{"a", "b", "web"} {
				s.clear(item)
			}
			s.settled()
			s.pass(20 * time.Minute)
			s.clock.Advance(24 * time.Hour)
		}
		first := fault()
		if d := s.detail(first); d.RootItem != "a" {
			t.Fatalf("%+v", d.Candidates)
		}
		s.must("POST", "/api/v1/situations/"+first+"/root-cause", `{"item": "b"}`, nil)
		over()
		second := fault()
		d := s.detail(second)
		if second == first || d.RootItem != "b" || d.Confirmed || len(d.Candidates[0].Evidence) == 0 {
			t.Fatalf("%+v", d)
		}
		if text := d.Candidates[0].Evidence[0].Text; !strings.Contains(text, "confirmed on 2 November 2026 by Maria") {
			t.Fatal(text)
		}
		// Other alerts, another matter.
		s.accept(s.problem("x", core.Major))
		s.measure()
		if d := s.detail(s.alert("x").Situation); len(d.Candidates) != 1 || len(d.Candidates[0].Evidence) != 0 {
			t.Fatalf("%+v", d.Candidates)
		}
		s.must("POST", "/api/v1/situations/"+second+"/root-cause", `{"item": "a"}`, nil)
		s.must("POST", "/api/v1/situations/"+second+"/root-cause", `{}`, nil)
		var n int
		if err := s.db.QueryRow(t.Context(), "SELECT COUNT(*) FROM events_confirmation WHERE situation = $1", second).Scan(&n); err != nil || n != 0 {
			t.Fatalf("%d rows of a confirmation that was taken back (%v)", n, err)
		}
	})
}

func TestAPersonReopensASituation(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		s := newSite(t, db, chain("web", "db"))
		s.accept(s.problem("db", core.Critical))
		s.settled()
		id := s.alert("db").Situation
		if status, text := s.call("POST", "/api/v1/situations/"+id+"/reopen", `{}`, nil); status != 409 {
			t.Fatalf("an open one: %d %s", status, text)
		}
		s.clear("db")
		s.settled()
		s.pass(time.Minute)
		if d := s.detail(id); d.State != "closed" {
			t.Fatalf("%+v", d.SituationView)
		}
		s.clock.Advance(48 * time.Hour) // long after the engine has forgotten it
		s.accept(s.problem("other", core.Minor))
		s.settled()
		var d SituationDetail
		s.must("POST", "/api/v1/situations/"+id+"/reopen", `{"note": "it is not over"}`, &d)
		if last := d.History[len(d.History)-1]; d.State != "open" || d.ClosedAt != nil || len(d.Comments) != 1 || last.Why != "Opened again by Maria. it is not over" {
			t.Fatalf("%+v %+v", d.SituationView, d.History)
		}
		if told := s.entries("events.situation.reopened"); len(told) != 1 || told[0].Actor.Name != "Maria" {
			t.Fatalf("%+v", told)
		}
		s.pass(time.Hour)
		s.restart()
		s.pass(time.Minute)
		if d := s.detail(id); d.State != "open" {
			t.Fatalf("it closed by itself: %+v", d.History)
		}
		// It takes part again: what fails now joins it, and it closes with that.
		s.must("POST", "/api/v1/situations/"+id+"/close", `{}`, &d)
		if d.State != "closed" {
			t.Fatalf("%+v", d.SituationView)
		}
	})
}
