package metricstore

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"

	"mainstay/internal/core"
)

// itselfEvery is how often the registry's metrics are stored.
const itselfEvery = 15 * time.Second

// measureItself stores the engine's own metrics, and whatever else is in the
// registry, under job="mainstay".
func (s *local) measureItself(ctx context.Context) {
	timer := s.deps.Clock.NewTimer(itselfEvery)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C():
			timer.Reset(itselfEvery)
		}
		samples, described := gathered(s.deps.Registry, s.deps.Clock.Now())
		s.meta.put(described...)
		if err := s.Append(ctx, samples); err != nil && core.CodeOf(err) != core.CodeUnavailable {
			s.deps.Log.Debug("metric store: its own metrics are not stored", "error", err)
		}
	}
}

// gathered reads a registry. Of histograms and summaries it keeps sum and
// count, which is what a rate or a mean needs.
func gathered(from prometheus.Gatherer, at time.Time) (samples []Sample, described []Metadata) {
	families, _ := from.Gather() // what could be gathered is there beside the error
	for _, f := range families {
		described = append(described, Metadata{Metric: f.GetName(), Type: typeName(f.GetType()), Help: f.GetHelp(), Unit: f.GetUnit()})
		for _, m := range f.GetMetric() {
			labels := map[string]string{"job": "mainstay"}
			for _, pair := range m.GetLabel() {
				labels[pair.GetName()] = pair.GetValue()
			}
			add := func(suffix string, v float64) {
				samples = append(samples, Sample{Labels: LabelsOf(f.GetName()+suffix, labels), T: at, V: v})
			}
			switch {
			case m.GetCounter() != nil:
				add("", m.GetCounter().GetValue())
			case m.GetGauge() != nil:
				add("", m.GetGauge().GetValue())
			case m.GetUntyped() != nil:
				add("", m.GetUntyped().GetValue())
			case m.GetHistogram() != nil:
				add("_sum", m.GetHistogram().GetSampleSum())
				add("_count", float64(m.GetHistogram().GetSampleCount()))
			case m.GetSummary() != nil:
				add("_sum", m.GetSummary().GetSampleSum())
				add("_count", float64(m.GetSummary().GetSampleCount()))
			}
		}
	}
	return samples, described
}

func typeName(t dto.MetricType) string {
	switch t {
	case dto.MetricType_COUNTER:
		return "counter"
	case dto.MetricType_GAUGE:
		return "gauge"
	case dto.MetricType_HISTOGRAM, dto.MetricType_GAUGE_HISTOGRAM:
		return "histogram"
	case dto.MetricType_SUMMARY:
		return "summary"
	default:
		return "unknown"
	}
}
