package prefetch_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/tsdb"
	"github.com/prometheus/prometheus/tsdb/chunkenc"

	"mainstay/internal/platform/metricstore/prefetch"
)

const (
	series = 200
	every  = int64(15_000)
	begin  = int64(1_700_000_000_000)
)

// fill makes a store of counters, gauges with gaps and stale markers, and
// native histograms, in two blocks and the head.
func fill(t *testing.T) *tsdb.DB {
	t.Helper()
	options := tsdb.DefaultOptions()
	options.MinBlockDuration, options.MaxBlockDuration = (5 * time.Minute).Milliseconds(), (5 * time.Minute).Milliseconds()
	db, err := tsdb.Open(t.TempDir(), nil, nil, options, nil)
	must(t, err)
	t.Cleanup(func() { _ = db.Close() })
	r := rand.New(rand.NewPCG(1, 2))
	for k := range int64(60) {
		app := db.AppenderV2(context.Background())
		for i := range series {
			var h *histogram.FloatHistogram
			v := float64(k) * float64(1+i%7)
			name := "counter"
			switch {
			case i%50 == 0:
				name, h = "histogram", &histogram.FloatHistogram{Count: float64(k), ZeroCount: float64(k), Sum: 1, ZeroThreshold: 0.1}
			case i%11 == 0 && r.IntN(5) == 0:
				continue
			case i%13 == 0 && r.IntN(9) == 0:
				v = float64(r.IntN(100))
			}
			_, err := app.Append(0, labels.FromStrings(labels.MetricName, name, "i", fmt.Sprint(i), "group", fmt.Sprint(i%9)), 0, begin+k*every, v, nil, h, storage.AOptions{})
			must(t, err)
		}
		must(t, app.Commit())
		if k%20 == 19 {
			must(t, db.Compact(context.Background()))
		}
	}
	if len(db.Blocks()) == 0 {
		t.Fatal("everything is in the head")
	}
	return db
}

var expressions = []string{
	`{i=~".+"}`, `sum by (group) (rate(counter[5m]))`, `counter`, `counter / on (i) group_left () counter`, `histogram`, `sum(counter offset 2m)`,
	`max_over_time(sum(counter)[5m:1m])`, `changes(counter[90s]) > 2`, `topk(3, counter)`, `absent(nothing)`, `counter{i="5"}`,
}

// TestAnswersAreTheSame, with helpers and without.
func TestAnswersAreTheSame(t *testing.T) {
	t.Parallel()
	db, engine := fill(t), newEngine()
	for _, places := range []int{0, 2} {
		helpers := prefetch.New(places)
		ahead := helpers.Queryable(db)
		for _, expr := range expressions {
			for _, span := range [][3]int64{{begin, begin + 59*every, every}, {begin + 17*every + 1, begin + 58*every, 4 * every}, {begin + 59*every, begin + 59*every, every}} {
				want, got := ask(t, engine, db, expr, span), ask(t, engine, ahead, expr, span)
				if got != want {
					t.Fatalf("%d places: %s over %v:\n%s\nshould be\n%s", places, expr, span, got, want)
				}
			}
		}
		if helpers.Free() != places {
			t.Errorf("%d of %d places are free when nobody asks", helpers.Free(), places)
		}
	}
}

// TestManyAtOnce ask while samples and series come.
func TestManyAtOnce(t *testing.T) {
	t.Parallel()
	db, engine := fill(t), newEngine()
	ahead := prefetch.New(3).Queryable(db)
	span := [3]int64{begin, begin + 59*every, 3 * every}
	want := map[string]string{}
	for _, expr := range expressions[1:6] {
		want[expr] = ask(t, engine, db, expr, span)
	}
	stop := make(chan struct{})
	var writing, asking sync.WaitGroup
	writing.Go(func() {
		for k := int64(60); k < 300; k++ {
			select {
			case <-stop:
				return
			default:
			}
			app := db.AppenderV2(context.Background())
			for i := range series {
				_, _ = app.Append(0, labels.FromStrings(labels.MetricName, "counter", "i", fmt.Sprint(i), "group", fmt.Sprint(i%9)), 0, begin+k*every, 1, nil, nil, storage.AOptions{})
			}
			_, _ = app.Append(0, labels.FromStrings(labels.MetricName, "counter", "i", fmt.Sprint("new", k)), 0, begin+k*every, 1, nil, nil, storage.AOptions{})
			_ = app.Commit()
		}
	})
	for range 3 {
		asking.Go(func() {
			for range 2 {
				for expr, want := range want {
					if got := ask(t, engine, ahead, expr, span); got != want {
						t.Errorf("%s:\n%s\nshould be\n%s", expr, got, want)
						return
					}
				}
			}
		})
	}
	asking.Wait()
	close(stop)
	writing.Wait()
}

