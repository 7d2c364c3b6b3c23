package logrules_test

import (
	"context"
	"encoding/json"
	"errors"
	"iter"
	"log/slog"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/core/coretest"
	"mainstay/internal/logs/logrules"
	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/httpapi"
	"mainstay/internal/platform/ledger"
	"mainstay/internal/platform/logstore"
	"mainstay/internal/platform/metricstore"
	"mainstay/internal/platform/sqldb"
	"mainstay/internal/platform/sqldb/sqldbtest"
)

// world is what the rules see, and what becomes of it.
type world struct {
	rows    []logstore.Row // the answer to every query but one that says broken
	queries []logstore.Query
	samples []metricstore.Sample
	events  []core.Event
	every   func() // called when samples come
}

func (w *world) Query(_ context.Context, q logstore.Query) iter.Seq2[logstore.Row, error] {
	w.queries = append(w.queries, q)
	return func(yield func(logstore.Row, error) bool) {
		if strings.Contains(q.Expr, "broken") {
			yield(nil, errors.New("cannot be read"))
			return
		}
		for _, r := range w.rows {
			if !yield(r, nil) {
				return
			}
		}
	}
}

func (w *world) QueryOf(id string) string { return `pattern:="` + id + `"` }

func (w *world) Append(_ context.Context, samples []metricstore.Sample) error {
	w.samples = samples
	if w.every != nil {
		w.every()
	}
	return nil
}

func (w *world) Accept(_ context.Context, list []core.Event) error {
	w.events = append(w.events, list...)
	return nil
}

type bench struct {
	t      *testing.T
	ctx    context.Context
	db     *sqldb.DB
	clock  *coretest.Clock
	world  *world
	ledger *ledger.Ledger
	c      *logrules.Component
}

func setup(t *testing.T, db *sqldb.DB) *bench {
	t.Helper()
	b := &bench{t: t, ctx: auth.With(context.Background(), auth.System("test")), db: db, world: &world{}, clock: coretest.NewClock(time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC))}
	for module, migrate := range map[string]func() error{
		"ledger":   func() error { return sqldb.Migrate(b.ctx, db, "ledger", ledger.Migrations()) },
		"logrules": func() error { return sqldb.Migrate(b.ctx, db, "logrules", logrules.Migrations()) },
	} {
		if err := migrate(); err != nil {
			t.Fatal(module, err)
		}
	}
	ids := core.NewIDs(b.clock, nil)
	l := ledger.New(ledger.Configuration{}, ledger.Dependencies{DB: db, Clock: b.clock, IDs: ids})
	if err := l.Start(b.ctx); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Stop(b.ctx) })
	b.ledger = l
	var err error
	b.c, err = logrules.New(logrules.Defaults(), logrules.Dependencies{DB: db, Ledger: l, Logs: b.world, Patterns: b.world, Metrics: b.world, Events: b.world, Clock: b.clock, IDs: ids})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func (b *bench) apply(ctx context.Context, name, spec string) error {
	return b.db.Write(ctx, func(tx *sqldb.Tx) error {
		_, err := b.c.Kinds()[0].Apply(ctx, tx, name, json.RawMessage(spec))
		return err
	})
}

func (b *bench) read(text string, into any) {
	b.t.Helper()
	if err := json.Unmarshal([]byte(text), into); err != nil {
		b.t.Fatal(err)
	}
}

// status asks as the console does.
func (b *bench) status(name string) logrules.Status {
	b.t.Helper()
	api := httpapi.New("test", slog.New(slog.DiscardHandler))
	b.c.Routes(api)
	w := httptest.NewRecorder()
	api.Handler().ServeHTTP(w, httptest.NewRequest("GET", "/api/v1/logs/rules", nil).WithContext(b.ctx))
	var out struct{ Items []logrules.Status }
	b.read(w.Body.String(), &out)
	for _, s := range out.Items {
		if s.Name == name {
			return s
		}
	}
	b.t.Fatalf("no rule %s: %s", name, w.Body)
	return logrules.Status{}
}

func (b *bench) round() {
	b.t.Helper()
	if err := b.c.Round(b.ctx); err != nil {
		b.t.Fatal(err)
	}
	b.clock.Advance(time.Minute)
}

func engines(t *testing.T, run func(t *testing.T, b *bench)) {
	t.Run("sqlite", func(t *testing.T) { t.Parallel(); run(t, setup(t, sqldbtest.SQLite(t))) })
	t.Run("postgresql", func(t *testing.T) { t.Parallel(); run(t, setup(t, sqldbtest.PostgreSQL(t))) })
}

