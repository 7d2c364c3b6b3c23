package foresight

import (
	"time"

	"mainstay/internal/core"
	"mainstay/internal/monitor/baseline"
	"mainstay/internal/platform/metricstore"
	"mainstay/internal/platform/probe"
)

// The series that rules and charts read.
const (
	lowSeries   = "mainstay_baseline_low"
	midSeries   = "mainstay_baseline_mid"
	highSeries  = "mainstay_baseline_high"
	scoreSeries = "mainstay_anomaly_score"
)

// BaselineSpec names series whose usual band is learned and whose points are
// judged. It opens no alert: a MetricRule over mainstay_anomaly_score or the
// band does, where somebody wants one.
type BaselineSpec struct {
	Description string         `json:"description,omitempty"`
	Team        string         `json:"team,omitempty"`
	Expr        string         `json:"expr" doc:"PromQL; each of its series is watched"`
	Step        probe.Duration `json:"step,omitempty" pattern:"^([0-9]+([.][0-9]+)?(ns|us|µs|ms|s|m|h))+$" patternDescription:"a duration such as 30s or 5m" doc:"from point to point; 5m when left out"`
	Width       float64        `json:"width,omitempty" doc:"half of the band, in robust standard deviations; 3 when left out"`
	MaxSeries   int            `json:"maxSeries,omitempty" doc:"200 when left out, at most 2000; series beyond are counted, not watched"`
	Disabled    bool           `json:"disabled,omitempty"`
}

func (s *BaselineSpec) owner() string { return s.Team }

func (s *BaselineSpec) validate() []core.Detail {
	var bad []core.Detail
	check := func(ok bool, field, rule string) {
		if !ok {
			bad = append(bad, core.Detail{Field: field, Rule: rule})
		}
	}
	if err := metricstore.CheckExpr("spec.expr", s.Expr); err != nil {
		bad = append(bad, err.(*core.Error).Details...)
	}
	check(s.Step == 0 || s.Step.Std() >= 30*time.Second && s.Step.Std() <= time.Hour && s.Step.Std()%time.Second == 0, "spec.step", "must be whole seconds between 30s and 1h")
	check(s.Width >= 0 && s.Width <= 20, "spec.width", "must be between 0 and 20")
	check(s.MaxSeries >= 0 && s.MaxSeries <= 2000, "spec.maxSeries", "must be between 0 and 2000")
	return bad
}

func (s *BaselineSpec) step() time.Duration {
	if s.Step == 0 {
		return 5 * time.Minute
	}
	return s.Step.Std()
}

func (s *BaselineSpec) width() float64 {
	if s.Width == 0 {
		return 3
	}
	return s.Width
}

func (s *BaselineSpec) most() int {
	if s.MaxSeries == 0 {
		return 200
	}
	return s.MaxSeries
}

// memory of profiles is this long.
const profileMemory = baseline.Weeks * 7 * 24 * time.Hour

// detectorPoints is how many points a detector is rebuilt from.
const detectorPoints = 4032

func (s *BaselineSpec) detectorMemory() time.Duration {
	return min(detectorPoints*s.step(), profileMemory)
}
