package events

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/ledger"
	"mainstay/internal/platform/sqldb"
	"mainstay/internal/platform/sqldb/sqldbtest"
)

func TestThreeTiersBecomeOneSituation(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		w := newWorld(t, db, chain("nginx", "app", "db"))
		w.accept(w.problem("nginx", core.Critical))
		w.clock.Advance(3 * time.Second)
		w.accept(w.problem("app", core.Major))
		w.clock.Advance(3 * time.Second)
		w.accept(w.problem("db", core.Critical), w.problem("db", core.Critical))
		w.settled()
		open := w.situations("open")
		if len(open) != 1 || open[0].RootCause.Item != "db" || open[0].AlertCount != 3 {
			t.Fatalf("%+v", open)
		}
		told := w.entries("events.situation.")
		last := decode[SituationData](t, told[len(told)-1])
		if told[0].Type != "events.situation.opened" || last.RootCause.Item != "db" || len(last.RootCause.Reasons) < 2 || len(last.Checks) != 3 || len(last.Services) != 1 {
			t.Fatalf("%s %+v", told[0].Type, last)
		}
		if n := len(w.entries("events.alert.")); n != 3 {
			t.Errorf("%d entries about 3 alerts and a duplicate", n)
		}
		if err := w.applyRepeats(t.Context()); err != nil {
			t.Fatal(err)
		}
		if a := w.alert("db"); a.Count != 2 || a.Situation != open[0].ID {
			t.Errorf("%+v", a)
		}
		for _, item := range []string{"db", "app", "nginx"} {
			w.clock.Advance(time.Second)
			w.clear(item)
		}
		w.settled()
		w.pass(20 * time.Second)
		if closed := w.situations("closed"); len(closed) != 1 {
			t.Fatalf("%+v", w.situations("open"))
		}
		w.accept(w.problem("db", core.Critical))
		w.settled()
		if open := w.situations("open"); len(open) != 1 || len(w.entries("events.situation.reopened")) != 1 {
			t.Fatalf("%+v", open)
		}
		v, err := w.ledger.Verify(context.Background())
		if err != nil || !v.OK() {
			t.Fatal(v, err)
		}
	})
}

func TestRestartForgetsNothing(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		w := newWorld(t, db, chain("web", "app", "db"))
		w.accept(w.problem("web", core.Major))
		w.restart()
		w.accept(w.problem("app", core.Major))
		w.restart()
		w.accept(w.problem("db", core.Major))
		w.settled()
		if open := w.situations("open"); len(open) != 1 || open[0].RootCause.Item != "db" || open[0].AlertCount != 3 {
			t.Fatalf("%+v", open)
		}
		if h := w.Health([]string{"db", "nothing"}); h[0].Severity != core.Major || h[1].Severity != core.Clear {
			t.Fatalf("%+v", h)
		}
	})
}

func TestMergeIsTold(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		g := chain("web", "db")
		g.needs["mail"] = []string{"db"}
		w := newWorld(t, db, g)
		w.accept(w.problem("web", core.Major))
		w.settled()
		w.accept(w.problem("mail", core.Major))
		w.settled()
		w.accept(w.problem("db", core.Critical))
		w.settled()
		open, merged := w.situations("open"), w.situations("merged")
		if len(open) != 1 || len(merged) != 1 || merged[0].MergedInto != open[0].ID || open[0].AlertCount != 3 {
			t.Fatalf("%+v %+v", open, merged)
		}
		closed := w.entries("events.situation.closed")
		if len(closed) != 1 || decode[SituationData](t, closed[0]).MergedInto != open[0].ID {
			t.Fatalf("%+v", closed)
		}
	})
}

func TestMaintenanceSuppressesAndReleases(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		w := newWorld(t, db, chain("web", "db"))
		w.graph.maintain("db", "upgrade")
		w.accept(w.problem("db", core.Critical))
		w.settled()
		if a := w.alert("db"); a.State() != StateSuppressed || a.Suppressed.Why != "upgrade" || len(w.situations("open")) != 0 {
			t.Fatalf("%s %+v", a.State(), w.situations("open"))
		}
		if h := w.Health([]string{"db", "web"}); h[0].Severity != core.Clear || !h[0].Suppressed || h[1].Impacted {
			t.Fatalf("%+v", h)
		}
		w.graph.maintain("db", "")
		w.pass(time.Minute)
		if a := w.alert("db"); a.State() != StateOpen || len(w.situations("open")) != 1 {
			t.Fatalf("%s", a.State())
		}
		if h := w.Health([]string{"web"}); !h[0].Impacted {
			t.Fatalf("%+v", h)
		}
		w.graph.maintain("db", "again")
		w.pass(time.Minute)
		if a := w.alert("db"); a.State() != StateSuppressed || len(w.situations("closed")) != 1 {
			t.Fatalf("%s", a.State())
		}
	})
}

