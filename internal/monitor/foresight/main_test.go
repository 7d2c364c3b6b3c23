package foresight

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/core/coretest"
	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/declare"
	"mainstay/internal/platform/ledger"
	"mainstay/internal/platform/metricstore"
	"mainstay/internal/platform/sqldb"
	"mainstay/internal/platform/sqldb/sqldbtest"
)

func TestMain(m *testing.M) { sqldbtest.Main(m) }

// start is a Wednesday noon.
var start = time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)

// bench is everything a test of the component needs. Metrics answer what a
// test's function says.
type bench struct {
	t       *testing.T
	ctx     context.Context
	clock   *coretest.Clock
	metrics *source
	items   items
	c       *Component
	ledger  *ledger.Ledger
	deps    Dependencies
}

func newBench(t *testing.T, db *sqldb.DB) *bench {
	t.Helper()
	ctx := auth.With(context.Background(), auth.System("test"))
	b := &bench{t: t, ctx: ctx, clock: coretest.NewClock(start), metrics: &source{exprs: map[string]func(at time.Time) map[string]float64{}}, items: items{}}
	for module, files := range map[string]func() error{
		"ledger":    func() error { return sqldb.Migrate(ctx, db, "ledger", ledger.Migrations()) },
		"foresight": func() error { return sqldb.Migrate(ctx, db, "foresight", Migrations()) },
	} {
		if err := files(); err != nil {
			t.Fatal(module, err)
		}
	}
	ids := core.NewIDs(b.clock, nil)
	b.ledger = ledger.New(ledger.Configuration{}, ledger.Dependencies{DB: db, Clock: b.clock, IDs: ids})
	if err := b.ledger.Start(ctx); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = b.ledger.Stop(ctx) })
	b.deps = Dependencies{DB: db, Ledger: b.ledger, Metrics: b.metrics, Items: b.items, Clock: b.clock, IDs: ids}
	b.renew()
	return b
}

// renew is a restart.
func (b *bench) renew() {
	b.t.Helper()
	cfg := Defaults()
	cfg.Pools = false
	var err error
	if b.c, err = New(cfg, b.deps); err != nil {
		b.t.Fatal(err)
	}
}

// declare applies a document.
func (b *bench) declare(kind, name string, spec any) {
	b.t.Helper()
	raw, err := json.Marshal(spec)
	if err != nil {
		b.t.Fatal(err)
	}
	if err := b.try(kind, name, raw); err != nil {
		b.t.Fatal(err)
	}
}

func (b *bench) kindOf(kind string) declare.Kind {
	for _, k := range b.c.Kinds() {
		if k.Name == kind {
			return k
		}
	}
	b.t.Fatal("no kind ", kind)
	return declare.Kind{}
}

func (b *bench) try(kind, name string, raw json.RawMessage) error {
	return b.c.deps.DB.Write(b.ctx, func(tx *sqldb.Tx) error {
		_, err := b.kindOf(kind).Apply(b.ctx, tx, name, raw)
		return err
	})
}

// items are by id; needs are what each depends on.
type items map[string]Item

func (i items) Items(_ context.Context, ids []string) (map[string]Item, error) {
	out := map[string]Item{}
	for _, id := range ids {
		if item, ok := i[id]; ok {
			out[id] = item
		}
	}
	return out, nil
}

func (i items) Needed(_ context.Context, id string, _ int) ([]string, error) {
	if id == "shop" {
		return []string{"shop", "db1", "db2"}, nil
	}
	return []string{id}, nil
}

// source is a metric store of functions: for each expression, the value of each
// item at a time. What is wrapped for a day or an hour is that function too.
type source struct {
	exprs   map[string]func(at time.Time) map[string]float64
	written []metricstore.Sample
	asked   int
	broken  error
}

func (s *source) Append(_ context.Context, samples []metricstore.Sample) error {
	s.written = append(s.written, samples...)
	return nil
}

func (s *source) Describe(...metricstore.Metadata) {}

func (s *source) Query(_ context.Context, expr string, at time.Time) (metricstore.Result, error) {
	return s.QueryRange(context.Background(), expr, at, at, time.Second)
}

func (s *source) QueryRange(_ context.Context, expr string, from, to time.Time, step time.Duration) (metricstore.Result, error) {
	s.asked++
	if s.broken != nil {
		return metricstore.Result{}, s.broken
	}
	shift := time.Duration(0)
	if strings.HasSuffix(expr, "[1d:30m])") {
		shift = -12 * time.Hour // a value of the middle of the day stands for it
	}
	var f func(time.Time) map[string]float64
	for known, fn := range s.exprs {
		if expr == known || strings.Contains(expr, "("+known+")[") {
			f = fn
		}
	}
	if f == nil {
		return metricstore.Result{}, nil
	}
	found := map[string]*metricstore.Series{}
	var order []string
	for at := from; !at.After(to); at = at.Add(step) {
		for item, v := range f(at.Add(shift)) {
			if found[item] == nil {
				found[item] = &metricstore.Series{Labels: metricstore.NewLabels("m", "item", item)}
				order = append(order, item)
			}
			found[item].Points = append(found[item].Points, metricstore.Point{T: at.UnixMilli(), F: v})
		}
	}
	var out metricstore.Result
	for _, item := range order {
		out.Series = append(out.Series, *found[item])
	}
	return out, nil
}

// newest is the last value written of a series, and whether there was one.
func (s *source) newest(name, item string) (float64, bool) {
	for i := len(s.written) - 1; i >= 0; i-- {
		if l := s.written[i].Labels; l.Get("__name__") == name && l.Get("item") == item {
			return s.written[i].V, true
		}
	}
	return 0, false
}
