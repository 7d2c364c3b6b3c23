package rolling

import (
	"errors"
	"testing"

	"mainstay/internal/monitor/anomaly/nab"
	"mainstay/internal/monitor/forecast"
)

const origins = 30

func report(b *testing.B, shapes []Shape) {
	for b.Loop() {
		var scores []Score
		for _, shape := range shapes {
			s, err := Hours(shape.Values, origins)
			if err != nil {
				b.Fatal(err)
			}
			scores = append(scores, s)
		}
		total := Sum(scores)
		b.ReportMetric(total.Ratio, "of-naive-error")
		b.ReportMetric(total.MASE, "MASE")
		b.ReportMetric(100*total.Coverage, "%inside-90%")
	}
}

func BenchmarkForecastShapes(b *testing.B) {
	var all []Shape
	for seed := range uint64(3) {
		all = append(all, Shapes(seed)...)
	}
	report(b, all)
}

func BenchmarkForecastNAB(b *testing.B) {
	dir, err := nab.Directory(".")
	if errors.Is(err, nab.ErrAbsent) {
		b.Skip(err)
	}
	if err != nil {
		b.Fatal(err)
	}
	series, err := nab.Read(dir)
	if err != nil {
		b.Fatal(err)
	}
	var all []Shape
	for _, s := range series {
		all = append(all, Shape{s.Name, Hourly(s.Unix, s.Values)})
	}
	report(b, all)
}

// BenchmarkForecastDisk is what the forecast of one file system costs: 90 days,
// half a year ahead.
func BenchmarkForecastDisk(b *testing.B) {
	days := make([]float64, 90)
	for i := range days {
		days[i] = 30 + 0.4*float64(i) + float64(i*7919%13)/10
	}
	for b.Loop() {
		if _, err := forecast.Make(days, forecast.Options{PerDay: 1, Horizon: 180}); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N), "us/forecast")
}
