package rules

import (
	"math"
	"time"

	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/value"

	"mainstay/internal/platform/metricstore"
)

// The series in which Prometheus tells its alerts; dashboards and rules of
// others read them.
const (
	AlertsSeries   = "ALERTS"
	ForStateSeries = "ALERTS_FOR_STATE"
)

// Sample is what a rule writes of one series: a number, or a native histogram.
type Sample struct {
	metricstore.Sample
	H *histogram.FloatHistogram
}

// Split tells numbers from histograms: the store takes them apart.
func Split(samples []Sample) (numbers []metricstore.Sample, histograms []metricstore.HistogramSample) {
	numbers = make([]metricstore.Sample, 0, len(samples))
	for _, s := range samples {
		if s.H != nil {
			histograms = append(histograms, metricstore.HistogramSample{Labels: s.Labels, T: s.T, H: s.H})
		} else {
			numbers = append(numbers, s.Sample)
		}
	}
	return numbers, histograms
}

func sample(l metricstore.Labels, at time.Time, v float64) Sample {
	return Sample{Sample: metricstore.Sample{Labels: l, T: at, V: v}}
}

// Samples are those of a rule's alerts: ALERTS is 1 for each, and
// ALERTS_FOR_STATE the time since when it is there.
func (r *Compiled) Samples(alerts map[string]Alert, at time.Time) []Sample {
	at = at.Add(-r.Offset)
	out := make([]Sample, 0, 2*len(alerts))
	for _, a := range alerts {
		own := make(map[string]string, len(a.Labels)+2)
		for name, v := range a.Labels {
			own[name] = v
		}
		own[labels.AlertName] = r.Name
		out = append(out, sample(metricstore.LabelsOf(ForStateSeries, own), at, float64(a.ActiveAt.Unix())))
		own["alertstate"] = "pending"
		if a.Firing {
			own["alertstate"] = "firing"
		}
		out = append(out, sample(metricstore.LabelsOf(AlertsSeries, own), at, 1))
	}
	return out
}

// Stale adds to a rule's samples the marks that end the series of its last
// evaluation that are not among them. It returns all, and the series now.
func (r *Compiled) Stale(before map[metricstore.Labels]bool, samples []Sample, at time.Time) ([]Sample, map[metricstore.Labels]bool) {
	now := make(map[metricstore.Labels]bool, len(samples))
	for _, s := range samples {
		now[s.Labels] = true
	}
	for series := range before {
		if !now[series] {
			samples = append(samples, sample(series, at.Add(-r.Offset), math.Float64frombits(value.StaleNaN)))
		}
	}
	return samples, now
}
