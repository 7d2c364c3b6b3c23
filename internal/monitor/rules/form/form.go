package form

import (
	"slices"
	"strings"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/probe"
)

// Form is what a rule watches. Which of its fields count depends on Function.
type Form struct {
	Metric   string            `json:"metric,omitempty" maxLength:"300" doc:"name of the metric"`
	Labels   map[string]string `json:"labels,omitempty" doc:"only series with these labels"`
	Items    string            `json:"items,omitempty" maxLength:"5000" doc:"selector: only series of these items"`
	Item     string            `json:"item,omitempty" maxLength:"26" doc:"id: only series of this item"`
	Function string            `json:"function" enum:"value,average,maximum,minimum,rate,increase,percent,absent,reaches,unusual"`
	Over     probe.Duration    `json:"over,omitempty" doc:"the time that is looked at; of absent, for how long there was nothing"`
	Of       string            `json:"of,omitempty" maxLength:"300" doc:"percent: the metric that is the whole"`
	PerItem  bool              `json:"perItem,omitempty" doc:"percent: both sides are summed for each item first"`
	Within   probe.Duration    `json:"within,omitempty" doc:"reaches: how soon"`
	Baseline string            `json:"baseline,omitempty" maxLength:"200" doc:"unusual: name of the baseline that watches the metric"`
	Compare  string            `json:"compare,omitempty" enum:"above,atLeast,below,atMost"`
	Value    float64           `json:"value,omitempty"`
	Unit     string            `json:"unit,omitempty" maxLength:"8" doc:"of the value: see the units of the metric; empty is as measured"`
}

// The functions.
const (
	value    = "value"
	average  = "average"
	maximum  = "maximum"
	minimum  = "minimum"
	rate     = "rate"
	increase = "increase"
	percent  = "percent"
	absent   = "absent"
	reaches  = "reaches"
	unusual  = "unusual"
)

// calls are the functions that are one of PromQL's over a range.
func calls() map[string]string {
	return map[string]string{average: "avg_over_time", maximum: "max_over_time", minimum: "min_over_time", rate: "rate", increase: "increase", reaches: "predict_linear"}
}

func signs() map[string]string {
	return map[string]string{"above": ">", "atLeast": ">=", "below": "<", "atMost": "<="}
}

// memory is how long a series that is absent is remembered.
const memory = 24 * time.Hour

// scores is the series in which baselines say how unusual a point is.
const scores = "mainstay_anomaly_score"

// validate names every field that is wrong.
func (f Form) validate() error {
	var bad []core.Detail
	check := func(ok bool, field, rule string) {
		if !ok {
			bad = append(bad, core.Detail{Field: "form." + field, Rule: rule})
		}
	}
	known := []string{value, average, maximum, minimum, rate, increase, percent, absent, reaches, unusual}
	check(slices.Contains(known, f.Function), "function", "must be one of "+strings.Join(known, ", "))
	check(f.Metric != "" || f.Function == unusual, "metric", "is required")
	check(f.Item == "" || f.Items == "", "item", "excludes a selector of items")
	_, over := calls()[f.Function]
	over = over || f.Function == absent || f.Function == unusual
	check(!over || f.Over.Std() >= time.Second && f.Over.Std()%time.Second == 0, "over", "must be whole seconds, such as 10m")
	check(f.Function != absent || f.Over.Std() < memory, "over", "must be shorter than 24h: so long a series is remembered")
	check(f.Function != percent || f.Of != "", "of", "is required: the metric that is the whole")
	check(f.Function != reaches || f.Within.Std() >= time.Second && f.Within.Std()%time.Second == 0, "within", "must be whole seconds, such as 24h")
	check(f.Function != unusual || f.Baseline != "", "baseline", "is required: the name of the baseline that watches the metric")
	if f.Function != absent {
		_, compares := signs()[f.Compare]
		check(compares, "compare", "must be one of above, atLeast, below, atMost")
		check(f.Value-f.Value == 0, "value", "must be a number")
		units := f.Units()
		_, fits := find(units, f.Unit)
		check(fits, "unit", "must be one of "+names(units))
	}
	for name := range f.Labels {
		check(name != "" && name != "item" && name != "__name__", "labels."+name, "cannot be given here: name the metric and the item by themselves")
	}
	return core.InvalidAll(bad)
}
