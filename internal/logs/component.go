package logs

import (
	"context"
	"sync"
)

// Component is the intake and the questions. It is safe for concurrent use.
type Component struct {
	cfg   Configuration
	deps  Dependencies
	items memory

	cancel context.CancelFunc
	done   sync.WaitGroup
}

// New checks the configuration; nothing runs until Start.
func New(cfg Configuration, deps Dependencies) (*Component, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	return &Component{cfg: cfg, deps: deps}, nil
}

// Start begins to take Mainstay's own log to the store.
func (c *Component) Start(context.Context) error {
	ctx, cancel := context.WithCancel(context.Background())
	c.cancel = cancel
	if c.deps.Self != nil {
		to := c.deps.Own
		if to == nil {
			to = c.deps.Logs
		}
		c.done.Go(func() { c.deps.Self.drain(ctx, c.deps.Clock, to) })
	}
	return nil
}

// Stop writes what is left of the own log.
func (c *Component) Stop(context.Context) error {
	if c.cancel != nil {
		c.cancel()
		c.done.Wait()
	}
	return nil
}
