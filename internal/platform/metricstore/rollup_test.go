package metricstore_test

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"net/http/httptest"
	"os"
	"path/filepath"
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

func TestRollupsAnswerAsSamplesDo(t *testing.T) {
	t.Parallel()
	s, _, _ := rolled(t, 60, nil)
	plain, engine := metricstore.StorageOf(s).Plain(), metricstore.StorageOf(s).Engine()
	for tier, step := range []time.Duration{5 * time.Minute, time.Hour} {
		for _, expr := range exactly {
			start, end := dawn.Add(6*time.Hour), dawn.Add(60*time.Hour)
			if tiers := metricstore.TiersOf(s, expr, start, end, step); tiers[0] != tier || tiers[len(tiers)-1] != -1 {
				t.Errorf("%s by %v is answered from %v", expr, step, tiers)
			}
			want, _ := values(t, s, plain, expr, start, end, step)
			got, _ := values(t, s, engine, expr, start, end, step)
			near(t, fmt.Sprintf("%s by %v", expr, step), got, want, 1e-9)
		}
	}
	for expr, tiers := range map[string][]int{
		`stddev_over_time(g[1h])`: {-1}, `g @ end()`: {-1}, `irate(c[5m])`: {-1}, `avg_over_time(g[7m])`: {-1}, `absent(g)`: {-1}, `delta(g[1h])`: {-1},
	} {
		if got := metricstore.TiersOf(s, expr, dawn.Add(6*time.Hour), dawn.Add(20*time.Hour), time.Hour); !slices.Equal(got, tiers) {
			t.Errorf("%s is answered from %v", expr, got)
		}
	}
	if got := metricstore.TiersOf(s, "g", dawn.Add(6*time.Hour+time.Second), dawn.Add(20*time.Hour), time.Hour); !slices.Equal(got, []int{-1}) {
		t.Errorf("steps between buckets are answered from %v", got)
	}
}

// TestIncreasesOverRollups are what the samples grew by, resets counted, from
// the last sample before the window to the last in it.
func TestIncreasesOverRollups(t *testing.T) {
	t.Parallel()
	s, _, rec := rolled(t, 40, nil)
	start, end := dawn.Add(4*time.Hour), dawn.Add(36*time.Hour)
	for window, step := range map[time.Duration]time.Duration{time.Hour: time.Hour, 10 * time.Minute: 5 * time.Minute, 30 * time.Minute: 30 * time.Minute} {
		want, rates := map[string]float64{}, map[string]float64{}
		for i := range 4 {
			l := metricstore.NewLabels("c", "i", strconv.Itoa(i))
			var prev metricstore.Sample
			grew := map[int64]float64{}
			for _, x := range rec.samples {
				if x.Labels != l {
					continue
				}
				d := x.V - prev.V
				if d < 0 {
					d = x.V
				}
				for at := start; !at.After(end); at = at.Add(step) {
					if x.T.After(at.Add(-window)) && !x.T.After(at) {
						grew[at.UnixMilli()] += d
					}
				}
				prev = x
			}
			for at, v := range grew {
				key := fmt.Sprintf("{i=%q} @%d", strconv.Itoa(i), at)
				want[key], rates[key] = v, v/window.Seconds()
			}
		}
		engine := metricstore.StorageOf(s).Engine()
		w := fmt.Sprintf("%ds", int(window.Seconds()))
		got, _ := values(t, s, engine, "increase(c["+w+"])", start, end, step)
		near(t, "increase over "+w, got, want, 1e-9)
		got, _ = values(t, s, engine, "rate(c["+w+"])", start, end, step)
		near(t, "rate over "+w, got, rates, 1e-9)
		// Grafana's window: a step and a scrape.
		if tiers := metricstore.TiersOf(s, "rate(c[30m15s])", start, end, 30*time.Minute); tiers[0] != 0 {
			t.Errorf("Grafana's rate is answered from %v", tiers)
		}
	}
}

func TestLateSamplesReachRollups(t *testing.T) {
	t.Parallel()
	s, _, _ := rolled(t, 30, nil)
	st := metricstore.StorageOf(s)
	through := metricstore.Rollups(s).Through()
	if want := dawn.Add(28 * time.Hour).UnixMilli(); through != want {
		t.Fatalf("complete through %d, should be %d", through, want)
	}
	check := func(why string, first int) {
		t.Helper()
		start, end := dawn.Add(20*time.Hour), dawn.Add(28*time.Hour)
		if tiers := metricstore.TiersOf(s, "max_over_time(g[1h])", start, end, time.Hour); tiers[len(tiers)-1] != first {
			t.Errorf("%s: answered from %v", why, tiers)
		}
		want, _ := values(t, s, st.Plain(), "max_over_time(g[1h])", start, end, time.Hour)
		got, _ := values(t, s, st.Engine(), "max_over_time(g[1h])", start, end, time.Hour)
		near(t, why, got, want, 1e-9)
	}
	check("before", 1)
	late := dawn.Add(22*time.Hour + 30*time.Minute + time.Second)
	must(t, s.Append(context.Background(), []metricstore.Sample{{Labels: metricstore.NewLabels("g", "i", "1"), T: late, V: 9999}}))
	if got := metricstore.Rollups(s).Through(); got != dawn.Add(22*time.Hour).UnixMilli() {
		t.Errorf("the span is not stale: complete through %d", got)
	}
	check("a late sample", -1)
	pass(t, s)
	if got := metricstore.Rollups(s).Through(); got != through {
		t.Errorf("complete through %d after the pass", got)
	}
	check("built again", 1)
}

