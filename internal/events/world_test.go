package events

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"testing"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/core/coretest"
	"mainstay/internal/events/correlation"
	"mainstay/internal/platform/ledger"
	"mainstay/internal/platform/sqldb"
	"mainstay/internal/platform/sqldb/sqldbtest"
)

func TestMain(m *testing.M) { sqldbtest.Main(m) }

// world is a module with its ledger on one store, and a graph made of text.
type world struct {
	last string // what was found when it was looked at last
	*Component
	t      testing.TB
	db     *sqldb.DB
	clock  *coretest.Clock
	ledger *ledger.Ledger
	graph  *fakeGraph
	cfg    Configuration
}

func newWorld(t testing.TB, db *sqldb.DB, graph *fakeGraph, adjust ...func(*Configuration)) *world {
	t.Helper()
	ctx := t.Context()
	if err := errors.Join(sqldb.Migrate(ctx, db, "ledger", ledger.Migrations()), sqldb.Migrate(ctx, db, "events", Migrations())); err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, db: db, clock: coretest.NewClock(time.Date(2026, 11, 2, 3, 0, 0, 0, time.UTC)), graph: graph, cfg: Defaults()}
	for _, f := range adjust {
		f(&w.cfg)
	}
	w.start()
	t.Cleanup(w.stop)
	return w
}

func (w *world) start() {
	ids := core.NewIDs(w.clock, nil)
	log := slog.New(slog.NewTextHandler(testWriter{w.t}, &slog.HandlerOptions{Level: slog.LevelWarn}))
	w.ledger = ledger.New(ledger.Configuration{}, ledger.Dependencies{DB: w.db, Clock: w.clock, IDs: ids, Log: log})
	c, err := New(w.cfg, Dependencies{DB: w.db, Ledger: w.ledger, Clock: w.clock, IDs: ids, Log: log, Items: w.graph, Graph: w.graph, Impact: w.graph, Maintenance: w.graph, HTTP: http.DefaultClient})
	if err != nil {
		w.t.Fatal(err)
	}
	w.Component = c
	if err := w.ledger.Start(context.Background()); err != nil {
		w.t.Fatal(err)
	}
	if err := c.Start(context.Background()); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) stop() {
	w.ledger.Stop(context.Background())
	w.Component.Stop(context.Background())
}

// restart is a process that ends and another one that begins on the same store.
func (w *world) restart() {
	w.stop()
	w.start()
}

type testWriter struct{ t testing.TB }

func (w testWriter) Write(p []byte) (int, error) { return len(p), nil }

func (w *world) problem(item string, severity core.Severity) core.Event {
	return core.Event{Source: "check", Kind: core.Problem, Severity: severity, Key: "check:" + item, Title: item + " is down", Item: item, Check: item, At: w.clock.Now()}
}

func (w *world) accept(list ...core.Event) {
	w.t.Helper()
	if err := w.Accept(context.Background(), list); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) clear(item string) {
	w.t.Helper()
	w.accept(core.Event{Source: "check", Kind: core.Cleared, Key: "check:" + item, At: w.clock.Now()})
}

// entries lists ledger entries of a type, the oldest first.
func (w *world) entries(types ...string) []ledger.Entry {
	w.t.Helper()
	list, err := w.ledger.List(context.Background(), ledger.Query{Types: types, Oldest: true, Limit: 1000})
	if err != nil {
		w.t.Fatal(err)
	}
	return list
}

// settled waits until the correlator has seen everything.
func (w *world) settled() {
	w.t.Helper()
	w.eventually("the correlator is up to date", func() bool {
		head, err := w.ledger.Head(context.Background())
		if err != nil {
			w.t.Fatal(err)
		}
		for _, s := range w.ledger.Consumers() {
			if s.Seq < head {
				w.last = fmt.Sprintf("%+v of %d", s, head)
				return false
			}
		}
		return true
	})
}

// pass moves the clock second by second, letting the sweep run each time.
func (w *world) pass(d time.Duration) {
	w.t.Helper()
	step := max(d/20, time.Second)
	for d > 0 {
		w.clock.Advance(min(step, d))
		d -= step
		for _, do := range []func(context.Context) error{w.passTime, w.wakeDue, w.checkMaintenance, w.bindLate, w.correlator.tick} {
			if err := do(context.Background()); err != nil {
				w.t.Fatal(err)
			}
			w.settled()
		}
	}
}

