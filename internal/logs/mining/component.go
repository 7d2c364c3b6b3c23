package mining

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"

	"mainstay/internal/core"
	"mainstay/internal/logs/patterns"
)

// Component mines. It is safe for concurrent use.
type Component struct {
	cfg   Configuration
	deps  Dependencies
	store *store

	turn  chan struct{} // holds the right to use miner, pending and dirty
	miner *patterns.Miner
	// pending are the counts that are not stored yet, dirty the patterns that
	// changed or were seen since the last flush.
	pending map[cell]int64
	dirty   map[string]bool

	mined, skipped, uncounted atomic.Int64

	// flushing is held from when counts leave pending until they are stored, so
	// that who flushes finds all counts in the store, also those that another
	// flush took.
	flushing sync.Mutex

	stop context.CancelFunc
	done sync.WaitGroup
}

// cell is what is counted.
type cell struct {
	bucket  int64 // microseconds
	pattern string
	app     string
	dataset string // "" is the default one
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
	miner, err := patterns.New(cfg.Patterns)
	if err != nil {
		return nil, err
	}
	return &Component{cfg: cfg, deps: deps, store: &store{db: deps.DB}, turn: make(chan struct{}, 1), miner: miner,
		pending: map[cell]int64{}, dirty: map[string]bool{}}, nil
}

// Start goes on with what was learned before. The tables must be migrated.
func (c *Component) Start(ctx context.Context) error {
	if !c.cfg.Enabled {
		return nil
	}
	snapshot, err := c.store.snapshot(ctx)
	if err != nil {
		return err
	}
	if snapshot != nil {
		miner, err := patterns.Restore(c.cfg.Patterns, snapshot)
		if err != nil {
			c.deps.Log.Warn("log patterns are learned again", "reason", err)
		} else {
			c.lock()
			c.miner = miner
			c.unlock()
		}
	}
	run, cancel := context.WithCancel(context.Background())
	c.stop = cancel
	c.done.Go(func() { c.flushes(run) })
	return nil
}

// Stop stores what waits.
func (c *Component) Stop(ctx context.Context) error {
	if c.stop == nil {
		return nil
	}
	c.stop()
	c.done.Wait()
	return errors.Join(c.Flush(ctx), c.Remember(ctx))
}

// rememberEvery is how many flushes lie between two snapshots. What is learned
// between a snapshot and a kill is learned again, with the same ids.
const rememberEvery = 20

func (c *Component) flushes(ctx context.Context) {
	for n := 1; ctx.Err() == nil; n++ {
		timer := c.deps.Clock.NewTimer(c.cfg.Flush)
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-timer.C():
		}
		if err := c.Flush(context.WithoutCancel(ctx)); err != nil {
			c.deps.Log.Warn("counts of log patterns are not stored; they are tried again", "error", err)
		}
		if n%rememberEvery == 0 {
			if err := c.Remember(context.WithoutCancel(ctx)); err != nil {
				c.deps.Log.Warn("what was learned of log patterns is not stored", "error", err)
			}
		}
	}
}

func (c *Component) lock()   { c.turn <- struct{}{} }
func (c *Component) unlock() { <-c.turn }

// lockSoon takes the turn within Wait, or says that it did not.
func (c *Component) lockSoon() bool {
	select {
	case c.turn <- struct{}{}:
		return true
	default:
	}
	if c.cfg.Wait == 0 {
		return false
	}
	timer := c.deps.Clock.NewTimer(c.cfg.Wait)
	defer timer.Stop()
	select {
	case c.turn <- struct{}{}:
		return true
	case <-timer.C():
		return false
	}
}

// Stats are the component's own figures.
type Stats struct {
	patterns.Stats
	Mined     int64 `json:"mined" doc:"records since the start"`
	Skipped   int64 `json:"skipped" doc:"records that were stored without a pattern, because mining had no time for them"`
	Uncounted int64 `json:"uncounted" doc:"records that have a pattern and are missing in the counts, because too many counts were waiting"`
}

// Stats returns the figures since the start.
func (c *Component) Stats() Stats {
	c.lock()
	defer c.unlock()
	return Stats{c.miner.Stats(), c.mined.Load(), c.skipped.Load(), c.uncounted.Load()}
}
