package monitor

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/monitor/vote"
	"mainstay/internal/platform/probe"
	"mainstay/internal/platform/sqldb"
)

// leadName is the lock of the one process that runs checks and rules.
const leadName = "monitor"

// leadEvery is how often another process asks for the lock, and its holder whether it still holds it.
const leadEvery = 2 * time.Second

// Component is monitoring. Make it with New, run it between Start and Stop.
type Component struct {
	cfg      Configuration
	deps     Dependencies
	store    *store
	windows  *windows
	leader   atomic.Pointer[engine] // while this process leads
	previews chan struct{}          // bounds the previews of rules
	items    selected               // of rules
	marks    marks                  // checks whose items must be looked up

	stop context.CancelFunc
	done sync.WaitGroup
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
	c := &Component{cfg: cfg, deps: deps, previews: make(chan struct{}, previewsAtOnce)}
	c.store = &store{db: deps.DB, ledger: deps.Ledger, ids: deps.IDs, clock: deps.Clock}
	c.windows = newWindows(c.store, deps.Items, deps.Needs, deps.Clock)
	return c, nil
}

// Start loads what was known and begins to measure. The tables must be
// migrated and the ledger started.
func (c *Component) Start(ctx context.Context) error {
	describeMetrics(c.deps.Metrics)
	if err := c.windows.load(ctx); err != nil {
		return err
	}
	lock, err := c.deps.DB.TryLock(ctx, leadName)
	if err != nil {
		return err
	}
	run, cancel := context.WithCancel(context.Background())
	c.stop = cancel
	var first *engine
	if lock != nil {
		if first, err = c.lead(ctx); err != nil {
			cancel()
			_ = lock.Release()
			return err
		}
		c.leader.Store(first)
	}
	c.done.Go(func() { c.campaign(run, lock, first) })
	c.done.Go(func() { c.windows.follow(run, c.deps.Log) })
	return nil
}

// Stop ends measuring; results that are finished are stored first.
func (c *Component) Stop(context.Context) error {
	if c.stop != nil {
		c.stop()
	}
	c.done.Wait()
	return nil
}

// lead loads an engine; it is started by its run.
func (c *Component) lead(ctx context.Context) (*engine, error) {
	e := newEngine(c)
	if err := e.load(ctx); err != nil {
		return nil, err
	}
	return e, nil
}

// campaign runs the engine while the lock is held and asks for it otherwise.
func (c *Component) campaign(ctx context.Context, lock *sqldb.Lock, e *engine) {
	timer := c.deps.Clock.NewTimer(leadEvery)
	defer timer.Stop()
	for ctx.Err() == nil {
		if lock == nil {
			lock, _ = c.deps.DB.TryLock(ctx, leadName)
		}
		if lock != nil && e == nil {
			var err error
			if e, err = c.lead(ctx); err != nil && ctx.Err() == nil {
				c.deps.Log.Error("monitor: checks cannot be loaded", "error", err)
			}
		}
		if lock != nil && e != nil {
			c.reign(ctx, lock, e)
			lock, e = nil, nil
			continue
		}
		timer.Reset(leadEvery)
		select {
		case <-ctx.Done():
		case <-timer.C():
		}
	}
	if lock != nil {
		_ = lock.Release()
	}
}

// reign runs the engine until ctx ends or the lock is lost.
func (c *Component) reign(ctx context.Context, lock *sqldb.Lock, e *engine) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var running sync.WaitGroup
	c.leader.Store(e)
	running.Go(func() { e.run(ctx) })
	timer := c.deps.Clock.NewTimer(leadEvery)
	defer timer.Stop()
	for ctx.Err() == nil {
		select {
		case <-ctx.Done():
		case <-timer.C():
			timer.Reset(leadEvery)
			if !lock.Held(ctx) && ctx.Err() == nil {
				c.deps.Log.Warn("monitor: another process may run the checks now")
				cancel()
			}
		}
	}
	c.leader.Store(nil)
	running.Wait()
	_ = lock.Release()
}

// Result is what one execution found and what it led to.
type Result struct {
	Target   string         `json:"target"`
	Check    string         `json:"check"` // name
	Item     string         `json:"item,omitempty"`
	At       time.Time      `json:"at"`
	Status   Status         `json:"status"`
	Hard     bool           `json:"hard"`
	Attempt  int            `json:"attempt"`
	Duration probe.Duration `json:"duration"`
	Output   string         `json:"output"`
	Detail   string         `json:"detail,omitempty"`
	Metrics  []probe.Metric `json:"metrics,omitempty"`
	Votes    []vote.Vote    `json:"votes,omitempty" doc:"what each location found"`
}

// RunNow runs a check at once, by its id, its name or the id of one of its
// targets, and returns when the result is stored. Of several targets it
// returns the worst result.
func (c *Component) RunNow(ctx context.Context, id string) (Result, error) {
	if e := c.leader.Load(); e != nil {
		return e.runNow(ctx, id)
	}
	return c.askLeader(ctx, id)
}

// noItems is the graph when there is none.
type noItems struct{}

func (noItems) ItemOf(context.Context, []core.Identity) (string, error) {
	return "", core.Errorf(core.CodeNotFound, "there is no graph")
}
func (noItems) Item(_ context.Context, id string) (Item, error) { return Item{ID: id}, nil }
func (noItems) Select(context.Context, string) ([]string, error) {
	return nil, nil
}
