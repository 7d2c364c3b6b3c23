package metricstore_test

import (
	"context"
	"strconv"
	"testing"
	"time"

	"mainstay/internal/platform/metricstore"
)

// BenchmarkAppend stores batches of 1,000 series, each batch one step later.
func BenchmarkAppend(b *testing.B) {
	s := open(b, metricstore.Dependencies{}, nil)
	batch := make([]metricstore.Sample, 1000)
	for i := range batch {
		batch[i].Labels = metricstore.NewLabels("bench", "item", strconv.Itoa(i), "check", "c")
	}
	at := time.Now().Add(-time.Hour)
	b.ResetTimer()
	for n := 0; b.Loop(); n++ {
		for i := range batch {
			batch[i].T, batch[i].V = at.Add(time.Duration(n)*time.Second), float64(n)
		}
		if err := s.Append(context.Background(), batch); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N*len(batch))/b.Elapsed().Seconds(), "samples/s")
}

// BenchmarkQueryRange asks one item's hour at 15 s among 1,000 items.
func BenchmarkQueryRange(b *testing.B) {
	s := open(b, metricstore.Dependencies{}, nil)
	at := time.Now().Add(-time.Hour)
	for i := range 1000 {
		l := metricstore.NewLabels("bench", "item", strconv.Itoa(i))
		batch := make([]metricstore.Sample, 240)
		for n := range batch {
			batch[n] = metricstore.Sample{Labels: l, T: at.Add(time.Duration(n) * 15 * time.Second), V: float64(n)}
		}
		if err := s.Append(context.Background(), batch); err != nil {
			b.Fatal(err)
		}
	}
	for b.Loop() {
		if _, err := s.QueryRange(context.Background(), `bench{item="7"}`, at, at.Add(time.Hour), 15*time.Second); err != nil {
			b.Fatal(err)
		}
	}
}
