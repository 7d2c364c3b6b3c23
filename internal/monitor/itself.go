package monitor

import (
	"context"
	"time"

	"mainstay/internal/platform/metricstore"
)

// itselfEvery is how often monitoring measures itself.
const itselfEvery = 15 * time.Second

// measureItself writes what tells an operator whether monitoring keeps up.
func (e *engine) measureItself(ctx context.Context) {
	if e.c.deps.Metrics == nil {
		return
	}
	e.c.deps.Metrics.Describe(
		metricstore.Metadata{Metric: "mainstay_monitor_targets", Type: "gauge", Help: "Targets that are checked."},
		metricstore.Metadata{Metric: "mainstay_monitor_waiting", Type: "gauge", Help: "Checks that are due and wait for a worker."},
		metricstore.Metadata{Metric: "mainstay_monitor_rules_waiting", Type: "gauge", Help: "Groups of metric rules that are due and wait for a worker."},
		metricstore.Metadata{Metric: "mainstay_monitor_rule_evaluations_total", Type: "counter", Help: "Evaluations of metric rules since the start."},
		metricstore.Metadata{Metric: "mainstay_monitor_rule_failures_total", Type: "counter", Help: "Evaluations of metric rules that failed."},
		metricstore.Metadata{Metric: "mainstay_monitor_rules_missed_total", Type: "counter", Help: "Intervals of groups of metric rules that passed without an evaluation."},
		metricstore.Metadata{Metric: "mainstay_monitor_rule_answers_shared_total", Type: "counter", Help: "Evaluations that used the answer another rule got to the same expression."},
		metricstore.Metadata{Metric: "mainstay_monitor_results_total", Type: "counter", Help: "Results stored since the start."},
		metricstore.Metadata{Metric: "mainstay_monitor_missed_intervals_total", Type: "counter", Help: "Intervals that passed while a target still ran or waited."},
		metricstore.Metadata{Metric: "mainstay_monitor_slow", Type: "gauge", Help: "Runs that take long and have left their worker's place to another."},
		metricstore.Metadata{Metric: "mainstay_monitor_start_delay_seconds", Type: "histogram", Help: "How much later than planned checks began.", Unit: "seconds"},
		metricstore.Metadata{Metric: "mainstay_monitor_lost_samples_total", Type: "counter", Help: "Samples of results that the metric store did not take."},
	)
	names := map[string]func() float64{
		"mainstay_monitor_targets": func() float64 {
			e.mu.RLock()
			defer e.mu.RUnlock()
			return float64(len(e.targets))
		},
		"mainstay_monitor_waiting":                   func() float64 { return float64(e.ready.waiting()) },
		"mainstay_monitor_slow":                      func() float64 { return float64(e.crew.away()) },
		"mainstay_monitor_results_total":             func() float64 { return float64(e.writer.done.Load()) },
		"mainstay_monitor_rules_waiting":             func() float64 { return float64(e.rules.ready.waiting()) },
		"mainstay_monitor_rule_evaluations_total":    func() float64 { return float64(e.rules.done.Load()) },
		"mainstay_monitor_rule_failures_total":       func() float64 { return float64(e.rules.failed.Load()) },
		"mainstay_monitor_rules_missed_total":        func() float64 { return float64(e.rules.missed.Load()) },
		"mainstay_monitor_rule_answers_shared_total": func() float64 { return float64(e.rules.reuse.spared()) },
		"mainstay_monitor_missed_intervals_total":    func() float64 { return float64(e.writer.missed.Load()) },
		"mainstay_monitor_lost_samples_total":        func() float64 { return float64(e.writer.lost.Load()) },
	}
	for ctx.Err() == nil {
		e.pause(ctx, itselfEvery)
		var samples []metricstore.Sample
		for name, value := range names {
			samples = append(samples, metricstore.Sample{Labels: metricstore.NewLabels(name), T: e.c.deps.Clock.Now(), V: value()})
		}
		samples = append(samples, e.delays.samples(e.c.deps.Clock.Now())...)
		if ctx.Err() == nil {
			_ = e.c.deps.Metrics.Append(ctx, samples) // the next round has the totals again
		}
	}
}