func TestLateBinding(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		w := newWorld(t, db, chain("web", "db"))
		w.accept(w.problem("web", core.Major))
		e := w.problem("x", core.Major)
		e.Item, e.Identities = "", []core.Identity{{Kind: "fqdn", Value: "db.example"}}
		w.accept(e)
		w.settled()
		if n := len(w.situations("open")); n != 2 {
			t.Fatalf("%d situations", n)
		}
		w.graph.name("db.example", "db")
		w.pass(time.Minute)
		if open := w.situations("open"); len(open) != 1 || open[0].RootCause.Item != "db" {
			t.Fatalf("%+v", open)
		}
		if a := w.alert("x"); a.Item != "db" || len(a.Identities) != 0 {
			t.Fatalf("%+v", a)
		}
	})
}

func TestExpiryAndSilence(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		w := newWorld(t, db, chain())
		e := w.problem("a", core.Major)
		e.Source = "webhook"
		w.accept(e)
		ctx := context.Background()
		id, err := w.Silence(ctx, ledger.System("test"), Silence{
			Matchers: []Matcher{{Name: "item", Value: "a|b", IsRegex: true, IsEqual: true}}, EndsAt: w.clock.Now().Add(time.Hour), CreatedBy: "maria", Comment: "known",
		})
		if err != nil {
			t.Fatal(err)
		}
		if a := w.alert("a"); a.State() != StateSuppressed || a.Suppressed.ID != id {
			t.Fatalf("%s", a.State())
		}
		w.accept(w.problem("b", core.Major))
		if a := w.alert("b"); a.State() != StateSuppressed {
			t.Fatalf("%s", a.State())
		}
		if err := w.Unsilence(ctx, ledger.System("test"), id); err != nil {
			t.Fatal(err)
		}
		if a := w.alert("a"); a.State() != StateOpen {
			t.Fatalf("%s", a.State())
		}
		w.pass(25 * time.Hour)
		if a := w.alert("a"); a.State() != StateCleared {
			t.Fatalf("an alert of a webhook has not expired: %s", a.State())
		}
		if a := w.alert("b"); a.State() != StateOpen {
			t.Fatalf("an alert of a check has expired: %s", a.State())
		}
	})
}

func TestBadEventsAreRefusedSingly(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		w := newWorld(t, db, chain())
		bad := w.problem("bad", core.Major)
		bad.Key = ""
		worse := w.problem("worse", core.Major)
		worse.Title, worse.Labels = "a\x00b", map[string]string{"x": "\xff"}
		err := w.Accept(context.Background(), []core.Event{w.problem("a", core.Major), bad, w.problem("b", core.Major), worse})
		var e *core.Error
		if !errors.As(err, &e) || len(e.Details) != 3 || e.Details[0].Field != "events[1].key" || e.Details[1].Field != "events[3].title" {
			t.Fatalf("%v", err)
		}
		w.alert("a")
		w.alert("b")
	})
}

func TestConcurrentCallersLoseNothing(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		w := newWorld(t, db, chain(), func(c *Configuration) { c.Intake.Queue = 20; c.Intake.Batch = 7 })
		var wg sync.WaitGroup
		for g := range 8 {
			wg.Go(func() {
				for i := range 25 {
					w.accept(w.problem(fmt.Sprintf("i%d", (g+i)%10), core.Major))
				}
			})
		}
		wg.Wait()
		if err := w.applyRepeats(t.Context()); err != nil {
			t.Fatal(err)
		}
		var total int64
		if err := db.QueryRow(t.Context(), "SELECT SUM(occurrences) FROM events_alert").Scan(&total); err != nil || total != 200 {
			t.Fatalf("%d of 200 counted (%v)", total, err)
		}
		if err := db.QueryRow(t.Context(), "SELECT (SELECT COUNT(*) FROM events_event) + (SELECT SUM(events) FROM events_repeat)").Scan(&total); err != nil || total != 200 {
			t.Fatalf("%d of 200 stored (%v)", total, err)
		}
	})
}

// TestTwoProcesses has two modules on one PostgreSQL take in the same keys.
func TestTwoProcesses(t *testing.T) {
	t.Parallel()
	db := sqldbtest.PostgreSQL(t)
	a := newWorld(t, db, chain("web", "db"))
	b := &world{t: t, db: db, clock: a.clock, graph: a.graph, cfg: a.cfg}
	b.start()
	t.Cleanup(b.stop)
	var wg sync.WaitGroup
	for _, w := range []*world{a, b} {
		wg.Go(func() {
			for i := range 60 {
				w.accept(w.problem(fmt.Sprintf("i%d", i%5), core.Major), w.problem(fmt.Sprintf("i%d", (i+2)%5), core.Major))
			}
		})
	}
	wg.Wait()
	if err := errors.Join(a.applyRepeats(t.Context()), b.applyRepeats(t.Context())); err != nil {
		t.Fatal(err)
	}
	var alerts, total int64
	if err := db.QueryRow(t.Context(), "SELECT COUNT(*), SUM(occurrences) FROM events_alert").Scan(&alerts, &total); err != nil || alerts != 5 || total != 240 {
		t.Fatalf("%d alerts, %d events (%v)", alerts, total, err)
	}
}

