package tasks

import (
	"context"
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"log/slog"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/ledger"
	"mainstay/internal/platform/sqldb"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Migrations are the tables of this package.
func Migrations() fs.FS { return migrations }

// Dependencies of the queue.
type Dependencies struct {
	DB     *sqldb.DB
	Clock  core.Clock
	IDs    *core.IDs
	Log    *slog.Logger
	Ledger *ledger.Ledger // tells what people did to tasks; may be nil
	Random func() float64 // jitter in [0,1); nil is the machine's
}

// Handler does the work of one kind of task. Its context ends when the lease
// is lost or the process stops; it should then return soon.
type Handler func(ctx context.Context, t Task) error

// Component is the queue. Handle and Queue are called before Start.
type Component struct {
	cfg    Configuration
	db     *sqldb.DB
	clock  core.Clock
	ids    *core.IDs
	log    *slog.Logger
	ledger *ledger.Ledger
	jitter func() float64
	owner  string // of every lease this process takes

	handlers map[string]Handler
	options  map[string]QueueOptions
	lanes    map[string]*lane
	stop     chan struct{}
	done     sync.WaitGroup
}

// QueueOptions of one queue.
type QueueOptions struct {
	Concurrency int           // handlers at once in one process
	Grace       time.Duration // how long Stop waits for them; negative is not at all
}

// New checks the configuration and does nothing else.
func New(cfg Configuration, deps Dependencies) (*Component, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if deps.Random == nil {
		deps.Random = rand.Float64
	}
	return &Component{
		cfg: cfg, db: deps.DB, clock: deps.Clock, ids: deps.IDs, log: deps.Log, ledger: deps.Ledger, jitter: deps.Random,
		owner:    cfg.Node + "/" + deps.IDs.New(),
		handlers: map[string]Handler{}, options: map[string]QueueOptions{}, lanes: map[string]*lane{},
		stop: make(chan struct{}),
	}, nil
}

// Handle names the handler of a kind. Tasks of kinds that no process handles
// keep waiting.
func (c *Component) Handle(kind string, h Handler) {
	if _, taken := c.handlers[kind]; taken {
		panic(fmt.Sprintf("tasks: kind %q is handled twice", kind))
	}
	c.handlers[kind] = h
}

// Queue declares a queue beside DefaultQueue.
func (c *Component) Queue(name string, o QueueOptions) { c.options[name] = o }

// Start releases what the former process of this node left running, and
// begins to dispatch.
func (c *Component) Start(ctx context.Context) error {
	if c.cfg.Node != "" {
		err := c.db.Write(ctx, func(tx *sqldb.Tx) error {
			_, err := tx.Exec(ctx, reclaim+`SUBSTR(owner, 1, $1) = $2 AND owner <> $3`, len(c.cfg.Node)+1, c.cfg.Node+"/", c.owner)
			return err
		})
		if err != nil {
			return fmt.Errorf("tasks: release the leases of the former process: %w", err)
		}
	}
	if len(c.handlers) == 0 {
		return nil
	}
	if _, ok := c.options[DefaultQueue]; !ok {
		c.options[DefaultQueue] = QueueOptions{}
	}
	kinds := make([]string, 0, len(c.handlers))
	for k := range c.handlers {
		kinds = append(kinds, k)
	}
	slices.Sort(kinds)
	ctx = context.WithoutCancel(ctx)
	for name, o := range c.options {
		c.lanes[name] = c.newLane(name, o, kinds)
	}
	for _, l := range c.lanes {
		c.done.Go(func() { l.loop(ctx, c.stop) })
	}
	return nil
}

func (c *Component) newLane(name string, o QueueOptions, kinds []string) *lane {
	if o.Concurrency == 0 {
		o.Concurrency = c.cfg.Concurrency
	}
	if o.Grace == 0 {
		o.Grace = c.cfg.Grace
	}
	l := &lane{
		c: c, queue: name, limit: o.Concurrency, grace: o.Grace, kinds: kinds,
		wake: make(chan struct{}, 1), results: make(chan outcome, o.Concurrency), running: map[string]*execution{}, orphans: map[*execution]bool{},
	}
	l.due.Store(never)
	return l
}

// Stop claims nothing more, lets running handlers finish within their grace,
// ends the others and releases their leases.
func (c *Component) Stop(ctx context.Context) error {
	close(c.stop)
	stopped := make(chan struct{})
	go func() { c.done.Wait(); close(stopped) }()
	select {
	case <-stopped:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("tasks: %w: running tasks are left to their leases", ctx.Err())
	}
}

// Enqueue adds tasks in the caller's transaction. They are started when, and
// only if, it commits.
func (c *Component) Enqueue(ctx context.Context, tx *sqldb.Tx, tasks ...Task) error {
	now := c.clock.Now()
	var plain, again [][]any
	seen := map[[2]string]bool{}
	for _, t := range tasks {
		if t.Key != "" {
			if seen[[2]string{t.Kind, t.Key}] {
				continue
			}
			seen[[2]string{t.Kind, t.Key}] = true
		}
		if err := c.complete(&t); err != nil {
			return err
		}
		if t.Again {
			again = append(again, insertRow(t, now))
		} else {
			plain = append(plain, insertRow(t, now))
		}
	}
	if err := sqldb.Insert(ctx, tx, insertHead, insertColumns, plain, onDuplicate); err != nil {
		return err
	}
	if err := sqldb.Insert(ctx, tx, insertHead, insertColumns, again, onDuplicateAgain); err != nil {
		return err
	}
	tx.OnCommit(func() { c.announce(tasks) })
	return nil
}

// complete fills in what the caller left open.
func (c *Component) complete(t *Task) error {
	if t.Kind == "" {
		return core.Invalid("kind", "a task needs a kind")
	}
	if t.ID == "" {
		t.ID = c.ids.New()
	}
	if t.Queue == "" {
		t.Queue = DefaultQueue
	}
	if t.MaxFailures == 0 {
		t.MaxFailures = DefaultMaxFailures
	}
	if t.Args == nil {
		if t.Payload == nil {
			t.Payload = json.RawMessage("null")
		}
		return nil
	}
	payload, err := json.Marshal(t.Args)
	if err != nil {
		return fmt.Errorf("tasks: arguments of %s: %w", t.Kind, err)
	}
	t.Payload = payload
	return nil
}

// announce wakes the lanes of the tasks' queues.
func (c *Component) announce(tasks []Task) {
	for i, t := range tasks {
		if i > 0 && t.Queue == tasks[i-1].Queue && t.RunAt.Equal(tasks[i-1].RunAt) {
			continue
		}
		queue := t.Queue
		if queue == "" {
			queue = DefaultQueue
		}
		if l := c.lanes[queue]; l != nil {
			l.poke(core.Micros(t.RunAt))
		}
	}
}
