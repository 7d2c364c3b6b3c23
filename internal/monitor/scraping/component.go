package scraping

import (
	"context"
	"log/slog"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/prometheus/config"
	"github.com/prometheus/prometheus/scrape"

	"mainstay/internal/core"
	"mainstay/internal/platform/ledger"
	"mainstay/internal/platform/sqldb"
)

// leadName is the lock of the one process that scrapes.
const leadName = "scraping"

// leadEvery is how often another process asks for the lock, and its holder whether it still holds it.
const leadEvery = 2 * time.Second

// Component is scraping. Make it with New, run it between Start and Stop.
type Component struct {
	cfg    Configuration
	deps   Dependencies
	store  *store
	leader atomic.Pointer[engine] // while this process scrapes

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
	if deps.Dial == nil {
		deps.Dial = (&net.Dialer{Timeout: 10 * time.Second}).DialContext
	}
	return &Component{cfg: cfg, deps: deps, store: &store{db: deps.DB, ledger: deps.Ledger, ids: deps.IDs, clock: deps.Clock}}, nil
}

// Start begins to ask for the lock and to scrape while it is held. The tables
// must be migrated and the ledger started.
func (c *Component) Start(context.Context) error {
	ctx, cancel := context.WithCancel(context.Background())
	c.stop = cancel
	c.describe()
	c.done.Go(func() { c.campaign(ctx) })
	return nil
}

// Stop ends scraping; series get their staleness markers first.
func (c *Component) Stop(context.Context) error {
	if c.stop != nil {
		c.stop()
	}
	c.done.Wait()
	return nil
}

// campaign scrapes while the lock is held and asks for it otherwise.
func (c *Component) campaign(ctx context.Context) {
	for ctx.Err() == nil {
		lock, err := c.deps.DB.TryLock(ctx, leadName)
		if err != nil && ctx.Err() == nil {
			c.deps.Log.Warn("scraping: the lock cannot be asked for", "error", err)
		}
		if lock != nil {
			if err := c.reign(ctx, lock); err != nil && ctx.Err() == nil {
				c.deps.Log.Error("scraping: targets cannot be loaded", "error", err)
			}
			_ = lock.Release()
		}
		c.pause(ctx, leadEvery)
	}
}

// reign scrapes until ctx ends or the lock is lost.
func (c *Component) reign(ctx context.Context, lock *sqldb.Lock) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	head, err := c.deps.Ledger.Head(ctx)
	if err != nil {
		return err
	}
	e, err := newEngine(c)
	if err != nil {
		return err
	}
	if err := e.load(ctx); err != nil {
		return err
	}
	var running sync.WaitGroup
	running.Go(func() { e.run(ctx) })
	running.Go(func() { c.follow(ctx, e, head) })
	c.leader.Store(e)
	for ctx.Err() == nil {
		c.pause(ctx, leadEvery)
		if ctx.Err() == nil && !lock.Held(ctx) {
			c.deps.Log.Warn("scraping: another process may scrape now")
			break
		}
	}
	cancel()
	c.leader.Store(nil)
	running.Wait()
	return nil
}

// follow keeps up with what is declared.
func (c *Component) follow(ctx context.Context, e *engine, head int64) {
	for ctx.Err() == nil {
		err := c.deps.Ledger.Follow(ctx, head, func(entry *ledger.Entry) bool { return strings.HasPrefix(entry.Type, changed) },
			func(entry ledger.Entry) error {
				head = entry.Seq
				return e.load(ctx)
			})
		if err != nil && ctx.Err() == nil {
			c.deps.Log.Warn("scraping: the ledger cannot be followed", "error", err)
			c.pause(ctx, time.Second)
		}
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

// TargetsActive, TargetsDropped, TargetsDroppedCounts and ScrapePoolConfig
// answer Prometheus' targets API; elsewhere than on the process that scrapes
// they are empty.
func (c *Component) TargetsActive() map[string][]*scrape.Target {
	if e := c.leader.Load(); e != nil {
		return e.scrape.TargetsActive()
	}
	return nil
}

// TargetsDropped are those that relabelling left out.
func (c *Component) TargetsDropped() map[string][]*scrape.Target {
	if e := c.leader.Load(); e != nil {
		return e.scrape.TargetsDropped()
	}
	return nil
}

// TargetsDroppedCounts is how many relabelling left out.
func (c *Component) TargetsDroppedCounts() map[string]int {
	if e := c.leader.Load(); e != nil {
		return e.scrape.TargetsDroppedCounts()
	}
	return nil
}

// ScrapePools are the names of the documents that are loaded.
func (c *Component) ScrapePools() []string {
	if e := c.leader.Load(); e != nil {
		return e.scrape.ScrapePools()
	}
	return nil
}

// ScrapePoolConfig is the configuration of one document.
func (c *Component) ScrapePoolConfig(name string) (*config.ScrapeConfig, error) {
	if e := c.leader.Load(); e != nil {
		return e.scrape.ScrapePoolConfig(name)
	}
	return nil, core.Errorf(core.CodeUnavailable, "another process scrapes")
}
