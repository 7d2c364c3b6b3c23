package logrules_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"testing"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/core/coretest"
	"mainstay/internal/logs/logrules"
	"mainstay/internal/logs/mining"
	"mainstay/internal/platform/logstore"
	"mainstay/internal/platform/logstore/engine"
	"mainstay/internal/platform/sqldb"
	"mainstay/internal/platform/sqldb/sqldbtest"
)

// TestMain lets the test binary play the engine's process.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "logstore" {
		cfg, err := logstore.ParseChildArgs(os.Args[2:])
		if err == nil {
			err = engine.Run(context.Background(), cfg, os.Stdin)
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	sqldbtest.Main(m)
}

// engined starts the log store that Mainstay runs.
func engined(t *testing.T) *logstore.Store {
	t.Helper()
	cfg := logstore.Defaults("logs", t.TempDir())
	cfg.MinFree = 1 << 20
	store, err := logstore.New(cfg, logstore.Dependencies{Clock: core.SystemClock{}, Log: slog.New(slog.DiscardHandler), Command: []string{os.Args[0], "logstore"}})
	if err != nil {
		t.Fatal(err)
	}
	if err := store.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Stop(context.Background()) })
	return store
}

// there waits until the engine finds that many records.
func there(t *testing.T, store *logstore.Store, expr, want string) {
	t.Helper()
	deadline := time.Now().Add(60 * time.Second)
	for {
		got := ""
		for row, err := range store.Query(t.Context(), logstore.Query{Expr: expr + " | count() n"}) {
			if err == nil {
				got = row["n"]
			}
		}
		if got == want {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s: %q records, not %s", expr, got, want)
		}
		time.Sleep(100 * time.Millisecond) // the engine offers nothing to wait on
	}
}

// TestRulesOverTheEngine asks the engine itself: what the rules write in LogsQL
// is counted right, a value with a pipe in it included, by field and by pattern.
func TestRulesOverTheEngine(t *testing.T) {
	t.Parallel()
	b := setup(t, sqldbtest.SQLite(t))
	store := engined(t)
	if err := sqldb.Migrate(b.ctx, b.db, "logmining", mining.Migrations()); err != nil {
		t.Fatal(err)
	}
	now := time.Now().Truncate(time.Minute)
	b.clock = coretest.NewClock(now.Add(logrules.Defaults().Lag))
	miner, err := mining.New(mining.Defaults(), mining.Dependencies{DB: b.db, Clock: b.clock, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	var records []logstore.Record
	write := func(ago time.Duration, n int, app, message string) {
		for i := range n {
			records = append(records, logstore.Record{Time: now.Add(-ago + time.Duration(i)*time.Millisecond), App: app, Item: "web1", Message: fmt.Sprintf(message, i), Level: "error", Fields: []logstore.Field{{Name: "k8s.pod", Value: app + "-1"}}})
		}
	}
	write(30*time.Minute, 25, "shop", "payment %d was declined a|b")
	write(20*time.Second, 12, "shop", "payment %d was declined a|b")
	write(20*time.Second, 3, "cart", "payment %d was declined a|b")
	write(20*time.Second, 7, "cart", "session %d opened")
	if refused, err := miner.Tap(store).Write(b.ctx, records); err != nil || refused != 0 {
		t.Fatal(refused, err)
	}
	there(t, store, "*", "47")
	b.c, err = logrules.New(logrules.Defaults(), logrules.Dependencies{DB: b.db, Ledger: b.ledger, Logs: store, Patterns: miner, Metrics: b.world, Events: b.world, Clock: b.clock, IDs: core.NewIDs(b.clock, nil)})
	if err != nil {
		t.Fatal(err)
	}
	pattern := ""
	for row, err := range store.Query(b.ctx, logstore.Query{Expr: `session | uniq by (pattern)`}) {
		if pattern = row["pattern"]; err != nil || pattern == "" {
			t.Fatal(row, err)
		}
	}
	declined := `{"query":"declined \"a|b\" # those of the gateway","by":["k8s.pod"],"metric":{"name":"declined_total"},"event":{"above":10,"window":"5m","severity":"major","title":"Declined"}}`
	for name, spec := range map[string]string{"declined": declined, "sessions": `{"pattern":"` + pattern + `","metric":{"name":"sessions_total"}}`} {
		if err := b.apply(b.ctx, name, spec); err != nil {
			t.Fatal(err)
		}
	}
	if err := b.apply(b.ctx, "unreadable", `{"query":"app:in(","metric":{"name":"x_total"}}`); err != nil {
		t.Fatal(err)
	}
	got := map[string]float64{}
	b.world.every = func() {
		for _, s := range b.world.samples {
			got[s.Labels.String()] = s.V
		}
	}
	b.round()
	for series, want := range map[string]float64{
		`{__name__="declined_total", item="web1", k8s_pod="shop-1", rule="declined"}`: 12, `{__name__="declined_total", item="web1", k8s_pod="cart-1", rule="declined"}`: 3,
		`{__name__="sessions_total", item="web1", rule="sessions"}`: 7,
	} {
		if got[series] != want {
			t.Errorf("%s is %v, not %v; all: %v", series, got[series], want, got)
		}
	}
	if n := len(b.world.events); n != 1 || b.world.events[0].Kind != core.Problem || b.world.events[0].Labels["k8s.pod"] != "shop-1" || b.world.events[0].Item != "web1" {
		t.Fatalf("%+v", b.world.events)
	}
	if s := b.status("unreadable"); s.Error == "" || b.status("declined").Error != "" {
		t.Errorf("a query that cannot be read: %+v", s)
	}
	b.clock.Advance(10 * time.Minute)
	b.world.events = nil
	b.round()
	if n := len(b.world.events); n != 1 || b.world.events[0].Kind != core.Cleared {
		t.Errorf("ten minutes later: %+v", b.world.events)
	}

	var spec logrules.Spec
	b.read(declined, &spec)
	p, err := b.c.Try(b.ctx, spec, now.Add(-time.Hour), now)
	if err != nil {
		t.Fatal(err)
	}
	if p.Records != 40 || p.Groups != 2 || p.Fired != 2 || p.Firings[0].Peak != 25 || p.Firings[0].To == nil || p.Firings[1].Peak != 12 || p.Firings[1].To != nil {
		t.Errorf("tried on the last hour: %+v", p)
	}
	if open := p.Firings[0].To.Sub(p.Firings[0].From); open != 5*time.Minute {
		t.Errorf("it would have been open for %v", open)
	}
	if p.Lines[0].Values[len(p.Lines[0].Values)-1] != 12 {
		t.Errorf("the last window: %v", p.Lines[0].Values)
	}
}
