package foresight

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/lead"
	"mainstay/internal/platform/metricstore"
)

// tick is how often it is asked what is due.
const tick = 5 * time.Second

// Component is foresight. Make it with New, run it between Start and Stop.
type Component struct {
	cfg   Configuration
	deps  Dependencies
	store *store
	lead  *lead.Lead
}

// New checks its arguments and does nothing else.
func New(cfg Configuration, deps Dependencies) (*Component, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if deps.Clock == nil {
		deps.Clock = core.SystemClock{}
	}
	if deps.IDs == nil {
		deps.IDs = core.NewIDs(deps.Clock, nil)
	}
	if deps.Log == nil {
		deps.Log = slog.New(slog.DiscardHandler)
	}
	if deps.Items == nil {
		deps.Items = noItems{}
	}
	c := &Component{cfg: cfg, deps: deps, lead: lead.New("monitor-foresight", deps.DB, deps.Clock, deps.Log)}
	c.store = &store{db: deps.DB, ledger: deps.Ledger, ids: deps.IDs, clock: deps.Clock}
	return c, nil
}

// Start begins to learn. The tables must be migrated and the ledger started.
func (c *Component) Start(ctx context.Context) error {
	c.deps.Metrics.Describe(
		metricstore.Metadata{Metric: lowSeries, Type: "gauge", Help: "Lower edge of what a watched series usually is at this time."},
		metricstore.Metadata{Metric: midSeries, Type: "gauge", Help: "What a watched series usually is at this time."},
		metricstore.Metadata{Metric: highSeries, Type: "gauge", Help: "Upper edge of what a watched series usually is at this time."},
		metricstore.Metadata{Metric: scoreSeries, Type: "gauge", Help: "How unusual the newest point of a watched series is, 0 to 1; from 0.5 on an anomaly."},
		metricstore.Metadata{Metric: fullSeries, Type: "gauge", Help: "Seconds until something is likely full; +Inf when not within the forecast.", Unit: "seconds"},
		metricstore.Metadata{Metric: earliestSeries, Type: "gauge", Help: "Seconds until something is full at the earliest; +Inf when not within the forecast.", Unit: "seconds"},
		metricstore.Metadata{Metric: usedSeries, Type: "gauge", Help: "Share of a capacity that is used.", Unit: "ratio"},
	)
	c.lead.Start(ctx, func(context.Context) (func(context.Context), error) { return c.work, nil })
	return nil
}

// Stop ends the work.
func (c *Component) Stop(context.Context) error {
	c.lead.Stop()
	return nil
}

// work learns and plans while this process leads.
func (c *Component) work(ctx context.Context) {
	var working sync.WaitGroup
	working.Go(func() { newWatcher(c).run(ctx) })
	working.Go(func() { newPlanner(c).run(ctx) })
	working.Wait()
}

func (c *Component) pause(ctx context.Context, d time.Duration) {
	timer := c.deps.Clock.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C():
	}
}

// noItems is the graph when there is none.
type noItems struct{}

func (noItems) Items(context.Context, []string) (map[string]Item, error) { return nil, nil }
func (noItems) Needed(_ context.Context, id string, _ int) ([]string, error) {
	return []string{id}, nil
}
