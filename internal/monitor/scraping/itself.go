package scraping

import (
	"context"
	"time"

	"mainstay/internal/platform/metricstore"
)

// itselfEvery is how often scraping measures itself.
const itselfEvery = 15 * time.Second

func (c *Component) describe() {
	c.deps.Metrics.Describe(
		metricstore.Metadata{Metric: "mainstay_scraping_targets", Type: "gauge", Help: "Targets that are scraped, by health."},
		metricstore.Metadata{Metric: "mainstay_scraping_broken_documents", Type: "gauge", Help: "Scrape documents that cannot be loaded."},
	)
}

// measureItself writes how many targets there are and how they are.
func (e *engine) measureItself(ctx context.Context) {
	for ctx.Err() == nil {
		e.c.pause(ctx, itselfEvery)
		if ctx.Err() != nil {
			return
		}
		counts := map[string]float64{"up": 0, "down": 0, "unknown": 0, broken: 0}
		for _, t := range e.shown.now() {
			counts[t.Health]++
		}
		at := e.c.deps.Clock.Now()
		samples := []metricstore.Sample{{Labels: metricstore.NewLabels("mainstay_scraping_broken_documents"), T: at, V: counts[broken]}}
		delete(counts, broken)
		for health, n := range counts {
			samples = append(samples, metricstore.Sample{Labels: metricstore.NewLabels("mainstay_scraping_targets", "health", health), T: at, V: n})
		}
		_ = e.c.deps.Metrics.Append(ctx, samples) // the next round has them again
	}
}
