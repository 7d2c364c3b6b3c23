package forecast

import (
	"math"

	"mainstay/internal/core"
)

// Options of a forecast.
type Options struct {
	PerDay  int     // points in a day: 24 for hours, 1 for days
	Horizon int     // points to forecast
	Level   float64 // share of the interval, 0.9 when 0
}

const (
	// MinPoints is the shortest history that is continued.
	MinPoints = 8
	// mostPoints is the longest; what is older is not looked at.
	mostPoints = 24 * 7 * 13
	// mostHorizon bounds the work of a forecast.
	mostHorizon = 24 * 7 * 9
	// origins is from how many earlier moments the opinions are tried.
	origins = 28
)

func (o Options) validate(points int) error {
	var bad []core.Detail
	if o.PerDay < 1 {
		bad = append(bad, core.Detail{Field: "perDay", Rule: "must be positive"})
	}
	if o.Horizon < 1 || o.Horizon > mostHorizon {
		bad = append(bad, core.Detail{Field: "horizon", Rule: "must be from 1 to 1512 points"})
	}
	if o.Level < 0 || o.Level >= 1 {
		bad = append(bad, core.Detail{Field: "level", Rule: "must be between 0 and 1"})
	}
	if points < MinPoints {
		bad = append(bad, core.Detail{Field: "values", Rule: "must have at least 8 points"})
	}
	return core.InvalidAll(bad)
}

// Path is a forecast: what is likely at each point, and the interval about it.
type Path struct {
	Mid, Low, High []float64
	// Weights of the opinions, for the far end of the horizon.
	Weights map[string]float64
	// Slope is the robust trend a point since the last shift of level.
	Slope float64
	// Shift is how many points ago the level last jumped for good, 0 for never.
	Shift int
}

// filled returns the newest points with gaps closed by straight lines, or nil
// when there is nothing to close them with.
func filled(values []float64) []float64 {
	if len(values) > mostPoints {
		values = values[len(values)-mostPoints:]
	}
	out := make([]float64, 0, len(values))
	gap := 0
	for _, v := range values {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			gap++
			continue
		}
		if len(out) == 0 {
			gap = 0 // nothing before: begin here
		}
		for i := 1; i <= gap; i++ {
			last := out[len(out)-i]
			out = append(out, last+(v-last)*float64(i)/float64(gap+1))
		}
		gap = 0
		out = append(out, v)
	}
	for range min(gap, len(out)) { // the newest are missing: the last known stays
		if len(out) > 0 {
			out = append(out, out[len(out)-1])
		}
	}
	return out
}