func (w *world) eventually(what string, ok func() bool) {
	w.t.Helper()
	patience := time.After(w.patience())
	for try := 0; ; try++ {
		if ok() {
			return
		}
		select {
		case <-patience:
			w.t.Fatalf("not within %s: %s; %s", w.patience(), what, w.last)
		default:
		}
		if try%200 == 199 { // a ledger that found its lock taken waits for the clock
			w.clock.Advance(time.Second)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// patience is how long what happens in the background may take, on a busy machine.
func (w *world) patience() time.Duration {
	if _, measures := w.t.(*testing.B); measures {
		return 10 * time.Minute
	}
	return 90 * time.Second
}

func (w *world) situations(state string) []SituationData {
	w.t.Helper()
	var found []SituationData
	rows, err := w.db.Query(context.Background(), "SELECT id, root_item, alerts, items, state, merged_into FROM events_situation WHERE state = $1 ORDER BY id", state)
	found, err = sqldb.Collect(rows, err, func(rows *sqldb.Rows) (s SituationData, err error) {
		var st string
		err = rows.Scan(&s.ID, &s.RootCause.Item, &s.AlertCount, &s.ItemCount, &st, &s.MergedInto)
		s.State = correlation.State(st)
		return s, err
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return found
}

func (w *world) alert(item string) *Alert {
	w.t.Helper()
	list, err := alertsWhere(context.Background(), w.db, "latest AND alert_key = $1", false, "check:"+item)
	if err != nil || len(list) != 1 {
		w.t.Fatalf("%d alerts of %s (%v)", len(list), item, err)
	}
	return list[0]
}

func decode[T any](t testing.TB, e ledger.Entry) (v T) {
	t.Helper()
	if err := json.Unmarshal(e.Data, &v); err != nil {
		t.Fatal(err)
	}
	return v
}

// fakeGraph is a topology in memory.
type fakeGraph struct {
	mu          sync.Mutex
	needs       map[string][]string
	names       map[string]string // identity value -> item
	maintenance map[string]string
	teams       map[string]string
}

func chain(items ...string) *fakeGraph {
	g := &fakeGraph{needs: map[string][]string{}, names: map[string]string{}, maintenance: map[string]string{}}
	for i := range len(items) - 1 {
		g.needs[items[i]] = append(g.needs[items[i]], items[i+1])
	}
	return g
}

func (g *fakeGraph) Needs(item string) []correlation.Need {
	g.mu.Lock()
	defer g.mu.Unlock()
	var needs []correlation.Need
	for _, other := range g.needs[item] {
		needs = append(needs, correlation.Need{Items: []string{other}, Require: 1})
	}
	return needs
}

// Users returns none: what is suspected because of its users is told in the tables of correlation.
func (g *fakeGraph) Users(string) []string { return nil }

func (g *fakeGraph) Name(item string) string { return item }
func (g *fakeGraph) Class(string) string     { return "server" }
func (g *fakeGraph) Measured(string) bool    { return false }
func (g *fakeGraph) Team(item string) string { return g.teams[item] }
func (g *fakeGraph) Resolve(_ context.Context, ids []core.Identity) (string, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, id := range ids {
		if item := g.names[id.Value]; item != "" {
			return item, nil
		}
	}
	return "", core.NotFound("item", fmt.Sprint(ids))
}
func (g *fakeGraph) Services(items []string) []Service {
	return []Service{{ID: "shop", Name: "Shop"}}
}
func (g *fakeGraph) Affected(items []string, _ int) []string {
	var out []string
	for item, needs := range g.needs {
		for _, n := range needs {
			for _, f := range items {
				if n == f {
					out = append(out, item)
				}
			}
		}
	}
	return out
}
func (g *fakeGraph) InMaintenance(_ context.Context, item string, _ time.Time) (bool, string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	why, in := g.maintenance[item]
	return in, why
}
func (g *fakeGraph) maintain(item, why string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if why == "" {
		delete(g.maintenance, item)
	} else {
		g.maintenance[item] = why
	}
}
func (g *fakeGraph) name(value, item string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.names[value] = item
}
