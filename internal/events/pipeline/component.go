package pipeline

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/events/pipeline/rulebook"
	"mainstay/internal/platform/expression"
	"mainstay/internal/platform/lead"
	"mainstay/internal/platform/sqldb"
)

// Component is the room. It is safe for concurrent use.
type Component struct {
	cfg      Configuration
	deps     Dependencies
	language *expression.Language
	lead     *lead.Lead

	set     atomic.Pointer[rulebook.Set]
	changes atomic.Int64 // of documents, in this process
	taken   atomic.Int64 // changes that the set is made of
	retry   atomic.Bool  // the store did not answer when they were read
	loading sync.Mutex
	version string // of the documents the set was made of

	remembered atomic.Int64 // records stored, as far as this process knows
	overflow   atomic.Int64 // that found no room

	counts counts
	items  describer

	replaying chan struct{}
	stop      context.CancelFunc
	running   sync.WaitGroup
	base      context.Context // of replays
}

// replaysAtOnce bounds how many replays run in a process.
const replaysAtOnce = 2

// New checks the configuration; nothing runs until Start.
func New(cfg Configuration, deps Dependencies) (*Component, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if deps.DB == nil || deps.Ledger == nil || deps.Clock == nil || deps.IDs == nil || deps.Events == nil {
		return nil, core.Errorf(core.CodeInternal, "events/pipeline: DB, Ledger, Clock, IDs and Events are needed")
	}
	if deps.Log == nil {
		deps.Log = slog.New(slog.DiscardHandler)
	}
	language, err := rulebook.Language()
	if err != nil {
		return nil, err
	}
	c := &Component{cfg: cfg, deps: deps, language: language, lead: lead.New("events-pipeline", deps.DB, deps.Clock, deps.Log),
		counts: newCounts(), replaying: make(chan struct{}, replaysAtOnce)}
	c.items = newDescriber(deps.Items, deps.Clock)
	empty, err := rulebook.Compile(nil, rulebook.Options{Language: language})
	if err != nil {
		return nil, err
	}
	c.set.Store(empty)
	return c, nil
}

// Load reads the rules; it comes before events do. The tables must be migrated.
func (c *Component) Load(ctx context.Context) error {
	return errors.Join(c.load(ctx), c.countRemembered(ctx))
}

// Start begins to let time act; events have to run.
func (c *Component) Start(ctx context.Context) error {
	run, stop := context.WithCancel(context.WithoutCancel(ctx))
	c.stop, c.base = stop, run
	c.running.Go(func() { c.follow(run) })
	c.lead.Start(ctx, func(context.Context) (func(context.Context), error) { return c.watch, nil })
	return nil
}

// Stop ends the work, replays included, and saves the counts.
func (c *Component) Stop(ctx context.Context) error {
	if c.stop == nil {
		return nil
	}
	c.lead.Stop()
	c.stop()
	c.running.Wait()
	return c.saveCounts(ctx)
}

const (
	followEvery = time.Second
	saveEvery   = 5 // rounds
	countEvery  = 60
)

// follow sees other processes' changes and saves what was counted.
func (c *Component) follow(ctx context.Context) {
	timer := c.deps.Clock.NewTimer(followEvery)
	defer timer.Stop()
	for round := 1; ; round++ {
		select {
		case <-ctx.Done():
			return
		case <-timer.C():
			timer.Reset(followEvery)
		}
		c.attempt(ctx, "documents", c.refresh)
		if round%saveEvery == 0 {
			c.attempt(ctx, "counts", c.saveCounts)
		}
		if round%countEvery == 0 {
			c.attempt(ctx, "records", c.countRemembered)
		}
	}
}

func (c *Component) attempt(ctx context.Context, what string, do func(context.Context) error) {
	if err := do(ctx); err != nil && ctx.Err() == nil {
		c.deps.Log.Warn("event rules: the regular work failed; trying again", "work", what, "error", err)
	}
}

// refresh makes the set anew when documents have changed, here or in another process.
func (c *Component) refresh(ctx context.Context) error {
	if c.retry.Swap(false) {
		return c.load(ctx)
	}
	if c.changes.Load() != c.taken.Load() {
		return c.catchUp(ctx)
	}
	if c.deps.DB.Dialect() == sqldb.SQLite {
		return nil
	}
	version, err := c.storedVersion(ctx)
	c.loading.Lock()
	same := version == c.version
	c.loading.Unlock()
	if err != nil || same {
		return err
	}
	return c.load(ctx)
}

// load makes the set of the documents as they are stored.
func (c *Component) load(ctx context.Context) error {
	c.loading.Lock()
	defer c.loading.Unlock()
	return c.read(ctx)
}

// catchUp makes the set anew unless somebody has just done so.
func (c *Component) catchUp(ctx context.Context) error {
	c.loading.Lock()
	defer c.loading.Unlock()
	changes := c.changes.Load()
	if c.taken.Load() == changes {
		return nil
	}
	err := c.read(ctx)
	c.taken.Store(changes)
	return err
}

func (c *Component) read(ctx context.Context) error {
	version, err := c.storedVersion(ctx)
	if err != nil {
		c.retry.Store(true)
		return err
	}
	docs, tables, err := c.documents(ctx)
	if err != nil {
		c.retry.Store(true)
		return err
	}
	c.version = version
	set, err := rulebook.Compile(docs, c.options(tables))
	if err == nil {
		c.set.Store(set)
	}
	return err
}

func (c *Component) options(tables map[string]rulebook.Table) rulebook.Options {
	return rulebook.Options{Language: c.language, Tables: tables, Items: c.items.describe, Counts: c.counts.of}
}

// current is the set that acts now.
func (c *Component) current(ctx context.Context) *rulebook.Set {
	if c.changes.Load() != c.taken.Load() {
		if err := c.catchUp(ctx); err != nil && ctx.Err() == nil {
			c.deps.Log.Error("event rules cannot be loaded; those of before go on", "error", err)
		}
	}
	return c.set.Load()
}
