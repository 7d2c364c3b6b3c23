package rolling

import (
	"math"

	"mainstay/internal/monitor/forecast"
)

// Score is how forecasts of one series did.
type Score struct {
	Origins int
	MAE     float64 // mean absolute error of the forecasts
	Naive   float64 // of the better of the two seasonal naive forecasts: yesterday, last week
	MASE    float64 // MAE in mean errors that the daily naive made one season ahead before the first origin
	Inside  int     // values inside of the interval of 90%
	Values  int
}

// Ratio is the error relative to the naive forecast's: below 1 is better.
func (s Score) Ratio() float64 { return (s.MAE + 1e-12) / (s.Naive + 1e-12) }

// Coverage is the share of values that were inside of the interval.
func (s Score) Coverage() float64 { return float64(s.Inside) / float64(max(s.Values, 1)) }

// Horizon of the forecasts that are scored, in hours.
const Horizon = 48

// Hours scores hourly values from up to so many origins over the later part.
func Hours(values []float64, origins int) (Score, error) {
	const day = 24
	first := max(len(values)*55/100, min(8*day, len(values)/2))
	last := len(values) - Horizon
	var s Score
	if last <= first || origins < 1 {
		return s, nil
	}
	var sum, yesterday, lastWeek float64
	week := first >= hoursOfWeek
	for k := range origins {
		origin := first + (last-first)*k/max(origins-1, 1)
		path, err := forecast.Make(values[:origin], forecast.Options{PerDay: day, Horizon: Horizon, Level: 0.9})
		if err != nil {
			return s, err
		}
		s.Origins++
		for i := range Horizon {
			truth := values[origin+i]
			sum += math.Abs(truth - path.Mid[i])
			yesterday += math.Abs(truth - values[origin-day+i%day])
			if week {
				lastWeek += math.Abs(truth - values[origin-hoursOfWeek+i])
			}
			if truth >= path.Low[i] && truth <= path.High[i] {
				s.Inside++
			}
			s.Values++
		}
	}
	n := float64(s.Values)
	s.MAE, s.Naive = sum/n, yesterday/n
	if week {
		s.Naive = min(s.Naive, lastWeek/n)
	}
	var scale float64
	for i := day; i < first; i++ {
		scale += math.Abs(values[i]-values[i-day]) / float64(first-day)
	}
	s.MASE = s.MAE / (scale + 1e-12)
	return s, nil
}

// Total of several series: the geometric mean of the ratios, so that no series
// counts more for its unit, and the coverage of all values.
type Total struct {
	Ratio, MASE, Coverage float64
	Better, Series        int
}

// Sum makes the total; a series without a forecast or that is exactly repeated
// by the naive forecast is left out of the ratio.
func Sum(scores []Score) Total {
	var t Total
	var logs, mase float64
	inside, values := 0, 0
	for _, s := range scores {
		if s.Values == 0 {
			continue
		}
		inside += s.Inside
		values += s.Values
		if s.Naive == 0 {
			continue
		}
		t.Series++
		logs += math.Log(s.Ratio())
		mase += s.MASE
		if s.Ratio() < 1 {
			t.Better++
		}
	}
	if t.Series > 0 {
		t.Ratio, t.MASE = math.Exp(logs/float64(t.Series)), mase/float64(t.Series)
	}
	t.Coverage = float64(inside) / float64(max(values, 1))
	return t
}
