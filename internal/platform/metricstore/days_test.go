//go:build !race

package metricstore_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"mainstay/internal/core/coretest"
	"mainstay/internal/platform/metricstore"
)

// Days of samples take the race detector minutes: make test runs these without.

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

// TestClockJumps: the clock goes ahead by an hour and back by a minute while
// samples are stored, queries are remembered and rollups are built; every
// answer stays that of the samples.
func TestClockJumps(t *testing.T) {
	t.Parallel()
	clock, r := coretest.NewClock(dawn.Add(time.Hour)), rand.New(rand.NewPCG(3, 3))
	s, ctx := open(t, metricstore.Dependencies{Clock: clock}, nil), context.Background()
	st := metricstore.StorageOf(s)
	hour := func() {
		for range 70 {
			clock.Advance(time.Minute + time.Second)
			for i := range 3 {
				// A time that was there before has its value.
				_ = s.Append(ctx, []metricstore.Sample{{Labels: metricstore.NewLabels("m", "a", fmt.Sprint(i), "i", "x"), T: clock.Now(), V: float64(r.IntN(50))}})
			}
			now := clock.Now().Truncate(time.Minute)
			compare(t, s, `sum by (a) (rate(m[5m]))`, now.Add(-time.Hour), now, time.Minute, 0)
			compare(t, s, `m`, now.Add(-time.Hour), now, time.Minute, 0)
		}
		pass(t, s)
		rolledUp(t, s, st, clock.Now())
	}
	for _, jump := range []time.Duration{0, 0, time.Hour, 0, -time.Minute, 0, time.Hour, -time.Minute, -time.Hour} {
		clock.Advance(jump)
		hour()
	}
}

func rolledUp(t *testing.T, s metricstore.Store, st *metricstore.Storage, now time.Time) {
	t.Helper()
	start, end := dawn.Add(2*time.Hour), now.Truncate(time.Hour)
	if !start.Before(end) {
		return
	}
	for _, expr := range []string{`sum_over_time(m[1h])`, `count_over_time(m[1h])`, `max_over_time(m[2h])`} {
		want, _ := values(t, s, st.Plain(), expr, start, end, time.Hour)
		got, _ := values(t, s, st.Engine(), expr, start, end, time.Hour)
		near(t, fmt.Sprintf("%s at %v", expr, now), got, want, 1e-9)
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
