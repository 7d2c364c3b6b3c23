package metricstore

import (
	"sync"

	"github.com/prometheus/client_golang/prometheus"
)

// intake counts what comes in, by source.
type intake struct {
	taken   *prometheus.CounterVec
	refused *prometheus.CounterVec

	mu      sync.Mutex
	sources map[string]*intakeCounts
}

type intakeCounts struct{ taken, refused prometheus.Counter }

func newIntake(registry prometheus.Registerer) *intake {
	i := &intake{
		taken:   prometheus.NewCounterVec(prometheus.CounterOpts{Name: "mainstay_metrics_received_samples_total", Help: "Samples that were received and stored, by receiver."}, []string{"receiver"}),
		refused: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "mainstay_metrics_refused_samples_total", Help: "Samples that were received and not stored, by receiver."}, []string{"receiver"}),
		sources: map[string]*intakeCounts{},
	}
	registry.MustRegister(i.taken, i.refused)
	return i
}

func (i *intake) of(source string) *intakeCounts {
	i.mu.Lock()
	defer i.mu.Unlock()
	c := i.sources[source]
	if c == nil {
		c = &intakeCounts{i.taken.WithLabelValues(source), i.refused.WithLabelValues(source)}
		i.sources[source] = c
	}
	return c
}

func (c *intakeCounts) add(taken, refused int64) {
	if taken > 0 {
		c.taken.Add(float64(taken))
	}
	if refused > 0 {
		c.refused.Add(float64(refused))
	}
}
