package statuspage

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"mainstay/internal/core"
)

// Component keeps status pages. Make it with New before tasks start, run it
// between Start and Stop.
type Component struct {
	cfg        Configuration
	deps       Dependencies
	served     atomic.Pointer[map[string]*rendered] // by slug
	news       chan struct{}
	writes     chan struct{} // answers being written
	asked      *bucket       // subscriptions asked for
	known      memory
	refreshing sync.Mutex // held by a refresh, which alone uses forgot
	forgot     time.Time

	stop context.CancelFunc
	done sync.WaitGroup
}

// New checks its arguments and registers the handler of notices.
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
	c := &Component{cfg: cfg, deps: deps, news: make(chan struct{}, 1), writes: make(chan struct{}, cfg.Requests), asked: &bucket{perMinute: cfg.Subscriptions}}
	c.served.Store(&map[string]*rendered{})
	deps.Tasks.Handle(noticeKind, c.sendNotice)
	return c, nil
}

// Start begins to render; it returns when pages can be served.
func (c *Component) Start(ctx context.Context) error {
	if err := c.refresh(ctx); err != nil {
		c.deps.Log.Warn("status pages cannot be rendered yet", "error", err)
	}
	run, stop := context.WithCancel(context.Background())
	c.stop = stop
	c.done.Go(func() { c.keepFresh(run) })
	c.done.Go(func() { c.listen(run) })
	return nil
}

// Stop ends it; what was rendered is still served.
func (c *Component) Stop(context.Context) error {
	if c.stop != nil {
		c.stop()
	}
	c.done.Wait()
	return nil
}

// bucket lets so many through each minute.
type bucket struct {
	perMinute int

	mu    sync.Mutex
	left  float64
	since time.Time
}

func (b *bucket) take(now time.Time) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.since.IsZero() {
		b.left = float64(b.perMinute)
	} else if passed := now.Sub(b.since); passed > 0 {
		b.left = min(float64(b.perMinute), b.left+passed.Minutes()*float64(b.perMinute))
	}
	b.since = now
	if b.left < 1 {
		return false
	}
	b.left--
	return true
}
