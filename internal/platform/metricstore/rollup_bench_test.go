package metricstore_test

import (
	"context"
	"runtime"
	"strconv"
	"testing"
	"time"

	"mainstay/internal/core/coretest"
	"mainstay/internal/platform/metricstore"
)

// BenchmarkThirtyDays asks thirty days of 500 series, a sample every two
// minutes, from rollups and from samples; nothing is remembered.
func BenchmarkThirtyDays(b *testing.B) {
	const days, every = 30, 2 * time.Minute
	start := time.Unix(1_700_006_400, 0).Truncate(24 * time.Hour)
	end := start.Add(days * 24 * time.Hour)
	// A batch never fills up, so no pass waits for the clock, which stands.
	s := open(b, metricstore.Dependencies{Clock: coretest.NewClock(end)}, func(c *metricstore.Configuration) { c.QueryCacheBytes = 0 })
	series := make([]metricstore.Labels, 500)
	for i := range series {
		series[i] = metricstore.NewLabels("month_total", "item", strconv.Itoa(i), "group", strconv.Itoa(i%10))
	}
	batch := make([]metricstore.Sample, len(series))
	for at := start; !at.After(end); at = at.Add(every) {
		for i := range batch {
			batch[i] = metricstore.Sample{Labels: series[i], T: at, V: at.Sub(start).Seconds() * float64(1+i%7)}
		}
		if err := s.Append(context.Background(), batch); err != nil {
			b.Fatal(err)
		}
	}
	cpu, began := cpuTime(), time.Now()
	if err := metricstore.Rollups(s).Pass(context.Background()); err != nil {
		b.Fatal(err)
	}
	spans := float64(days*12) * float64(len(series))
	b.Logf("building: %.1f cpu-us per series and two hours, %v in all", float64((cpuTime()-cpu).Microseconds())/spans, time.Since(began))
	for _, q := range []struct {
		name, expr string
		step       time.Duration
	}{
		{"RateByHour", `sum by (group) (rate(month_total[1h]))`, time.Hour},
		{"RateByHalfHour", `sum by (group) (rate(month_total[30m]))`, 30 * time.Minute},
		{"MaxByHour", `max by (group) (max_over_time(month_total[1h]))`, time.Hour},
	} {
		for from, engine := range map[string]func() error{
			"Rollups": func() error {
				_, err := s.QueryRange(context.Background(), q.expr, start.Add(2*time.Hour), end, q.step)
				return err
			},
			"Samples": func() error {
				query, err := metricstore.StorageOf(s).Plain().NewRangeQuery(context.Background(), metricstore.StorageOf(s), nil, q.expr, start.Add(2*time.Hour), end, q.step)
				if err != nil {
					return err
				}
				defer query.Close()
				return query.Exec(context.Background()).Err
			},
		} {
			b.Run(q.name+"/"+from, func(b *testing.B) {
				runtime.GC()
				cpu := cpuTime()
				for b.Loop() {
					if err := engine(); err != nil {
						b.Fatal(err)
					}
				}
				perQuery(b, cpu)
			})
		}
	}
}
