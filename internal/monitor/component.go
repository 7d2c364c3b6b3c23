package monitor

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/monitor/vote"
	"mainstay/internal/platform/lead"
	"mainstay/internal/platform/probe"
)

// Component is monitoring. Make it with New, run it between Start and Stop.
type Component struct {
	cfg      Configuration
	deps     Dependencies
	store    *store
	windows  *windows
	lead     *lead.Lead
	leader   atomic.Pointer[engine] // while this process leads
	previews chan struct{}          // bounds the previews of rules
	items    selected               // of rules
	marks    marks                  // checks whose items must be looked up

	stop context.CancelFunc
	done sync.WaitGroup
}

// New checks its arguments and registers the consumer of changes; nothing else.
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
	c.lead = lead.New("monitor", deps.DB, deps.Clock, deps.Log)
	if deps.Changes != nil {
		deps.Ledger.ConsumeTx("monitor-changes", []string{changeEntries}, 50, c.followChanges)
	}
	return c, nil
}

// Start loads what was known and begins to measure. The tables must be
// migrated and the ledger started.
func (c *Component) Start(ctx context.Context) error {
	describeMetrics(c.deps.Metrics)
	if err := c.windows.load(ctx); err != nil {
		return err
	}
	run, cancel := context.WithCancel(context.Background())
	c.stop = cancel
	c.lead.Start(ctx, c.begin)
	c.done.Go(func() { c.windows.follow(run) })
	return nil
}

// Stop ends measuring; results that are finished are stored first.
func (c *Component) Stop(context.Context) error {
	if c.stop != nil {
		c.stop()
	}
	c.lead.Stop()
	c.done.Wait()
	return nil
}

// begin loads an engine, which runs while this process leads.
func (c *Component) begin(ctx context.Context) (func(context.Context), error) {
	e := newEngine(c)
	if err := e.load(ctx); err != nil {
		return nil, err
	}
	c.leader.Store(e)
	return func(ctx context.Context) {
		var running sync.WaitGroup
		running.Go(func() { e.run(ctx) })
		<-ctx.Done()
		c.leader.Store(nil)
		running.Wait()
	}, nil
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
	// Screenshot says that there is a picture of the page a browser check failed on.
	Screenshot bool `json:"screenshot,omitempty" doc:"there is a picture of the page it failed on"`
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
