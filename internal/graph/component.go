package graph

import (
	"context"
	"embed"
	"io/fs"
	"log/slog"
	"sync"
	"sync/atomic"

	"mainstay/internal/core"
	"mainstay/internal/graph/classes"
	"mainstay/internal/graph/index"
	"mainstay/internal/platform/sqldb"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Migrations are the tables of this package.
func Migrations() fs.FS { return migrations }

// Component is the graph. See the package comment.
type Component struct {
	cfg    Configuration
	db     *sqldb.DB
	clock  core.Clock
	ids    *core.IDs
	log    *slog.Logger
	ledger Ledger

	shipped     *classes.Catalogue
	definitions atomic.Pointer[definitions]
	numbers     *numbers
	index       *index.Index
	resolver    *resolver
	known       memory

	following sync.Mutex // guards what the index has seen, and the order of applied changes
	version   int64      // of the index
	upTo      int64      // the time of that version

	stop    context.CancelFunc
	running sync.WaitGroup
}

// New returns a graph that is empty until Start has read the store.
func New(cfg Configuration, deps Dependencies) (*Component, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	shipped, err := classes.Default()
	if err != nil {
		return nil, err
	}
	c := &Component{
		cfg: cfg, db: deps.DB, clock: deps.Clock, ids: deps.IDs, log: deps.Log, ledger: deps.Ledger,
		shipped: shipped, numbers: newNumbers(), resolver: newResolver(cfg.ResolveCache),
	}
	if c.log == nil {
		c.log = slog.New(slog.DiscardHandler)
	}
	c.index = index.New(nil)
	c.adopt(&definitions{catalogue: shipped})
	return c, nil
}

// Start reads the definitions and the whole graph into memory, then keeps both
// current and looks after items that are not seen any more.
func (c *Component) Start(ctx context.Context) error {
	if err := c.loadDefinitions(ctx, c.db); err != nil {
		return err
	}
	if err := c.follow(ctx); err != nil {
		return err
	}
	c.index.Compact()
	run, stop := context.WithCancel(context.WithoutCancel(ctx))
	c.stop = stop
	c.running.Go(func() { c.keepFollowing(run) })
	c.running.Go(func() { c.keepSweeping(run) })
	return nil
}

// Stop ends the background work.
func (c *Component) Stop(context.Context) error {
	if c.stop != nil {
		c.stop()
	}
	c.running.Wait()
	return nil
}

// Catalogue returns the classes and relation types in force.
func (c *Component) Catalogue() *classes.Catalogue { return c.definitions.Load().catalogue }

// Index answers questions about dependency and impact.
func (c *Component) Index() *index.Index { return c.index }
