package datasets

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/logstore"
	"mainstay/internal/platform/sqldb"
)

const (
	// reloadEvery is how soon datasets that another process changed are heeded.
	reloadEvery = 5 * time.Second
	// workEvery is how often there is looked for something to be carried out.
	workEvery = 30 * time.Second
)

// Component knows the datasets. It is safe for concurrent use.
type Component struct {
	deps  Dependencies
	store *store
	known atomic.Pointer[[]Dataset]
	kick  chan struct{}

	swept map[string]time.Time // by dataset: the cutoff of the last time; of the worker alone

	stop context.CancelFunc
	done sync.WaitGroup
}

// New makes it; nothing runs until Start.
func New(deps Dependencies) (*Component, error) {
	c := &Component{deps: deps, store: &store{db: deps.DB, ledger: deps.Ledger, clock: deps.Clock}, kick: make(chan struct{}, 1), swept: map[string]time.Time{}}
	c.known.Store(&[]Dataset{})
	return c, nil
}

// Start reads the datasets and begins to carry out what is to go. The tables
// must be migrated, the ledger and the store started.
func (c *Component) Start(ctx context.Context) error {
	if err := c.load(ctx); err != nil {
		return err
	}
	run, cancel := context.WithCancel(context.Background())
	c.stop = cancel
	c.done.Go(func() { c.watch(run) })
	c.done.Go(func() { c.campaign(run) })
	return nil
}

// Stop ends the work; what it interrupts is done again.
func (c *Component) Stop(context.Context) error {
	if c.stop != nil {
		c.stop()
	}
	c.done.Wait()
	return nil
}

func (c *Component) load(ctx context.Context) error {
	list, err := c.store.datasets(ctx, c.deps.DB)
	if err == nil {
		c.known.Store(&list)
	}
	return err
}

// loadAfter has a change hold before its caller has the answer.
func (c *Component) loadAfter(ctx context.Context, tx *sqldb.Tx) {
	tx.OnCommit(func() {
		if err := c.load(context.WithoutCancel(ctx)); err != nil {
			c.deps.Log.Warn("datasets of logs cannot be read; those that are known stay", "error", err)
		}
	})
}

func (c *Component) watch(ctx context.Context) {
	for c.pause(ctx, reloadEvery, nil) {
		if err := c.load(ctx); err != nil && ctx.Err() == nil {
			c.deps.Log.Warn("datasets of logs cannot be read; those that are known stay", "error", err)
		}
	}
}

// pause waits, and says no when ctx has ended.
func (c *Component) pause(ctx context.Context, d time.Duration, woken <-chan struct{}) bool {
	timer := c.deps.Clock.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C():
	case <-woken:
	}
	return true
}

// Readable returns the datasets that the caller may read, for
// logstore.Query.Only: nil is all there are. It refuses who may read none.
func (c *Component) Readable(ctx context.Context) ([]string, error) {
	p := auth.From(ctx)
	if p.Scope("logs:admin").All {
		return nil, nil
	}
	if !p.Can("logs:read") {
		return nil, core.Errorf(core.CodeForbidden, "this needs the permission logs:read")
	}
	known := *c.known.Load()
	everywhere := p.Scope("logs:read").All
	if len(known) == 0 && everywhere {
		return nil, nil // there are none but the default one
	}
	only := []string{}
	if everywhere && !slices.ContainsFunc(known, func(d Dataset) bool { return d.Name == logstore.Default && !d.Gone }) {
		only = append(only, logstore.Default)
	}
	for _, d := range known {
		if d.readable(p) {
			only = append(only, d.Name)
		}
	}
	if len(only) == 0 {
		return nil, core.Errorf(core.CodeForbidden, "there is no dataset of logs that you may read: this needs logs:read everywhere, or a dataset that names your team or role")
	}
	return only, nil
}

// Narrow returns those of the datasets asked for that the caller may read; all
// that may be read when none is asked for. Asking for one that may not be read
// is refused.
func (c *Component) Narrow(ctx context.Context, asked []string) ([]string, error) {
	only, err := c.Readable(ctx)
	if err != nil || len(asked) == 0 {
		return only, err
	}
	for _, name := range asked {
		if only != nil && !slices.Contains(only, name) {
			return nil, core.Errorf(core.CodeForbidden, "the dataset %q is not one that you may read", name)
		}
	}
	return asked, nil
}

// Known says whether records may be put into a dataset of this name.
func (c *Component) Known(name string) bool {
	return name == logstore.Default || slices.ContainsFunc(*c.known.Load(), func(d Dataset) bool { return d.Name == name && !d.Gone })
}

// Common are the datasets without rules of access.
func (c *Component) Common() []string {
	only, declared := []string{}, false
	for _, d := range *c.known.Load() {
		if d.Name == logstore.Default {
			declared = !d.Gone
		}
		if d.Spec.Access == nil && !d.Gone {
			only = append(only, d.Name)
		}
	}
	if !declared {
		only = append(only, logstore.Default)
	}
	return only
}
