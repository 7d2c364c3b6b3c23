package availability

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/sqldb"
)

// Component keeps how available items were. Make it with New before the ledger
// starts, run it between Start and Stop.
type Component struct {
	cfg  Configuration
	deps Dependencies

	soon chan struct{} // settle before its time
	stop context.CancelFunc
	done sync.WaitGroup

	mu        sync.Mutex
	listeners []func()
	selected  map[string]bool // what is tracked, as it was looked up at
	at        time.Time
}

// New checks its arguments and registers the consumer of the ledger.
func New(cfg Configuration, deps Dependencies) (*Component, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if deps.Log == nil {
		deps.Log = slog.New(slog.DiscardHandler)
	}
	if deps.Clock == nil {
		deps.Clock = core.SystemClock{}
	}
	c := &Component{cfg: cfg, deps: deps, soon: make(chan struct{}, 1)}
	deps.Ledger.ConsumeTx("availability", heard(), 200, c.follow)
	return c, nil
}

// OnChange has fn called, briefly, whenever states may have moved. Call it before Start.
func (c *Component) OnChange(fn func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.listeners = append(c.listeners, fn)
}

func (c *Component) moved() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, fn := range c.listeners {
		fn()
	}
}

func (c *Component) settleSoon() {
	c.mu.Lock()
	c.selected = nil
	c.mu.Unlock()
	select {
	case c.soon <- struct{}{}:
	default:
	}
}

// Start begins to settle.
func (c *Component) Start(context.Context) error {
	ctx, stop := context.WithCancel(context.Background())
	c.stop = stop
	c.done.Go(func() { c.keepSettling(ctx) })
	return nil
}

// Stop ends it.
func (c *Component) Stop(context.Context) error {
	if c.stop != nil {
		c.stop()
	}
	c.done.Wait()
	return nil
}

func (c *Component) keepSettling(ctx context.Context) {
	first := min(c.cfg.Settle, 2*time.Second) // the first checks have been made by then
	timer := c.deps.Clock.NewTimer(first)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C():
		case <-c.soon:
		}
		if err := c.settleAlone(ctx); err != nil && ctx.Err() == nil {
			c.deps.Log.Warn("availability: states cannot be compared with the checks", "error", err)
		}
		timer.Reset(c.cfg.Settle)
	}
}

// settleAlone settles unless another process does.
func (c *Component) settleAlone(ctx context.Context) error {
	lock, err := c.deps.DB.TryLock(ctx, "availability.settle")
	if err != nil || lock == nil {
		return err
	}
	defer release(lock)
	return c.settle(ctx)
}

func release(lock *sqldb.Lock) { _ = lock.Release() }
