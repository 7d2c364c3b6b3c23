package logrules

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/sqldb"
)

// Component evaluates log rules. It is safe for concurrent use.
type Component struct {
	cfg   Configuration
	deps  Dependencies
	store *store

	stop context.CancelFunc
	done sync.WaitGroup
}

// New checks the configuration; nothing runs until Start.
func New(cfg Configuration, deps Dependencies) (*Component, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if deps.Clock == nil {
		deps.Clock = core.SystemClock{}
	}
	if deps.Log == nil {
		deps.Log = slog.New(slog.DiscardHandler)
	}
	return &Component{cfg: cfg, deps: deps, store: &store{deps.DB, deps.Ledger, deps.Clock}}, nil
}

// Start begins to evaluate. The tables must be migrated and the ledger started.
func (c *Component) Start(context.Context) error {
	run, cancel := context.WithCancel(context.Background())
	c.stop = cancel
	c.done.Go(func() { c.campaign(run) })
	return nil
}

// Stop ends the work.
func (c *Component) Stop(context.Context) error {
	if c.stop != nil {
		c.stop()
	}
	c.done.Wait()
	return nil
}

// campaign works while this process holds the lock.
func (c *Component) campaign(ctx context.Context) {
	var lock *sqldb.Lock
	for ctx.Err() == nil {
		if lock == nil {
			lock, _ = c.deps.DB.TryLock(ctx, "logs-rules")
		}
		if lock != nil && !lock.Held(ctx) {
			_ = lock.Release()
			lock = nil
		}
		if lock != nil {
			if err := c.Round(ctx); err != nil && ctx.Err() == nil {
				c.deps.Log.Warn("log rules cannot be evaluated", "error", err)
			}
		}
		c.pause(ctx, c.cfg.Tick)
	}
	if lock != nil {
		_ = lock.Release()
	}
}

func (c *Component) pause(ctx context.Context, d time.Duration) {
	timer := c.deps.Clock.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C():
	}
}
