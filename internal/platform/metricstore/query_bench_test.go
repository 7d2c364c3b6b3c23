package metricstore_test

import (
	"context"
	"runtime"
	"strconv"
	"testing"
	"time"

	"mainstay/internal/platform/metricstore"
)

// Heavy dashboards: 10,000 series, one hour at 15 s.
const (
	heavySeries = 10_000
	heavyStep   = 15 * time.Second
)

// heavyQueries are what a dashboard asks of many series.
var heavyQueries = []struct{ name, expr string }{
	{"SumRate", `sum by (group) (rate(heavy_total[5m]))`},
	{"Sum", `sum by (group) (heavy_total)`},
	{"EachSeries", `heavy_total`},
}

// fillHeavy stores heavySeries counters from start up to end.
func fillHeavy(tb testing.TB, s metricstore.Store, start, end time.Time) []metricstore.Labels {
	tb.Helper()
	series := make([]metricstore.Labels, heavySeries)
	for i := range series {
		series[i] = metricstore.NewLabels("heavy_total", "item", strconv.Itoa(i), "group", strconv.Itoa(i%20), "check", "web")
	}
	for at := start; !at.After(end); at = at.Add(heavyStep) {
		appendHeavy(tb, s, series, start, at)
	}
	return series
}

func appendHeavy(tb testing.TB, s metricstore.Store, series []metricstore.Labels, start, at time.Time) {
	tb.Helper()
	batch := make([]metricstore.Sample, len(series))
	for i := range batch {
		batch[i] = metricstore.Sample{Labels: series[i], T: at, V: at.Sub(start).Seconds() * float64(1+i%7)}
	}
	if err := s.Append(context.Background(), batch); err != nil {
		tb.Fatal(err)
	}
}

// BenchmarkHeavyQueryCold asks the hour with nothing remembered.
func BenchmarkHeavyQueryCold(b *testing.B) {
	s := open(b, metricstore.Dependencies{}, func(c *metricstore.Configuration) { c.QueryCacheBytes = 0 })
	end := time.Now().Truncate(time.Minute)
	fillHeavy(b, s, end.Add(-70*time.Minute), end)
	runtime.GC()
	for _, q := range heavyQueries {
		b.Run(q.name, func(b *testing.B) {
			cpu := cpuTime()
			for b.Loop() {
				ask(b, s, q.expr, end)
			}
			perQuery(b, cpu)
		})
	}
}

// BenchmarkHeavyQueryRefreshed asks it again with each scrape, as a dashboard does.
func BenchmarkHeavyQueryRefreshed(b *testing.B) {
	for _, q := range heavyQueries {
		b.Run(q.name, func(b *testing.B) {
			s := open(b, metricstore.Dependencies{}, nil)
			end := time.Now().Truncate(time.Minute).Add(-time.Hour)
			start := end.Add(-70 * time.Minute)
			series := fillHeavy(b, s, start, end)
			ask(b, s, q.expr, end)
			runtime.GC()
			var cpu time.Duration
			for b.Loop() {
				b.StopTimer()
				end = end.Add(heavyStep)
				appendHeavy(b, s, series, start, end)
				before := cpuTime()
				b.StartTimer()
				ask(b, s, q.expr, end)
				cpu += cpuTime() - before
			}
			b.ReportMetric(float64(b.Elapsed().Microseconds())/1000/float64(b.N), "ms/query")
			b.ReportMetric(float64(cpu.Microseconds())/1000/float64(b.N), "cpu-ms/query")
		})
	}
}

func ask(b *testing.B, s metricstore.Store, expr string, end time.Time) {
	res, err := s.QueryRange(context.Background(), expr, end.Add(-time.Hour), end, heavyStep)
	if err != nil || len(res.Series) == 0 {
		b.Fatalf("%d series, %v", len(res.Series), err)
	}
}

func perQuery(b *testing.B, cpuBefore time.Duration) {
	b.ReportMetric(float64(b.Elapsed().Microseconds())/1000/float64(b.N), "ms/query")
	b.ReportMetric(float64((cpuTime()-cpuBefore).Microseconds())/1000/float64(b.N), "cpu-ms/query")
}
