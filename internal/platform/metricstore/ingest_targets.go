package metricstore

import (
	"sync/atomic"

	"github.com/prometheus/prometheus/config"
	"github.com/prometheus/prometheus/scrape"

	"mainstay/internal/platform/metricstore/promapi"
)

// TargetSource knows what is scraped, in the form of Prometheus' targets API.
type TargetSource = promapi.Targets

// targetSource holds the source that is set after the store is made.
type targetSource struct{ set atomic.Pointer[TargetSource] }

func (t *targetSource) get() TargetSource {
	if source := t.set.Load(); source != nil {
		return *source
	}
	return noTargets{}
}

// SetTargets implements Store.
func (s *local) SetTargets(source TargetSource) { s.targets.set.Store(&source) }

// SetTargets implements Store: the other server answers for its own targets.
func (s *remote) SetTargets(TargetSource) {}

// noTargets stands in until there is a source.
type noTargets struct{}

func (noTargets) TargetsActive() map[string][]*scrape.Target  { return nil }
func (noTargets) TargetsDropped() map[string][]*scrape.Target { return nil }
func (noTargets) TargetsDroppedCounts() map[string]int        { return nil }
func (noTargets) ScrapePools() []string                       { return []string{} }
func (noTargets) ScrapePoolConfig(string) (*config.ScrapeConfig, error) {
	return nil, nil
}
