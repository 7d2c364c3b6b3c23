package secrets

import (
	"context"
	"log/slog"
	"os"
	"sync"
	"time"

	"mainstay/internal/core"
)

// usageInterval is how often uses are written down; a use is not a write.
const usageInterval = 30 * time.Second

// Component keeps the secrets. It is safe for concurrent use.
type Component struct {
	cfg   Configuration
	deps  Dependencies
	log   *slog.Logger
	ring  *keyring
	fresh bool // the key file was made just now

	mu       sync.Mutex
	used     map[string]usage
	redactor *Redactor
	known    string // fingerprint of the values the redactor masks

	usage core.Repeater
}

// New reads the keys, and makes the key file when it is missing.
func New(cfg Configuration, deps Dependencies) (*Component, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	ring, fresh, err := loadKeyring(cfg.KeyFile, cfg.Keys)
	if err != nil {
		return nil, err
	}
	c := &Component{cfg: cfg, deps: deps, log: deps.Log, ring: ring, fresh: fresh, used: map[string]usage{}}
	if c.log == nil {
		c.log = slog.New(slog.DiscardHandler)
	}
	return c, nil
}

// Start checks that the keys open what is stored, so that a lost key file is
// noticed at once and nothing is sealed under a second key.
func (c *Component) Start(ctx context.Context) error {
	if err := c.checkKeys(ctx); err != nil {
		return err
	}
	c.usage.Start(c.deps.Clock, usageInterval, func() { c.writeUsage(context.Background()) })
	return nil
}

// Stop writes the last uses down.
func (c *Component) Stop(ctx context.Context) error {
	c.usage.Stop()
	return c.writeUsage(ctx)
}

func (c *Component) checkKeys(ctx context.Context) error {
	ids, err := c.keysInUse(ctx, c.deps.DB)
	if err != nil {
		return err
	}
	for _, id := range ids {
		if _, ok := c.ring.find(id); !ok {
			hint := "restore the key file " + c.cfg.KeyFile
			if c.cfg.Keys != "" {
				hint = "add it to MAINSTAY_SECRET_KEY"
			} else if c.fresh {
				// The new key must not stand in the way of the old one, and has sealed nothing yet.
				os.Remove(c.cfg.KeyFile)
			}
			return core.Errorf(core.CodeUnavailable, "the key %s that sealed some secrets is missing: %s", id, hint)
		}
	}
	return nil
}
