package metricstore_test

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/value"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/storage"

	"mainstay/internal/core/coretest"
	"mainstay/internal/platform/metricstore"
)

// dawn is when the recorded days begin: midnight, so that days are whole.
var dawn = time.Unix(1_700_006_400, 0).UTC().Truncate(24 * time.Hour)

// recorded are days of a few series of each temper, a sample a minute.
type recorded struct {
	samples []metricstore.Sample
	hists   []metricstore.Sample // of V a multiple of one histogram
}

func record(hours int) recorded {
	r, rec := rand.New(rand.NewPCG(7, 7)), recorded{}
	counter := map[int]float64{}
	put := func(name string, i int, at time.Time, v float64) {
		rec.samples = append(rec.samples, metricstore.Sample{Labels: metricstore.NewLabels(name, "i", strconv.Itoa(i)), T: at, V: v})
	}
	for m := range hours * 60 {
		at := dawn.Add(time.Duration(m)*time.Minute + 7*time.Second)
		for i := range 4 {
			put("g", i, at, math.Round(100*math.Sin(float64(m)/50+float64(i)))+float64(r.IntN(20)))
			counter[i] += float64(r.IntN(50))
			if r.IntN(300) == 0 {
				counter[i] = float64(r.IntN(5)) // it was restarted
			}
			put("c", i, at, counter[i])
		}
		if m%200 > 35 { // gaps longer than the look-back
			put("gaps", 0, at, float64(m))
		}
		switch {
		case m < 20*60:
			put("gone", 0, at, 5)
		case m == 20*60:
			put("gone", 0, at, math.Float64frombits(value.StaleNaN))
		case m > 25*60:
			put("late", 0, at, 6)
		}
		rec.hists = append(rec.hists, metricstore.Sample{Labels: metricstore.NewLabels("h"), T: at, V: float64(m%500 + 1)})
	}
	return rec
}

func (rec recorded) into(t testing.TB, s metricstore.Store) {
	t.Helper()
	ctx, n := context.Background(), 0
	for batch := range slices.Chunk(rec.samples, 600) {
		if err := s.Append(ctx, batch); err != nil {
			t.Fatal(err)
		}
		// Histograms keep pace: what is too late is not taken.
		app := metricstore.StorageOf(s).AppenderV2(ctx)
		for ; n < len(rec.hists) && !rec.hists[n].T.After(batch[len(batch)-1].T); n++ {
			h := rec.hists[n]
			if _, err := app.Append(0, h.Labels, 0, h.T.UnixMilli(), 0, nil, histogramOf(h.V), storage.AOptions{}); err != nil {
				t.Fatal(err)
			}
		}
		if err := app.Commit(); err != nil {
			t.Fatal(err)
		}
	}
}

// cut parts what was recorded at a moment.
func (rec recorded) cut(at time.Time) (before, after recorded) {
	parted := func(all []metricstore.Sample) ([]metricstore.Sample, []metricstore.Sample) {
		n := slices.IndexFunc(all, func(s metricstore.Sample) bool { return s.T.After(at) })
		return all[:n], all[n:]
	}
	before.samples, after.samples = parted(rec.samples)
	before.hists, after.hists = parted(rec.hists)
	return before, after
}

func histogramOf(n float64) *histogram.FloatHistogram {
	return &histogram.FloatHistogram{
		Schema: 1, Count: 6 * n, Sum: 20 * n, ZeroThreshold: 0.001,
		PositiveSpans: []histogram.Span{{Offset: 0, Length: 3}}, PositiveBuckets: []float64{n, 2 * n, 3 * n},
	}
}

// values are a query's points by series and time.
func values(t *testing.T, s metricstore.Store, e promql.QueryEngine, expr string, start, end time.Time, step time.Duration) (map[string]float64, []error) {
	t.Helper()
	q, err := e.NewRangeQuery(context.Background(), metricstore.StorageOf(s), nil, expr, start, end, step)
	must(t, err)
	defer q.Close()
	res := q.Exec(context.Background())
	must(t, res.Err)
	out := map[string]float64{}
	for _, l := range ofResult(res.Value) {
		at := strings.LastIndex(l, " ")
		out[l[:at]] = number(t, l[at+1:])
	}
	return out, res.Warnings.AsErrors()
}

func near(t *testing.T, what string, got, want map[string]float64, tolerance float64) {
	t.Helper()
	if len(want) == 0 {
		t.Errorf("%s: there is nothing to compare with", what)
	}
	bad := 0
	for k, w := range want {
		g, ok := got[k]
		if !ok || math.Abs(g-w) > tolerance*math.Max(1, math.Abs(w)) {
			if bad++; bad <= 5 {
				t.Errorf("%s: %s is %v (%v), should be %v", what, k, g, ok, w)
			}
		}
	}
	for k, g := range got {
		if _, ok := want[k]; !ok {
			if bad++; bad <= 5 {
				t.Errorf("%s: %s is %v, should not be", what, k, g)
			}
		}
	}
}

// exactly are expressions whose value rollups give as samples do.
var exactly = []string{
	`g`, `sum(g)`, `g offset 1h`, `avg_over_time(g[1h])`, `sum_over_time(g[2h])`, `count_over_time(g[1h])`, `min_over_time(g[1h])`,
	`max_over_time(g[3h])`, `max_over_time(min_over_time(g[1h])[4h:1h])`, `present_over_time(gaps[1h])`, `avg_over_time(gaps[1h])`, `gaps`, `gone`,
	`late`, `count_over_time(gone[1h])`, `g > 50`, `stddev(g)`, `abs(g) + on(i) avg_over_time(c[1h])`, `histogram_count(h)`,
	`histogram_quantile(0.9, sum_over_time(h[1h]))`, `histogram_sum(avg_over_time(h[1h]))`, `{i="1"}`, `quantile(0.5, g)`,
}

func rolled(t *testing.T, hours int, change func(*metricstore.Configuration)) (metricstore.Store, *coretest.Clock, recorded) {
	t.Helper()
	clock := coretest.NewClock(dawn.Add(time.Duration(hours) * time.Hour))
	s := open(t, metricstore.Dependencies{Clock: clock}, change)
	rec := record(hours)
	rec.into(t, s)
	pass(t, s)
	return s, clock, rec
}

func pass(t *testing.T, s metricstore.Store) {
	t.Helper()
	must(t, metricstore.Rollups(s).Pass(context.Background()))
}
