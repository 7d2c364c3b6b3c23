package anomaly_test

import (
	"errors"
	"math"
	"testing"

	"mainstay/internal/monitor/anomaly"
	"mainstay/internal/monitor/anomaly/nab"
)

// BenchmarkPoint is what one point costs, over a thousand series by turns, as a
// server would meet them.
func BenchmarkPoint(b *testing.B) {
	detectors := make([]anomaly.Detector, 1000)
	for i := range 200 * len(detectors) {
		detectors[i%len(detectors)].Point(int64(i/len(detectors))*300, math.Sin(float64(i)))
	}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		detectors[i%len(detectors)].Point(int64(200+i/len(detectors))*300, math.Sin(float64(i)*1.1)+float64(i%17))
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N), "ns/point")
	b.ReportMetric(float64(anomaly.SizeBytes), "B/series")
}

// BenchmarkNAB is the score on the Numenta Anomaly Benchmark, and the score
// when each group of series is judged at the threshold of the others.
func BenchmarkNAB(b *testing.B) {
	dir, err := nab.Directory(".")
	if errors.Is(err, nab.ErrAbsent) {
		b.Skip(err)
	}
	if err != nil {
		b.Fatal(err)
	}
	all, err := nab.Read(dir)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		var scored []nab.Scored
		for _, s := range all {
			var d anomaly.Detector
			scores := make([]float64, len(s.Values))
			for i, v := range s.Values {
				scores[i] = d.Point(s.Unix[i], v).Score
			}
			scored = append(scored, nab.Scored{Name: s.Name, Windows: s.Windows, Scores: scores})
		}
		_, score := nab.Best(scored)
		_, outOfFold := nab.OutOfFold(scored)
		b.ReportMetric(score, "score")
		b.ReportMetric(outOfFold, "score-out-of-fold")
	}
}
