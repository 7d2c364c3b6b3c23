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
	"mainstay/internal/platform/lead"
	"mainstay/internal/platform/ledger"
)

// Component is scraping. Make it with New, run it between Start and Stop.
type Component struct {
	cfg    Configuration
	deps   Dependencies
	store  *store
	lead   *lead.Lead
	leader atomic.Pointer[engine] // while this process scrapes
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
	return &Component{
		cfg: cfg, deps: deps, lead: lead.New("scraping", deps.DB, deps.Clock, deps.Log),
		store: &store{db: deps.DB, ledger: deps.Ledger, ids: deps.IDs, clock: deps.Clock},
	}, nil
}

// Start begins to scrape, unless another process does. The tables must be
// migrated and the ledger started.
func (c *Component) Start(ctx context.Context) error {
	c.describe()
	c.lead.Start(ctx, c.begin)
	return nil
}

// Stop ends scraping; series get their staleness markers first.
func (c *Component) Stop(context.Context) error {
	c.lead.Stop()
	return nil
}

// begin loads what is declared, which is scraped while this process leads.
func (c *Component) begin(ctx context.Context) (func(context.Context), error) {
	head, err := c.deps.Ledger.Head(ctx)
	if err != nil {
		return nil, err
	}
	e, err := newEngine(c)
	if err != nil {
		return nil, err
	}
	if err := e.load(ctx); err != nil {
		e.cancel()
		return nil, err
	}
	c.leader.Store(e)
	return func(ctx context.Context) {
		var running sync.WaitGroup
		running.Go(func() { e.run(ctx) })
		running.Go(func() { // what is declared
			c.deps.Ledger.KeepFollowing(ctx, "scraping", head, func(entry *ledger.Entry) bool { return strings.HasPrefix(entry.Type, changed) },
				func(ledger.Entry) error { return e.load(ctx) })
		})
		<-ctx.Done()
		c.leader.Store(nil)
		running.Wait()
	}, nil
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