func TestRecordsBecomeAMetricAndAnAlert(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, b *bench) {
		if err := b.apply(b.ctx, "broken", `{"query":"broken","metric":{"name":"x_total"}}`); err != nil {
			t.Fatal(err)
		}
		if err := b.apply(b.ctx, "payments", `{"pattern":"ab12","by":["app"],"metric":{"name":"payment_errors_total"},"event":{"above":10,"severity":"major","title":"Payments fail"}}`); err != nil {
			t.Fatal(err)
		}
		b.world.rows = []logstore.Row{{"item": "web1", "app": "shop", "lines": "12"}, {"item": "", "app": "shop", "lines": "3"}}
		b.round()
		if q := b.world.queries[1]; q.Expr != `(pattern:="ab12") | stats by ("item", "app") count() as lines` {
			t.Errorf("asked %s", q.Expr)
		}
		if len(b.world.events) != 1 || b.world.events[0].Kind != core.Problem || b.world.events[0].Item != "web1" || b.world.events[0].Severity != core.Major {
			t.Fatalf("%+v", b.world.events)
		}
		b.round()
		got := map[string]float64{}
		for _, s := range b.world.samples {
			got[s.Labels.String()] = s.V
		}
		if got[`{__name__="payment_errors_total", app="shop", item="web1", rule="payments"}`] != 24 || len(got) != 2 {
			t.Errorf("after two rounds: %v", got)
		}
		first, second := b.world.queries[1], b.world.queries[4]
		if gap := second.Start.Sub(first.End); gap < 0 || gap > time.Microsecond {
			t.Errorf("between the rounds lie %v", gap)
		}
		b.world.rows, b.world.events = nil, nil
		b.round()
		if len(b.world.events) != 1 || b.world.events[0].Kind != core.Cleared {
			t.Fatalf("nothing matches any more: %+v", b.world.events)
		}
		b.world.events = nil
		b.round()
		if len(b.world.events) != 0 || len(b.world.samples) != 2 {
			t.Errorf("events %v, samples %v of a quiet rule", b.world.events, b.world.samples)
		}
	})
}

func TestADisabledRuleClearsWhatItHasOpen(t *testing.T) {
	t.Parallel()
	b := setup(t, sqldbtest.SQLite(t))
	const spec = `{"query":"x","event":{"above":0,"severity":"minor","title":"x"}`
	if err := b.apply(b.ctx, "r", spec+`}`); err != nil {
		t.Fatal(err)
	}
	b.world.rows = []logstore.Row{{"lines": "1"}}
	b.round()
	remove := func() error {
		return b.db.Write(b.ctx, func(tx *sqldb.Tx) error { _, err := b.c.Kinds()[0].Delete(b.ctx, tx, "r"); return err })
	}
	if err := remove(); core.CodeOf(err) != core.CodeConflict {
		t.Errorf("deleted with an alert open: %v", err)
	}
	if err := b.apply(b.ctx, "r", spec+`,"disabled":true}`); err != nil {
		t.Fatal(err)
	}
	b.round()
	if n := len(b.world.events); n != 2 || b.world.events[1].Kind != core.Cleared || b.world.events[1].Key != b.world.events[0].Key {
		t.Fatalf("%+v", b.world.events)
	}
	if err := remove(); err != nil {
		t.Error(err)
	}
}

func TestWhatARuleMayNotSay(t *testing.T) {
	t.Parallel()
	b := setup(t, sqldbtest.SQLite(t))
	for _, spec := range []string{
		`{"metric":{"name":"x"}}`, `{"query":"x","pattern":"y","metric":{"name":"x"}}`, `{"query":"x"}`, `{"query":"x | delete","metric":{"name":"x"}}`,
		`{"query":"\"x | delete","metric":{"name":"x"}}`, `{"query":"'x' '| delete","metric":{"name":"x"}}`, `{"query":"x) or (y","metric":{"name":"x"}}`, `{"query":"\"a\\\"\" | delete","metric":{"name":"x"}}`, `{"query":"x","metric":{"name":"1x"}}`, `{"query":"x","every":"1s","metric":{"name":"x"}}`, `{"query":"x","by":["a b"],"metric":{"name":"x"}}`,
	} {
		if err := b.apply(b.ctx, "r", spec); core.CodeOf(err) != core.CodeInvalid {
			t.Errorf("%s: %v", spec, err)
		}
	}
	for _, query := range []string{`"a|b" 'c|d' # e|f`, "`a|b` x:range(1,5]", `'\'|'`} {
		spec, _ := json.Marshal(logrules.Spec{Query: query, Metric: &logrules.Metric{Name: "x"}})
		if err := b.apply(b.ctx, "r", string(spec)); err != nil {
			t.Errorf("%s: %v", query, err)
		}
	}
	ofTeam := auth.With(context.Background(), auth.NewPrincipal(auth.KindUser, "u", "u", auth.BuiltinRoles(), auth.Grant{Role: auth.Operator, Team: "t"}))
	if err := b.apply(ofTeam, "r", `{"query":"x","metric":{"name":"x"}}`); core.CodeOf(err) != core.CodeForbidden {
		t.Errorf("of a team: %v", err)
	}
}
