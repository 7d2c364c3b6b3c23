package oncall

import (
	"context"
	"strings"
	"sync"

	"mainstay/internal/platform/sqldb"
	"mainstay/internal/platform/tasks"
)

// Component is on call. Make it with New before the ledger and the tasks start,
// run it between Start and Stop.
type Component struct {
	cfg  Configuration
	deps Dependencies

	mu   sync.Mutex
	keys *keys // made or read when first needed
}

// New checks the configuration and registers what follows the ledger and
// carries out tasks; it does nothing else.
func New(cfg Configuration, deps Dependencies) (*Component, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	c := &Component{cfg: cfg, deps: deps}
	deps.Ledger.ConsumeTx("oncall", consumed(), 50, c.consume)
	deps.Tasks.Queue(queue, tasks.QueueOptions{Concurrency: 4})
	deps.Tasks.Queue(sending, tasks.QueueOptions{Concurrency: cfg.Concurrency})
	for kind, handle := range map[string]tasks.Handler{taskStep: c.runStep, taskNotify: c.notify, taskGather: c.tellGathered, taskDeliver: c.deliver, taskWake: c.wake, taskWatch: c.watch} {
		deps.Tasks.Handle(kind, handle)
	}
	return c, nil
}

// Start makes sure that rotas are watched; the watch is one task of all processes.
func (c *Component) Start(ctx context.Context) error {
	return c.deps.DB.Write(ctx, func(tx *sqldb.Tx) error {
		return c.deps.Tasks.Enqueue(ctx, tx, tasks.Task{Queue: queue, Kind: taskWatch, Key: "watch", MaxFailures: -1})
	})
}

// Stop does nothing: ledger and tasks are stopped by themselves.
func (c *Component) Stop(context.Context) error { return nil }

// address is how people reach the installation.
func (c *Component) address() string { return strings.TrimSuffix(c.deps.Address(), "/") }