func TestFullQueuePushesBack(t *testing.T) {
	t.Parallel()
	in := newIntake(IntakeConfiguration{Queue: 2, Batch: 10}, nil) // nobody writes
	for range 2 {
		if err := in.enter(t.Context(), &submission{observations: make([]*observation, 1)}); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	err := in.enter(ctx, &submission{observations: make([]*observation, 1)})
	if core.CodeOf(err) != core.CodeTooMany || !strings.Contains(err.Error(), "full") {
		t.Fatal(err)
	}
}

func TestRetention(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		w := newWorld(t, db, chain(), func(c *Configuration) { c.Intake.KeepRows = 1000; c.Intake.AlertsFor = time.Hour })
		w.accept(w.problem("a", core.Major))
		w.clear("a")
		w.clock.Advance(40 * 24 * time.Hour)
		w.accept(w.problem("b", core.Major))
		for _, do := range []func(context.Context) error{w.removeEvents, w.removeAlerts} {
			if err := do(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		var events, alerts int64
		if err := db.QueryRow(t.Context(), "SELECT (SELECT COUNT(*) FROM events_event), (SELECT COUNT(*) FROM events_alert)").Scan(&events, &alerts); err != nil || events != 1 || alerts != 1 {
			t.Fatal(events, alerts, err)
		}
	})
}

// TestRepeatsSurviveACrash ends a process, as kill -9 does, before it has added
// the repeats to the counters: the next one adds them, once.
func TestRepeatsSurviveACrash(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		w := newWorld(t, db, chain())
		// The sweep may add some at once; the end comes with some left.
		sent := int64(0)
		for sent < 5 || w.alert("a").Count == sent {
			w.accept(w.problem("a", core.Major))
			sent++
		}
		next := &world{t: t, db: db, clock: w.clock, graph: w.graph, cfg: w.cfg}
		next.start()
		t.Cleanup(next.stop)
		add := func() int64 {
			if err := errors.Join(next.applyRepeats(t.Context()), w.applyRepeats(t.Context())); err != nil {
				t.Fatal(err)
			}
			return w.alert("a").Count
		}
		// A sweep of the background that has them adds them in its own time.
		w.eventually("every repeat is counted", func() bool { return add() >= sent })
		if n := add(); n != sent {
			t.Fatalf("%d of %d counted", n, sent)
		}
	})
}

func TestMergedItemsTakeTheirAlertsAlong(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		w := newWorld(t, db, chain("web", "db"))
		w.accept(w.problem("web", core.Major), w.problem("twin", core.Major))
		w.settled()
		if n := len(w.situations("open")); n != 2 {
			t.Fatalf("%d situations", n)
		}
		err := db.Write(t.Context(), func(tx *sqldb.Tx) error {
			_, err := w.ledger.Append(t.Context(), tx, ledger.Entry{Actor: ledger.System("graph"), Module: "graph", Type: "graph.item.merged",
				Subject: core.Ref{Kind: "item", ID: "db"}, Item: "db", Related: []string{"twin"}, Summary: "Merged twin into db"})
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		w.settled()
		w.settled()
		if open := w.situations("open"); len(open) != 1 || open[0].RootCause.Item != "db" || w.alert("twin").Item != "db" {
			t.Fatalf("%+v", open)
		}
	})
}

// What a process remembers of an alert does not outlive what another one does to it.
func TestARememberedAlertThatAnotherProcessCleared(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sqldbtest.PostgreSQL(t), chain())
	other := &world{t: t, db: w.db, clock: w.clock, graph: w.graph, cfg: w.cfg}
	other.start()
	t.Cleanup(other.stop)
	for range 4 { // opened, read, remembered, recalled
		w.accept(w.problem("i0", core.Major))
		w.clock.Advance(time.Millisecond)
	}
	if w.recall.byKey["check:i0"] == nil {
		t.Fatal("nothing is remembered")
	}
	other.clear("i0")
	w.clock.Advance(time.Millisecond)
	w.accept(w.problem("i0", core.Major), w.problem("i0", core.Major))
	var active bool
	var episodes int
	if err := w.db.QueryRow(t.Context(), "SELECT active, episodes FROM events_alert").Scan(&active, &episodes); err != nil || !active || episodes != 2 {
		t.Errorf("active %v, %d episodes (%v); it has to return", active, episodes, err)
	}
	if err := w.applyRepeats(t.Context()); err != nil {
		t.Fatal(err)
	}
	var count int
	if err := w.db.QueryRow(t.Context(), "SELECT occurrences FROM events_alert").Scan(&count); err != nil || count != 6 {
		t.Errorf("%d events are counted, want 6 (%v)", count, err)
	}
}
