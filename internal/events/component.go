package events

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"mainstay/internal/events/priority"
	"mainstay/internal/events/routing"
)

// Component is the module. It is safe for concurrent use.
type Component struct {
	config Configuration
	deps   Dependencies
	policy Policy

	intake     *intake
	resolver   *resolver
	suppressor *suppressor
	view       *view
	recall     *recall
	placer     *placer
	matrix     atomic.Pointer[priority.Matrix]
	rated      atomic.Bool // all open situations have their priority by the matrix that holds
	bulk       bulkRuns
	correlator *correlator
	impacted   *impacted
	mirror     *mirror
	router     *routing.Router
	rules      rules
	declared   atomic.Bool // a document of them was written
	inhibition atomic.Bool // what inhibits what may have changed
	metrics    metrics
	standing   standingListeners

	startedAt time.Time
	judging   sync.Mutex
	applying  sync.Mutex
	stop      context.CancelFunc
	writing   context.CancelFunc
	running   sync.WaitGroup
	writer    sync.WaitGroup
	kicked    chan struct{} // something that time alone would find later has happened
}

// metrics count what went through.
type metrics struct{ received, refused, events, told atomic.Int64 }

// Counts is what went through since the start.
type Counts struct {
	Received int64 `json:"received"` // events offered
	Refused  int64 `json:"refused"`  // that broke a rule
	Stored   int64 `json:"stored"`   // durable
	Told     int64 `json:"told"`     // that changed an alert's state
}

// Counts tells what went through since the start.
func (c *Component) Counts() Counts {
	return Counts{c.metrics.received.Load(), c.metrics.refused.Load(), c.metrics.events.Load(), c.metrics.told.Load()}
}

// New builds the module and registers its ledger consumers: call it before the
// ledger starts. Nothing runs until Start.
func New(cfg Configuration, deps Dependencies) (*Component, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if err := deps.fill(); err != nil {
		return nil, err
	}
	c := &Component{
		config: cfg, deps: deps,
		policy:   Policy{Reopen: cfg.Alerts.Reopen, FlapCount: cfg.Alerts.FlapCount, FlapWindow: cfg.Alerts.FlapWindow, FlapStable: cfg.Alerts.FlapStable},
		resolver: newResolver(deps), view: newView(), mirror: newMirror(),
		kicked: make(chan struct{}, 1),
	}
	c.policy.Timeout = c.resolveTimeout
	c.placer = newPlacer(deps.Places)
	c.recall = newRecall(c.policy)
	c.suppressor = newSuppressor(deps, c.mirror)
	c.router = routing.New(cfg.Routing, routing.Dependencies{DB: deps.DB, Ledger: deps.Ledger, Clock: deps.Clock, Log: deps.Log,
		Alerts: muting{c}, HTTP: deps.HTTP, Mail: deps.Mail, Secrets: deps.Secrets, Self: deps.IDs.New()})
	c.impacted = &impacted{c: c}
	c.intake = newIntake(cfg.Intake, c.store)
	c.correlator = &correlator{c: c}
	deps.Ledger.ConsumeTx("events.correlation", correlatorTypes(), 1000, c.correlator.consume)
	deps.Ledger.Consume("events.binding", []string{"graph.item.", "graph.relation.", "monitor.maintenance."}, 500, c.follow)
	return c, nil
}

// Start loads what is kept in memory and begins to take events in.
func (c *Component) Start(ctx context.Context) error {
	if err := c.catchUp(ctx); err != nil {
		return err
	}
	if _, err := c.loadSilences(ctx); err != nil {
		return err
	}
	if err := c.loadMatrix(ctx, c.deps.DB); err != nil {
		return err
	}
	if err := c.startRouting(ctx); err != nil {
		return err
	}
	base := context.WithoutCancel(ctx)
	c.startedAt = c.deps.Clock.Now()
	run, stop := context.WithCancel(base)
	write, writing := context.WithCancel(base)
	c.stop, c.writing = stop, writing
	c.bulk.open(run)
	c.writer.Go(func() { c.intake.run(write) })
	c.running.Go(func() { c.sweep(run) })
	c.running.Go(func() { c.retain(run) })
	c.running.Go(func() { c.measure(run) })
	return nil
}

// Stop ends the work of time, then the intake, after it has written what it took.
func (c *Component) Stop(ctx context.Context) error {
	if c.stop == nil {
		return nil
	}
	c.stop()
	c.running.Wait()
	c.writing()
	c.writer.Wait()
	c.router.Stop()
	return errors.Join(c.applyRepeats(ctx), c.correlator.keep(ctx))
}

// kick makes the sweep run soon.
func (c *Component) kick() {
	select {
	case c.kicked <- struct{}{}:
	default:
	}
}
