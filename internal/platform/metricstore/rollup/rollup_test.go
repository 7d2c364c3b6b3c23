package rollup_test

import (
	"context"
	"fmt"
	"log/slog"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/tsdb"
	"github.com/prometheus/prometheus/tsdb/chunkenc"

	"mainstay/internal/core/coretest"
	"mainstay/internal/platform/metricstore/rollup"
)

type raw struct{ *tsdb.DB }

func (r raw) Bounds() (int64, int64, bool) {
	oldest, newest := r.Head().MinTime(), r.Head().MaxTime()
	for _, b := range r.Blocks() { // the head becomes blocks by itself
		oldest, newest = min(oldest, b.MinTime()), max(newest, b.MaxTime()-1)
	}
	return oldest, newest, oldest <= newest
}

const hour = int64(time.Hour / time.Millisecond)

// setup keeps rollups of six hours of counters that grow by one a minute.
func setup(t *testing.T, series, batch int) (*rollup.Store, raw, string) {
	t.Helper()
	opts := tsdb.DefaultOptions()
	opts.OutOfOrderTimeWindow = 12 * hour
	db, err := tsdb.Open(t.TempDir(), slog.New(slog.DiscardHandler), nil, opts, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	app := db.AppenderV2(context.Background())
	for i := range series {
		l := labels.FromStrings("__name__", "c", "i", fmt.Sprint(i))
		for m := range int64(361) {
			if _, err := app.Append(0, l, 0, m*60_000, float64(m), nil, nil, storage.AOptions{}); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := app.Commit(); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	return reopen(t, raw{db}, dir, batch), raw{db}, dir
}

func reopen(t *testing.T, r raw, dir string, batch int) *rollup.Store {
	t.Helper()
	s, err := rollup.Open(rollup.Configuration{
		Directory: dir, Lookback: 5 * time.Minute, Late: 12 * time.Hour, Lag: time.Minute, Every: time.Minute, Batch: batch,
		Tiers: []rollup.Tier{{Name: "5m", Width: 5 * time.Minute, Retention: 1000 * time.Hour}, {Name: "1h", Width: time.Hour, Retention: 1000 * time.Hour}},
	}, r, coretest.NewClock(time.UnixMilli(6*hour)), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func read(t *testing.T, s *rollup.Store, tier int, aggregate string) map[string][]float64 {
	t.Helper()
	q, err := s.Queryable(tier).Querier(0, math.MaxInt64)
	if err != nil {
		t.Fatal(err)
	}
	defer q.Close()
	set := q.Select(context.Background(), true, nil, labels.MustNewMatcher(labels.MatchEqual, rollup.Label, aggregate))
	out := map[string][]float64{}
	for set.Next() {
		it := set.At().Iterator(nil)
		name := set.At().Labels().String()
		for it.Next() != chunkenc.ValNone {
			_, v := it.At()
			out[name] = append(out[name], v)
		}
	}
	if set.Err() != nil {
		t.Fatal(set.Err())
	}
	return out
}

func TestBatchesBecomeOneBlock(t *testing.T) {
	t.Parallel()
	s, _, dir := setup(t, 40, 300) // a batch is a few series
	if err := s.Pass(context.Background()); err != nil {
		t.Fatal(err)
	}
	inc := read(t, s, 1, rollup.Inc)
	if len(inc) != 40 {
		t.Fatalf("%d series", len(inc))
	}
	for l, v := range inc {
		// The sample at 0 belongs to the hour before, which has nothing else.
		if strings.Contains(l, rollup.Label) || fmt.Sprint(v) != "[0 60 60 60 60]" {
			t.Fatalf("%s: %v", l, v)
		}
	}
	for i, want := range []int{49, 5} {
		for l, v := range read(t, s, i, rollup.Count) {
			if len(v) != want {
				t.Fatalf("tier %d: %s has %d buckets", i, l, len(v))
			}
		}
	}
	for _, tier := range []string{"5m", "1h"} {
		// The spans that end at 0, 2 and 4 o'clock; that of 6 is not over for a minute.
		if blocks, _ := os.ReadDir(filepath.Join(dir, tier)); len(blocks) != 3 {
			t.Errorf("%s has %d blocks", tier, len(blocks))
		}
	}
}

func TestANewerBlockOverrulesTheOlder(t *testing.T) {
	t.Parallel()
	s, db, dir := setup(t, 2, 0)
	ctx := context.Background()
	if err := s.Pass(ctx); err != nil {
		t.Fatal(err)
	}
	app := db.AppenderV2(ctx)
	if _, err := app.Append(0, labels.FromStrings("__name__", "c", "i", "0"), 0, hour+1, 999, nil, nil, storage.AOptions{}); err != nil {
		t.Fatal(err)
	}
	if err := app.Commit(); err != nil {
		t.Fatal(err)
	}
	if got := newest(t, db); got != 999 {
		t.Fatalf("the late sample reads as %v", got)
	}
	before := s.Through()
	s.Touched(hour+1, hour+1)
	if s.Through() != 0 {
		t.Fatalf("complete through %d", s.Through())
	}
	if err := s.Pass(ctx); err != nil {
		t.Fatal(err)
	}
	if s.Through() != before {
		t.Fatalf("complete through %d", s.Through())
	}
	if got := read(t, s, 1, rollup.Max)[`{__name__="c", i="0"}`]; fmt.Sprint(got) != "[0 60 999 180 240]" {
		t.Fatalf("%v", got)
	}
	// A second start finds the same, with and without a clean stop.
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	again := reopen(t, db, dir, 0)
	if again.Through() != before {
		t.Errorf("after a clean stop complete through %d", again.Through())
	}
	killed := reopen(t, db, dir, 0)
	if killed.Through() >= before {
		t.Errorf("after a kill complete through %d", killed.Through())
	}
}

// newest is the last value of the first series that is not after an hour and a moment.
func newest(t *testing.T, db raw) (v float64) {
	t.Helper()
	q, err := db.Querier(0, hour+1)
	if err != nil {
		t.Fatal(err)
	}
	defer q.Close()
	set := q.Select(context.Background(), true, nil, labels.MustNewMatcher(labels.MatchEqual, "i", "0"))
	for set.Next() {
		for it := set.At().Iterator(nil); it.Next() != chunkenc.ValNone; {
			_, v = it.At()
		}
	}
	return v
}

func TestRewriting(t *testing.T) {
	t.Parallel()
	p := parser.NewParser(parser.Options{})
	for _, c := range []struct {
		expr, want string
		exact      bool
	}{
		{`rate(c[10m])`, `(sum_over_time(c{__rollup__="inc"}[10m]) / 600)`, true},
		{`rate(c[10m15s])`, `(sum_over_time(c{__rollup__="inc"}[10m]) / 600)`, true},
		{`rate(c[7m])`, `(sum_over_time(c{__rollup__="inc"}[5m]) / 300)`, false},
		{`increase(c{a="b"}[1h] offset 5m)`, `sum_over_time(c{__rollup__="inc",a="b"}[1h] offset 5m)`, true},
		{`sum by (x) (avg_over_time(g[1h]))`, `sum by (x) ((sum_over_time(g{__rollup__="sum"}[1h]) / sum_over_time(g{__rollup__="count"}[1h])))`, true},
		{`sum by (x) (rate(c[10m]))`, `(sum by (x) (sum_over_time(c{__rollup__="inc"}[10m])) / 600)`, true},
		{`max(rate(c[10m]) > 2)`, `max((sum_over_time(c{__rollup__="inc"}[10m]) / 600) > 2)`, true},
		{`topk(3, rate(c[10m]))`, `topk(3, (sum_over_time(c{__rollup__="inc"}[10m]) / 600))`, true},
		{`max by (__name__) ((g / 2))`, `max by (__name__) ((g{__rollup__="last"} / 2))`, true},
		{`max((sum_over_time(g[1h]) * -2))`, `max((sum_over_time(g{__rollup__="sum"}[1h]) * -2))`, true},
		{`g offset 7m`, `g{__rollup__="last"} offset 7m`, false},
		{`deriv(g[1m])`, `deriv(g{__rollup__="last"}[10m])`, false},
		{`max_over_time(g[1h:])`, `max_over_time(g{__rollup__="last"}[1h:5m])`, false},
		{`absent(g)`, ``, false}, {`g @ 5`, ``, false}, {`absent_over_time(g[1h])`, ``, false},
	} {
		expr, err := p.ParseExpr(c.expr)
		if err != nil {
			t.Fatal(err)
		}
		got, ok := rollup.Rewrite(expr, 5*time.Minute, 5*time.Minute)
		if got.Expr != c.want || got.Exact != c.exact || ok != (c.want != "") || (ok && got.Exact == (len(got.Notes) > 0)) {
			t.Errorf("%s gives %+v", c.expr, got)
		}
	}
}

// FuzzRewrite: what is rewritten is an expression again, and of the same type.
func FuzzRewrite(f *testing.F) {
	for _, e := range []string{`rate(c[5m])`, `sum(avg_over_time(g[1h:5m]))`, `quantile_over_time(0.5, g[1h]) > 3`, `g @ 5`, `-g`, `topk(scalar(g), g)`, `"s"`} {
		f.Add(e)
	}
	p := parser.NewParser(parser.Options{EnableExperimentalFunctions: true})
	f.Fuzz(func(t *testing.T, in string) {
		expr, err := p.ParseExpr(in)
		if err != nil {
			return
		}
		kind := expr.Type()
		rollup.Reach(expr, time.Minute)
		got, ok := rollup.Rewrite(expr, 5*time.Minute, 5*time.Minute)
		if !ok {
			return
		}
		again, err := p.ParseExpr(got.Expr)
		if err != nil {
			t.Fatalf("%s gives %s: %v", in, got.Expr, err)
		}
		if kind != parser.ValueTypeMatrix && again.Type() != kind {
			t.Fatalf("%s is %s, %s is %s", in, kind, got.Expr, again.Type())
		}
	})
}
