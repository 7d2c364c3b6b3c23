package rolling

import (
	"math"
	"testing"
)

// The aims that the product is held to: better than the naive forecast, and
// an interval of 90% that holds 85 to 95%.
func TestShapesAreForecastBetterThanNaively(t *testing.T) {
	t.Parallel()
	var scores []Score
	for _, shape := range Shapes(42) {
		s, err := Hours(shape.Values, 12)
		if err != nil {
			t.Fatal(err)
		}
		scores = append(scores, s)
	}
	total := Sum(scores)
	if total.Series != len(scores) || total.Ratio > 0.8 || total.Coverage < 0.85 || total.Coverage > 0.95 {
		t.Fatalf("%+v", total)
	}
}

func TestHoursCountsWhatWasInside(t *testing.T) {
	t.Parallel()
	flat := make([]float64, 1000)
	s, err := Hours(flat, 5)
	if err != nil || s.Origins != 5 || s.Values != 5*Horizon || s.Inside != s.Values || s.MAE != 0 {
		t.Fatalf("%+v, %v", s, err)
	}
	// A jump that nothing announced is outside, and costs its height.
	for i := 990; i < 1000; i++ {
		flat[i] = 100
	}
	s, err = Hours(flat, 2)
	if err != nil || s.Inside != s.Values-10 || math.Abs(s.MAE-1000.0/96) > 0.1 || math.Abs(s.Naive-1000.0/96) > 0.1 {
		t.Fatalf("%+v, %v", s, err)
	}
	if s, err := Hours(flat[:40], 5); s.Origins != 0 || err != nil {
		t.Fatalf("too short: %+v, %v", s, err)
	}
}

func TestHourlyTakesMeans(t *testing.T) {
	t.Parallel()
	got := Hourly([]int64{0, 1800, 3600, 3 * 3600, 4 * 3600}, []float64{1, 3, 5, 7, 9})
	want := []float64{2, 5, 5, 7}
	if len(got) != len(want) {
		t.Fatalf("%v", got)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Fatalf("%v, want %v", got, want)
		}
	}
}

func TestSumLeavesOutWhatNaiveKnowsExactly(t *testing.T) {
	t.Parallel()
	total := Sum([]Score{
		{MAE: 1, Naive: 2, MASE: 0.5, Inside: 9, Values: 10},
		{MAE: 2, Naive: 1, MASE: 1.5, Inside: 10, Values: 10},
		{MAE: 0, Naive: 0, Inside: 10, Values: 10},
		{},
	})
	if total.Series != 2 || total.Better != 1 || math.Abs(total.Ratio-1) > 1e-9 || math.Abs(total.Coverage-29.0/30) > 1e-9 {
		t.Fatalf("%+v", total)
	}
}