// odd is a store whose second querier, the helper's, is not as it should be.
type odd struct {
	storage.Queryable
	mu      sync.Mutex
	queries int
	then    func(storage.Querier) (storage.Querier, error)
}

func (o *odd) Querier(mint, maxt int64) (storage.Querier, error) {
	o.mu.Lock()
	o.queries++
	n := o.queries
	o.mu.Unlock()
	q, err := o.Queryable.Querier(mint, maxt)
	if n == 1 || err != nil {
		return q, err
	}
	return o.then(q)
}

type changed struct {
	storage.Querier
	change func([]storage.Series) []storage.Series
}

func (c changed) Select(ctx context.Context, sorted bool, hints *storage.SelectHints, matchers ...*labels.Matcher) storage.SeriesSet {
	set := c.Querier.Select(ctx, sorted, hints, matchers...)
	var list []storage.Series
	for set.Next() {
		list = append(list, set.At())
	}
	if ctx.Err() != nil {
		list = nil // the query has ended already
	} else {
		list = c.change(list)
	}
	return &listed{list: list, at: -1}
}

type listed struct {
	storage.SeriesSet
	list []storage.Series
	at   int
}

func (l *listed) Next() bool         { l.at++; return l.at < len(l.list) }
func (l *listed) At() storage.Series { return l.list[l.at] }
func (l *listed) Err() error         { return nil }

type panicking struct{ storage.Series }

func (panicking) Iterator(chunkenc.Iterator) chunkenc.Iterator { panic("a chunk that is none") }

// TestWhatAHelperCannotDo the engine does itself.
func TestWhatAHelperCannotDo(t *testing.T) {
	t.Parallel()
	db, engine := fill(t), newEngine()
	span := [3]int64{begin, begin + 59*every, every}
	want := ask(t, engine, db, "counter", span)
	for name, then := range map[string]func(storage.Querier) (storage.Querier, error){
		"no querier": func(q storage.Querier) (storage.Querier, error) { _ = q.Close(); return nil, errors.New("no") },
		"fewer series": func(q storage.Querier) (storage.Querier, error) {
			return changed{q, func(list []storage.Series) []storage.Series { return append(list[:50:50], list[100:]...) }}, nil
		},
		"more series": func(q storage.Querier) (storage.Querier, error) {
			return changed{q, func(list []storage.Series) []storage.Series {
				more := storage.NewListSeries(labels.FromStrings("another", "one"), nil)
				return append([]storage.Series{more}, append(list[:150:150], append([]storage.Series{more, more}, list[150:]...)...)...)
			}}, nil
		},
		"a panic": func(q storage.Querier) (storage.Querier, error) { _ = q.Close(); panic("an index that is none") },
		"a panic in a chunk": func(q storage.Querier) (storage.Querier, error) {
			return changed{q, func(list []storage.Series) []storage.Series {
				for i := 0; i < len(list); i += 5 {
					list[i] = panicking{list[i]}
				}
				return list
			}}, nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := ask(t, engine, prefetch.New(1).Queryable(&odd{Queryable: db, then: then}), "counter", span); got != want {
				t.Errorf("\n%s\nshould be\n%s", got, want)
			}
		})
	}
}

// TestACanceledQueryLeavesNobody at work behind it.
func TestACanceledQueryLeavesNobody(t *testing.T) {
	t.Parallel()
	db, helpers := fill(t), prefetch.New(2)
	ctx, cancel := context.WithCancel(context.Background())
	q, err := helpers.Queryable(db).Querier(begin, begin+59*every)
	must(t, err)
	set := q.Select(ctx, false, &storage.SelectHints{Start: begin, End: begin + 59*every}, labels.MustNewMatcher(labels.MatchEqual, labels.MetricName, "counter"))
	if !set.Next() {
		t.Fatal("no series", set.Err())
	}
	cancel()
	must(t, q.Close())
	if helpers.Free() != 2 {
		t.Error("a helper is still there")
	}
}

func newEngine() *promql.Engine {
	return promql.NewEngine(promql.EngineOpts{MaxSamples: 50_000_000, Timeout: time.Minute, NoStepSubqueryIntervalFn: func(int64) int64 { return 60_000 }})
}

func ask(t *testing.T, engine *promql.Engine, from storage.Queryable, expr string, span [3]int64) string {
	t.Helper()
	q, err := engine.NewRangeQuery(context.Background(), from, nil, expr, time.UnixMilli(span[0]), time.UnixMilli(span[1]), time.Duration(span[2])*time.Millisecond)
	if err != nil {
		t.Error(err)
		return ""
	}
	defer q.Close()
	res := q.Exec(context.Background())
	if res.Err != nil {
		t.Error(res.Err)
	}
	return strings.Clone(res.String())
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