// TestAPassThatEndsEarlyIsRepeated cuts passes off at many moments and opens
// the store again after each, as a kill would have it.
func TestAPassThatEndsEarlyIsRepeated(t *testing.T) {
	t.Parallel()
	dir, clock := t.TempDir(), coretest.NewClock(dawn.Add(30*time.Hour))
	again := func() metricstore.Store {
		cfg := metricstore.Defaults()
		cfg.Directory, cfg.MinFree = dir, 1
		s, err := metricstore.Open(cfg, metricstore.Dependencies{Clock: clock})
		must(t, err)
		return s
	}
	s := again()
	record(30).into(t, s)
	for i := range 6 {
		ctx, cancel := context.WithTimeout(context.Background(), time.Duration(20+30*i)*time.Millisecond)
		_ = metricstore.Rollups(s).Pass(ctx)
		cancel()
		// What a kill leaves behind.
		must(t, os.MkdirAll(filepath.Join(dir, "rollup", "building", "5m_1_2", "parts"), 0o750))
		state := filepath.Join(dir, "rollup", "state.json")
		raw, _ := os.ReadFile(state)
		must(t, s.Close())
		must(t, os.RemoveAll(state))
		if len(raw) > 0 && i != 2 { // as it was before the clean stop; once it is lost
			must(t, os.WriteFile(state, raw, 0o600))
		}
		s = again()
	}
	defer s.Close()
	pass(t, s)
	st := metricstore.StorageOf(s)
	for _, expr := range []string{`sum_over_time(g[1h])`, `count_over_time(c[1h])`} {
		want, _ := values(t, s, st.Plain(), expr, dawn.Add(2*time.Hour), dawn.Add(28*time.Hour), time.Hour)
		got, _ := values(t, s, st.Engine(), expr, dawn.Add(2*time.Hour), dawn.Add(28*time.Hour), time.Hour)
		near(t, expr, got, want, 1e-9)
	}
	left, err := os.ReadDir(filepath.Join(dir, "rollup", "building"))
	if err != nil || len(left) != 0 {
		t.Errorf("%v is left behind, %v", left, err)
	}
}

func TestRollupsOutliveSamples(t *testing.T) {
	t.Parallel()
	clock := coretest.NewClock(dawn.Add(80 * time.Hour))
	s := open(t, metricstore.Dependencies{Clock: clock}, func(c *metricstore.Configuration) { c.Retention, c.QueryCacheBytes = 20*time.Hour, 0 })
	first, later := record(84).cut(dawn.Add(80 * time.Hour))
	first.into(t, s)
	// What no tier holds yet stays, however old it is.
	must(t, metricstore.StorageOf(s).Compact(context.Background()))
	if left, _ := values(t, s, metricstore.StorageOf(s).Plain(), "g", dawn.Add(time.Hour), dawn.Add(2*time.Hour), time.Hour); len(left) == 0 {
		t.Fatal("samples went before they were rolled up")
	}
	pass(t, s)
	later.into(t, s)
	whole := open(t, metricstore.Dependencies{}, func(c *metricstore.Configuration) { c.Retention5m, c.Retention1h = 0, 0 })
	first.into(t, whole)
	st := metricstore.StorageOf(s)
	for range 3 { // the head becomes blocks, and the old ones go
		must(t, st.Compact(context.Background()))
	}
	start, end := dawn.Add(5*time.Hour), dawn.Add(80*time.Hour)
	if left, _ := values(t, s, st.Plain(), "g", start, dawn.Add(40*time.Hour), time.Hour); len(left) != 0 {
		t.Fatalf("%d samples are still there", len(left))
	}
	for _, expr := range exactly {
		want, _ := values(t, whole, metricstore.StorageOf(whole).Plain(), expr, start, end, time.Hour)
		got, notes := values(t, s, st.Engine(), expr, start, end, time.Hour)
		near(t, expr, got, want, 1e-9)
		if len(notes) > 0 && !strings.Contains(expr, "h[") {
			t.Errorf("%s has notes: %v", expr, notes)
		}
	}
	// What rollups cannot answer is told.
	got, notes := values(t, s, st.Engine(), "stddev_over_time(g[1h])", start, dawn.Add(20*time.Hour), 7*time.Minute)
	if len(got) == 0 || len(notes) == 0 || !strings.Contains(notes[0].Error(), "stddev_over_time") {
		t.Errorf("%d values, notes %v", len(got), notes)
	}
	at := dawn.Add(10 * time.Hour)
	res, err := s.Query(context.Background(), "avg_over_time(g[1h])", at)
	if err != nil || len(res.Series) != 4 {
		t.Errorf("an instant long ago: %+v %v", res, err)
	}
	for _, path := range []string{"series?match[]=gone", "label/__name__/values", "labels?match[]=gone"} {
		rec := httptest.NewRecorder()
		s.Handler().ServeHTTP(rec, httptest.NewRequest("GET", "/prometheus/api/v1/"+path+fmt.Sprintf("%sstart=%d&end=%d", map[bool]string{true: "&", false: "?"}[strings.Contains(path, "?")], start.Unix(), at.Unix()), nil))
		if body := rec.Body.String(); rec.Code != 200 || strings.Contains(body, "__rollup__") || !(strings.Contains(body, "gone") || strings.Contains(body, `"i"`)) {
			t.Errorf("%s: %d %s", path, rec.Code, body)
		}
	}
	dirs, _ := filepath.Glob(filepath.Join(st.Dir(), "rollup", "5m", "*"))
	if len(dirs) == 0 || len(dirs) > 25 {
		t.Errorf("%d blocks of three days are not joined", len(dirs))
	}
}
