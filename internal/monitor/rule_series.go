package monitor

import (
	"context"
	"math"
	"time"

	"github.com/prometheus/prometheus/model/value"

	"mainstay/internal/core"
	"mainstay/internal/platform/metricstore"
)

// The series in which Prometheus tells its alerts; dashboards and rules of
// others read them.
const (
	alertsSeries   = "ALERTS"
	forStateSeries = "ALERTS_FOR_STATE"
)

// alertSeries are the samples of a rule's alerts: ALERTS is 1 for each, and
// ALERTS_FOR_STATE the time since when it is there.
func alertSeries(rule *Rule, alerts map[string]ruleAlert, at time.Time) []metricstore.Sample {
	out := make([]metricstore.Sample, 0, 2*len(alerts))
	for _, a := range alerts {
		labels := make(map[string]string, len(a.Labels)+2)
		for name, v := range a.Labels {
			labels[name] = v
		}
		labels["alertname"] = rule.Name
		out = append(out, metricstore.Sample{Labels: metricstore.LabelsOf(forStateSeries, labels), T: at, V: float64(a.ActiveAt.Unix())})
		labels["alertstate"] = "pending"
		if a.Firing {
			labels["alertstate"] = "firing"
		}
		out = append(out, metricstore.Sample{Labels: metricstore.LabelsOf(alertsSeries, labels), T: at, V: 1})
	}
	return out
}

// writeSeries stores the samples of the rule's alerts, and marks the series
// that are not there any more as ended. The caller holds the rule's turn.
func (b *ruleBook) writeSeries(ctx context.Context, live *liveRule, alerts map[string]ruleAlert, at time.Time) {
	samples := alertSeries(live.rule, alerts, at)
	now := make(map[metricstore.Labels]bool, len(samples))
	for _, s := range samples {
		now[s.Labels] = true
	}
	for labels := range live.series {
		if !now[labels] {
			samples = append(samples, metricstore.Sample{Labels: labels, T: at, V: math.Float64frombits(value.StaleNaN)})
		}
	}
	live.series = now
	if len(samples) == 0 || b.e.c.deps.Metrics == nil {
		return
	}
	// The store raises its own alert when it takes nothing.
	if err := b.e.c.deps.Metrics.Append(ctx, samples); err != nil && ctx.Err() == nil && core.CodeOf(err) != core.CodeUnavailable {
		b.e.c.deps.Log.Debug("monitor: the series of a rule's alerts are not stored", "rule", live.rule.Name, "error", err)
	}
}
