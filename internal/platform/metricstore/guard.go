package metricstore

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"mainstay/internal/core"
)

// retryAfter is what refused senders are told to wait.
const retryAfter = 30 * time.Second

// guard stops ingestion before the disk is full: the engine panics when it
// cannot write a chunk. It closes below minFree and opens again a tenth above,
// so that it does not flutter.
type guard struct {
	cfg     Configuration
	deps    Dependencies
	ids     *core.IDs
	closed  atomic.Bool
	free    atomic.Uint64
	refused atomic.Int64

	mu     sync.Mutex
	untold []core.Event // raised and not yet accepted
}

func newGuard(cfg Configuration, deps Dependencies) *guard {
	return &guard{cfg: cfg, deps: deps, ids: core.NewIDs(deps.Clock, nil)}
}

// admit refuses n samples while the guard is closed.
func (g *guard) admit(n int) error {
	if !g.closed.Load() {
		return nil
	}
	g.refused.Add(int64(n))
	return core.Errorf(core.CodeUnavailable, "the metric store's disk is nearly full: %d bytes are free, %d are needed", g.free.Load(), g.cfg.MinFree)
}

// run samples the free space and calls look until ctx ends.
func (g *guard) run(ctx context.Context, look func(now time.Time)) {
	timer := g.deps.Clock.NewTimer(g.cfg.FreeEvery)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C():
			g.sample(ctx)
			look(g.deps.Clock.Now())
			g.tell(ctx)
			timer.Reset(g.cfg.FreeEvery)
		}
	}
}

// sample looks at the free space once. When it cannot be read the state stays.
func (g *guard) sample(context.Context) {
	free, err := g.deps.Free(g.cfg.Directory)
	if err != nil {
		g.deps.Log.Warn("metric store: free space unknown", "error", err)
		return
	}
	g.free.Store(free)
	closed := g.closed.Load()
	switch {
	case !closed && free < g.cfg.MinFree:
		if g.closed.CompareAndSwap(false, true) {
			g.deps.Log.Error("metric store: ingestion stopped, the disk is nearly full", "free", free, "minimum", g.cfg.MinFree)
			g.raise(core.Problem, core.Critical, "Metrics are not stored: the disk is nearly full")
		}
	case closed && free >= g.cfg.MinFree+g.cfg.MinFree/10:
		if g.closed.CompareAndSwap(true, false) {
			g.deps.Log.Info("metric store: ingestion resumed", "free", free)
			g.raise(core.Cleared, core.Clear, "Metrics are stored again")
		}
	}
}

func (g *guard) raise(kind core.EventKind, severity core.Severity, title string) {
	g.queue(core.Event{
		ID: g.ids.New(), At: g.deps.Clock.Now(), Source: "metricstore", Kind: kind, Severity: severity,
		Key: "metricstore:disk", Title: title,
	})
}

// queue keeps an event until it is accepted. Only the newest of a key matters.
func (g *guard) queue(e core.Event) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for i := range g.untold {
		if g.untold[i].Key == e.Key {
			g.untold[i] = e
			return
		}
	}
	g.untold = append(g.untold, e)
}

// tell hands over queued events; what is refused is tried again with the next sample.
func (g *guard) tell(ctx context.Context) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.untold) == 0 || g.deps.Events == nil {
		return
	}
	if err := g.deps.Events.Accept(ctx, g.untold); err != nil {
		g.deps.Log.Warn("metric store: event not accepted yet", "error", err)
		return
	}
	g.untold = nil
}
