package metricstore_test

import (
	"context"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"mainstay/internal/platform/metricstore"
)

// counted reads a counter of a registry, by its one label.
func counted(t *testing.T, r *prometheus.Registry, name, label string) float64 {
	t.Helper()
	families, err := r.Gather()
	must(t, err)
	for _, f := range families {
		for _, m := range f.GetMetric() {
			if f.GetName() == name && m.GetLabel()[0].GetValue() == label {
				return m.GetCounter().GetValue()
			}
		}
	}
	return 0
}

// TestOnlyTheNewPartIsEvaluated: of an hour that slides by a step, the two
// minutes in which samples may still come are evaluated and no more; a late
// sample of the metric costs the time since, one of another metric nothing.
func TestOnlyTheNewPartIsEvaluated(t *testing.T) {
	t.Parallel()
	registry, ctx, at := prometheus.NewRegistry(), context.Background(), time.Unix(1_700_000_100, 0)
	s := open(t, metricstore.Dependencies{Registry: registry}, nil)
	write := func(name string, at time.Time) {
		t.Helper()
		must(t, s.Append(ctx, []metricstore.Sample{{Labels: metricstore.NewLabels(name), T: at, V: 1}}))
	}
	for i := range 480 {
		write("m", at.Add(time.Duration(i)*15*time.Second))
		write("other", at.Add(time.Duration(i)*15*time.Second))
	}
	now := at.Add(480 * 15 * time.Second)
	evaluated := func() float64 { return counted(t, registry, "mainstay_query_cache_steps_total", "evaluated") }
	ask := func(want float64, why string) {
		t.Helper()
		before := evaluated()
		_, err := s.QueryRange(ctx, "sum(m)", now.Add(-time.Hour), now, 15*time.Second)
		must(t, err)
		if got := evaluated() - before; got > want || (want > 20 && got < want/2) {
			t.Errorf("%s: %v steps were evaluated, at most %v are new", why, got, want)
		}
	}
	ask(241, "nothing is remembered")
	ask(0, "nothing was written")
	write("m", now)
	ask(2, "one step was written")
	now = now.Add(15 * time.Second)
	write("m", now)
	ask(2, "the window slides")
	write("other", now.Add(-30*time.Minute-time.Second))
	ask(1, "another metric was late")
	write("m", now.Add(-30*time.Minute-time.Second))
	ask(121, "the metric was late")
	if hits := counted(t, registry, "mainstay_query_cache_queries_total", "hit"); hits != 2 {
		t.Errorf("%v hits", hits)
	}
}
