package desk

import (
	"context"
	"embed"
	"io/fs"
	"sync"

	"mainstay/internal/platform/ledger"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Migrations returns the desk's tables.
func Migrations() fs.FS { return migrations }

// Component is the desk. It is safe for concurrent use.
type Component struct {
	cfg      Configuration
	deps     Dependencies
	store    store
	files    files
	consumer *ledger.Consumer
	programs programs
	render   *renderer

	cancel context.CancelFunc
	done   sync.WaitGroup
}

// New checks the configuration and registers the desk's consumer; nothing runs until Start.
func New(cfg Configuration, deps Dependencies) (*Component, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	c := &Component{cfg: cfg, deps: deps, files: files{cfg.Attachments, cfg.MaxAttachment, deps.Clock, &sync.Mutex{}}, render: newRenderer()}
	c.consumer = deps.Ledger.ConsumeTx("desk", []string{"events.situation.", "jobs.run.", "jobs.remediation."}, 50, c.follow)
	return c, nil
}

// Start begins to look for what is due and for files that belong to nothing. The ledger delivers by itself.
func (c *Component) Start(context.Context) error {
	ctx, cancel := context.WithCancel(context.Background())
	c.cancel = cancel
	c.done.Go(func() { c.scan(ctx) })
	c.done.Go(func() { c.keepSweeping(ctx) })
	return nil
}

// Stop waits for what it began.
func (c *Component) Stop(context.Context) error {
	if c.cancel != nil {
		c.cancel()
		c.done.Wait()
	}
	return nil
}
