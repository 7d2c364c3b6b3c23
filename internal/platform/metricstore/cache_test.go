package metricstore_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/prometheus/promql"

	"mainstay/internal/platform/metricstore"
)

// remembered are expressions of every kind that the cache takes, and of those it must leave alone.
var remembered = []string{
	`m`, `sum(m)`, `sum by (a) (rate(m[2m]))`, `m offset 1m`, `max_over_time(m[5m])`, `m > 40`, `count(n) by (a)`, `m + on(a, i) n`,
	`absent(m{a="0"})`, `avg_over_time(sum(m)[3m:30s])`, `{a="1"}`, `quantile_over_time(0.5, n[90s])`, `time() - timestamp(m)`, `hour() + m`,
	`scalar(sum(m))`, `label_replace(m, "z", "$1", "a", "(.)")`, `m offset -1m`, `m @ end()`, `sum(m @ start())`, `limitk(1, m)`, `1`, `increase(m[7m] offset 2m)`,
}

// TestRememberedAnswersAreTrue asks random questions about data that grows and
// changes, late samples included, and compares with the engine alone.
func TestRememberedAnswersAreTrue(t *testing.T) {
	t.Parallel()
	for seed := range uint64(4) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			s := open(t, metricstore.Dependencies{}, func(c *metricstore.Configuration) {
				c.Experimental = true
				if seed == 3 {
					c.QueryCacheBytes = 20_000 // most do not stay
				}
			})
			growAndAsk(t, s, rand.New(rand.NewPCG(seed, 1)))
		})
	}
}

func growAndAsk(t *testing.T, s metricstore.Store, r *rand.Rand) {
	ctx, at := context.Background(), time.Unix(1_700_000_000, 0)
	begin := at
	for round := range 250 {
		var batch []metricstore.Sample
		for i := range 6 {
			if r.IntN(8) == 0 {
				continue // silent
			}
			l := metricstore.NewLabels([]string{"m", "n"}[i%2], "a", fmt.Sprint(i/2), "i", "x")
			when := at.Add(time.Duration(r.IntN(5)) * time.Second)
			switch {
			case r.IntN(40) == 0:
				when = when.Add(-time.Duration(r.IntN(3600)) * time.Second) // from a queue
			case r.IntN(60) == 0:
				when = when.Add(time.Duration(r.IntN(120)) * time.Second) // a clock that is ahead
			}
			batch = append(batch, metricstore.Sample{Labels: l, T: when, V: float64(r.IntN(100))})
		}
		_ = s.Append(ctx, batch) // some are refused
		at = at.Add(time.Duration(5+r.IntN(30)) * time.Second)
		for range 3 {
			step := []time.Duration{15 * time.Second, 30 * time.Second, time.Minute}[r.IntN(3)]
			end := at.Add(time.Duration(r.IntN(240)-120) * time.Second)
			if r.IntN(3) > 0 {
				end = end.Truncate(step)
			}
			start := end.Add(-time.Duration(1+r.IntN(60)) * step)
			if start.Before(begin.Add(-time.Hour)) {
				continue
			}
			compare(t, s, remembered[r.IntN(len(remembered))], start, end, step, round)
		}
	}
}

func compare(t *testing.T, s metricstore.Store, expr string, start, end time.Time, step time.Duration, round int) {
	t.Helper()
	st := metricstore.StorageOf(s)
	give := func(e promql.QueryEngine) ([]string, error) {
		q, err := e.NewRangeQuery(context.Background(), st, nil, expr, start, end, step)
		must(t, err)
		defer q.Close()
		res := q.Exec(context.Background())
		if res.Err != nil {
			return nil, res.Err
		}
		return ofResult(res.Value), nil
	}
	want, err := give(st.Plain())
	if err != nil {
		return // the engine refuses the whole; a part may be answered
	}
	got, err := give(st.Engine())
	must(t, err)
	if !slices.Equal(got, want) {
		t.Fatalf("round %d: %s from %d to %d by %v:\ngot\n%s\nwant\n%s", round, expr, start.Unix(), end.Unix(), step, strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// TestEqualQueriesAtOnce ask a growing store the same; each sees what was
// acknowledged before it began.
func TestEqualQueriesAtOnce(t *testing.T) {
	t.Parallel()
	s, ctx, at := open(t, metricstore.Dependencies{}, nil), context.Background(), time.Unix(1_700_000_000, 0)
	l := metricstore.NewLabels("m")
	for round := range 50 {
		now := at.Add(time.Duration(round) * 15 * time.Second)
		if err := s.Append(ctx, []metricstore.Sample{{Labels: l, T: now, V: float64(round)}}); err != nil {
			t.Fatal(err)
		}
		var all sync.WaitGroup
		for range 8 {
			all.Go(func() {
				res, err := s.QueryRange(ctx, "m", now.Add(-10*time.Minute), now, 15*time.Second)
				if err != nil || len(res.Series) != 1 {
					t.Errorf("%v %v", res, err)
					return
				}
				points := res.Series[0].Points
				if p := points[len(points)-1]; p.F != float64(round) || p.T != now.UnixMilli() {
					t.Errorf("round %d: %+v", round, p)
				}
			})
		}
		all.Wait()
	}
}
