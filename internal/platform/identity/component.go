package identity

import (
	"context"
	"encoding/json"
	"log/slog"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/ledger"
	"mainstay/internal/platform/sqldb"
)

// housekeeping is how often uses, failed sign-ins and expiries are written down.
const housekeeping = 30 * time.Second

// Component is sign-in and everything about it. It is safe for concurrent use.
type Component struct {
	cfg  Configuration
	deps Dependencies
	log  *slog.Logger

	hasher   *hasher
	throttle *throttle
	origins  *origins
	cache    *cache
	touched  *touched
	failures *failures
	live     *live
	provider *provider

	house core.Repeater
}

// New is inert.
func New(cfg Configuration, deps Dependencies) (*Component, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	origins, err := newOrigins(cfg.PublicURL)
	if err != nil {
		return nil, err
	}
	c := &Component{
		cfg: cfg, deps: deps, log: deps.Log,
		hasher:   newHasher(argonCost{cfg.Hashing.MemoryKiB, cfg.Hashing.Passes, 1}, cfg.Hashing.Parallel),
		throttle: newThrottle(deps.Clock),
		origins:  origins,
		cache:    newCache(deps.Clock),
		touched:  newTouched(),
		failures: newFailures(),
		live:     newLive(),
		provider: newProvider(cfg),
	}
	if c.log == nil {
		c.log = slog.New(slog.DiscardHandler)
	}
	return c, nil
}

// Start presets the administrator, when that is configured, and begins housekeeping.
func (c *Component) Start(ctx context.Context) error {
	if err := c.preset(ctx); err != nil {
		return err
	}
	c.house.Start(c.deps.Clock, housekeeping, func() {
		c.keepHouse(context.Background())
		c.endRevoked(context.Background())
	})
	return nil
}

// Stop writes down what has not been yet.
func (c *Component) Stop(ctx context.Context) error {
	c.house.Stop()
	return c.keepHouse(ctx)
}

// keepHouse runs in one goroutine at a time.
func (c *Component) keepHouse(ctx context.Context) error {
	now := c.deps.Clock.Now() // before begin: a use that begin misses is later than now
	used := c.touched.begin()
	err := c.deps.DB.Write(ctx, func(tx *sqldb.Tx) error {
		if err := used.write(ctx, tx); err != nil {
			return err
		}
		if err := c.writeFailures(ctx, tx); err != nil {
			return err
		}
		return deleteExpired(ctx, tx, core.Micros(now), core.Micros(now.Add(-c.cfg.Session.Idle-2*housekeeping)))
	})
	if err != nil {
		c.log.Warn("sign-in housekeeping failed", "error", err)
		return err
	}
	c.touched.written()
	c.failures.written()
	return nil
}

// write runs fn in a transaction after which nobody is who they were: whatever
// is cached of principals is dropped.
func (c *Component) write(ctx context.Context, fn func(tx *sqldb.Tx) error) error {
	err := c.deps.DB.Write(ctx, fn)
	c.cache.drop()
	return err
}

// record appends auth.<what> by whoever acts in ctx.
func (c *Component) record(ctx context.Context, tx *sqldb.Tx, what string, subject core.Ref, summary string, data any) error {
	actor := ledger.System("auth")
	if p := auth.From(ctx); p != nil {
		actor = ledger.Actor{Kind: p.Kind, ID: p.ID, Name: p.Name}
	}
	return c.recordAs(ctx, tx, actor, what, subject, summary, data)
}

func (c *Component) recordAs(ctx context.Context, tx *sqldb.Tx, actor ledger.Actor, what string, subject core.Ref, summary string, data any) error {
	e := ledger.Entry{Actor: actor, Module: "auth", Type: "auth." + what, Subject: subject, Summary: summary}
	if data != nil {
		raw, err := json.Marshal(data)
		if err != nil {
			return err
		}
		e.Data = raw
	}
	_, err := c.deps.Ledger.Append(ctx, tx, e)
	return err
}
