package health

import (
	"context"
	"embed"
	"io/fs"
	"log/slog"
	"sync"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/events/health/propagation"
	"mainstay/internal/platform/lead"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Migrations are the tables; migrate them under the name "servicehealth".
func Migrations() fs.FS { return migrations }

// Component tells how services and sites stand. Make it with New before events
// start, run it between Start and Stop.
type Component struct {
	cfg  Configuration
	deps Dependencies
	lead *lead.Lead

	waiting waiting
	changed chan struct{} // something waits

	mu      sync.RWMutex // guards what follows; only the loop writes it, but for term
	engine  *propagation.Engine
	rules   *rules
	roots   map[string]root
	sites   map[string]Site // by the id of their root
	windows map[string]bool // roots that are worked on
	known   map[string]bool // roots below which something is looked at
	shown   map[string]standing
	info    map[string]Item
	seen    int64     // the last entry of the ledger that was read
	sitesAt time.Time // when sites were read last

	sitesStale bool // the graph changed since

	writing sync.Mutex // guards term and written
	term    context.Context
	written map[string]State
	marked  time.Time

	stop context.CancelFunc
	done sync.WaitGroup
}

// root is a service or site.
type root struct {
	ID, Kind string // service or site
	Item     Item
}

// The kinds of root.
const (
	KindService = "service"
	KindSite    = "site"
)

// sitePrefix begins the id of a site.
const sitePrefix = "site:"

// standing is how a root stands, and since when.
type standing struct {
	state State
	since time.Time
}

// waiting is what changed and has not been followed.
type waiting struct {
	mu    sync.Mutex
	items map[string]bool
	rules bool
}

// New checks its arguments and listens to alerts.
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
	c := &Component{cfg: cfg, deps: deps, changed: make(chan struct{}, 1), waiting: waiting{items: map[string]bool{}},
		shown: map[string]standing{}, info: map[string]Item{}}
	c.lead = lead.New("service health", deps.DB, deps.Clock, deps.Log)
	deps.Alerts.OnStanding(c.heard)
	return c, nil
}

// heard notes items whose alerts changed. There are never more of them than items.
func (c *Component) heard(items []string) {
	c.waiting.mu.Lock()
	for _, item := range items {
		c.waiting.items[item] = true
	}
	c.waiting.mu.Unlock()
	c.soon()
}

func (c *Component) rulesChanged() {
	c.waiting.mu.Lock()
	c.waiting.rules = true
	c.waiting.mu.Unlock()
	c.soon()
}

func (c *Component) soon() {
	select {
	case c.changed <- struct{}{}:
	default:
	}
}

// Start derives all states, then keeps them current.
func (c *Component) Start(ctx context.Context) error {
	if err := c.loadShown(ctx); err != nil {
		return err
	}
	if err := c.rebuild(ctx); err != nil {
		return err
	}
	run, stop := context.WithCancel(context.WithoutCancel(ctx))
	c.stop = stop
	c.lead.Start(run, c.begin)
	c.done.Go(func() { c.loop(run) })
	return nil
}

// Stop ends it.
func (c *Component) Stop(context.Context) error {
	if c.stop == nil {
		return nil
	}
	c.lead.Stop()
	c.stop()
	c.done.Wait()
	return nil
}
