package pipeline_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/core/coretest"
	"mainstay/internal/events"
	"mainstay/internal/events/pipeline"
	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/declare"
	"mainstay/internal/platform/ledger"
	"mainstay/internal/platform/listing"
	"mainstay/internal/platform/sqldb"
	"mainstay/internal/platform/sqldb/sqldbtest"
)

func TestMain(m *testing.M) { sqldbtest.Main(m) }

// world is event rules in front of events, on one store.
type world struct {
	t      testing.TB
	db     *sqldb.DB
	clock  *coretest.Clock
	ids    *core.IDs
	ledger *ledger.Ledger
	events *events.Component
	rules  *pipeline.Component
	set    *declare.Set
	cfg    pipeline.Configuration
	ctx    context.Context
}

func newWorld(t testing.TB, db *sqldb.DB, adjust ...func(*pipeline.Configuration)) *world {
	t.Helper()
	w := &world{t: t, db: db, clock: coretest.NewClock(time.Date(2026, 11, 2, 3, 0, 0, 0, time.UTC)), cfg: pipeline.Defaults(), ctx: auth.With(context.Background(), auth.System("ann"))}
	for _, f := range adjust {
		f(&w.cfg)
	}
	ctx := t.Context()
	if err := errors.Join(sqldb.Migrate(ctx, db, "ledger", ledger.Migrations()), sqldb.Migrate(ctx, db, "events", events.Migrations()),
		sqldb.Migrate(ctx, db, "eventpipeline", pipeline.Migrations()), sqldb.Migrate(ctx, db, "declare", declare.Migrations())); err != nil {
		t.Fatal(err)
	}
	w.ids = core.NewIDs(w.clock, nil)
	w.start()
	t.Cleanup(func() { w.stop() })
	return w
}

func (w *world) start() {
	w.t.Helper()
	log := slog.New(slog.DiscardHandler)
	w.ledger = ledger.New(ledger.Configuration{}, ledger.Dependencies{DB: w.db, Clock: w.clock, IDs: w.ids, Log: log})
	rules, err := pipeline.New(w.cfg, pipeline.Dependencies{DB: w.db, Ledger: w.ledger, Clock: w.clock, IDs: w.ids, Log: log, Items: items{},
		Events: func() pipeline.Events { return w.events }})
	if err != nil {
		w.t.Fatal(err)
	}
	w.rules = rules
	w.events, err = events.New(events.Defaults(), events.Dependencies{DB: w.db, Ledger: w.ledger, Clock: w.clock, IDs: w.ids, Log: log, Pipeline: rules, HTTP: http.DefaultClient})
	if err != nil {
		w.t.Fatal(err)
	}
	set, err := declare.NewSet(w.db, append(rules.Kinds(), w.events.Kinds()...)...)
	if err != nil {
		w.t.Fatal(err)
	}
	set.KeepVersions(w.clock)
	w.set = set
	if err := errors.Join(w.ledger.Start(context.Background()), rules.Load(context.Background()), w.events.Start(context.Background()), rules.Start(context.Background())); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) stop() {
	w.ledger.Stop(context.Background())
	w.rules.Stop(context.Background())
	w.events.Stop(context.Background())
}

// die is a process that ends as by kill -9, and another one that begins: what
// the first one's components hold in memory is never asked again.
func (w *world) die() {
	old := *w
	w.start()
	old.ledger.Stop(context.Background())
	old.rules.Stop(context.Background())
	old.events.Stop(context.Background())
}

type items struct{}

func (items) Describe(_ context.Context, item string) map[string]any {
	if item != "i1" {
		return nil
	}
	return map[string]any{"id": "i1", "name": "db1", "class": "server", "owner": "ann", "site": "berlin", "service": "shop", "attributes": map[string]any{"env": "prod"}}
}

func (w *world) apply(text string) {
	w.t.Helper()
	for _, o := range w.set.Apply(w.ctx, declare.Parse([]byte(text)), false) {
		if o.Problem != "" {
			w.t.Fatalf("%+v", o)
		}
	}
}

func (w *world) refused(text string) string {
	w.t.Helper()
	var all []string
	for _, o := range w.set.Apply(w.ctx, declare.Parse([]byte(text)), false) {
		for _, d := range o.Errors {
			all = append(all, d.Field+": "+d.Rule)
		}
	}
	return strings.Join(all, "\n")
}

func (w *world) event(kind core.EventKind, severity core.Severity, key, title string, labels ...string) core.Event {
	e := core.Event{Source: "test", Kind: kind, Severity: severity, Key: key, Title: title, At: w.clock.Now()}
	for _, pair := range labels {
		name, value, _ := strings.Cut(pair, "=")
		if e.Labels == nil {
			e.Labels = map[string]string{}
		}
		e.Labels[name] = value
	}
	return e
}

// send takes events in and returns what became of each.
func (w *world) send(list ...core.Event) string {
	w.t.Helper()
	signals := make([]events.Signal, len(list))
	for i, e := range list {
		signals[i].Event = e
	}
	results, err := w.events.Take(context.Background(), signals)
	if err != nil {
		w.t.Fatal(err)
	}
	var words []string
	for _, r := range results {
		words = append(words, string(r.Effect))
		if len(r.Errors) > 0 {
			w.t.Fatal(r.Errors)
		}
	}
	return strings.Join(words, " ")
}

func (w *world) problem(severity core.Severity, key, title string, labels ...string) string {
	w.t.Helper()
	return w.send(w.event(core.Problem, severity, key, title, labels...))
}

func (w *world) clear(key string) string {
	w.t.Helper()
	return w.send(w.event(core.Cleared, core.Clear, key, ""))
}

// pass lets time act, second by second.
func (w *world) pass(d time.Duration) {
	w.t.Helper()
	for ; d > 0; d -= time.Second {
		w.clock.Advance(time.Second)
		if err := w.rules.Elapse(context.Background()); err != nil {
			w.t.Fatal(err)
		}
	}
}

// alerts writes the active alerts down.
func (w *world) alerts() string {
	w.t.Helper()
	page, err := w.events.Alerts(w.ctx, listing.Params{Where: []string{"state!=cleared"}, Sort: "key", Limit: 500})
	if err != nil {
		w.t.Fatal(err)
	}
	var words []string
	for _, a := range page.Items {
		words = append(words, fmt.Sprintf("%s %s", a.Key, a.Severity))
	}
	return strings.Join(words, ", ")
}

func (w *world) want(what, got, want string) {
	w.t.Helper()
	if got != want {
		w.t.Fatalf("%s: got %q, want %q", what, got, want)
	}
}
