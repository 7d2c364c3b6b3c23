package agent

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"

	"github.com/nats-io/nats.go"

	"mainstay/internal/agent/buffer"
	"mainstay/internal/agent/execution"
	"mainstay/internal/agent/policy"
	"mainstay/internal/agent/tail"
	"mainstay/internal/core"
	"mainstay/internal/platform/agents/protocol"
	"mainstay/internal/platform/probe"
)

// Dependencies of an agent.
type Dependencies struct {
	Clock core.Clock
	Log   *slog.Logger
	// Transport reaches the bus of this process. Without it the agent opens a
	// WebSocket to Configuration.Server.
	Transport []nats.Option
	// Enrol asks this process for an identity; it is called at every start.
	// Without it the agent posts its token to Configuration.Server, once.
	Enrol func(context.Context, protocol.EnrolRequest) (protocol.EnrolReply, error)
	// Drivers run the checks that need more than every program holds.
	Drivers map[string]probe.Driver
}

// Component is an agent.
type Component struct {
	cfg      Configuration
	deps     Dependencies
	log      *slog.Logger
	instance string

	lock     *os.File
	keys     *keys
	policy   *policy.File
	queue    *buffer.Queue
	engine   *execution.Engine
	tail     *tail.Tailer
	refresh  chan struct{}
	beatNow  chan struct{}
	identity identity

	uploadNow chan struct{}

	measuredBy atomic.Pointer[string] // another agent on this host, or ""

	cancel context.CancelFunc
	wait   sync.WaitGroup
	mu     sync.Mutex
	conn   *nats.Conn
	// session is closed, and replaced, when the connection is lost.
	session chan struct{}
	stopped bool
}

// New checks the configuration; nothing runs before Start.
func New(cfg Configuration, deps Dependencies) (*Component, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if cfg.Server == "" && deps.Transport == nil {
		return nil, core.Invalid("agent.server", "is needed")
	}
	if deps.Clock == nil {
		deps.Clock = core.SystemClock{}
	}
	if deps.Log == nil {
		deps.Log = slog.New(slog.DiscardHandler)
	}
	return &Component{cfg: cfg, deps: deps, log: deps.Log.With("component", "agent"),
		instance: core.NewIDs(deps.Clock, nil).New(), refresh: make(chan struct{}, 1), beatNow: make(chan struct{}, 1), uploadNow: make(chan struct{}, 1),
		session: make(chan struct{})}, nil
}

// Start opens the data directory and begins to work. It returns an error when
// the server refuses the enrolment; a server out of reach is not an error.
func (a *Component) Start(ctx context.Context) error {
	if err := a.open(); err != nil {
		a.closeFiles(ctx)
		return fmt.Errorf("start the agent: %w", err)
	}
	run, cancel := context.WithCancel(context.Background())
	a.cancel = cancel
	known, err := a.enrolOnce(ctx)
	if err != nil && !errors.Is(err, errUnreachable) {
		a.cancel()
		a.closeFiles(ctx)
		return fmt.Errorf("enrol the agent: %w", err)
	}
	if known {
		if err := a.begin(run); err != nil {
			a.cancel()
			a.closeFiles(ctx)
			return err
		}
		return nil
	}
	a.log.Warn("the server cannot be reached; enrolment is tried again", "server", a.cfg.Server, "error", err)
	a.spawn(func() { a.enrolLater(run) })
	return nil
}

func (a *Component) open() error {
	if err := os.MkdirAll(a.cfg.Data, 0o700); err != nil {
		return err
	}
	var err error
	if a.lock, err = lockDirectory(a.cfg.Data); err != nil {
		return err
	}
	if a.keys, err = loadKeys(filepath.Join(a.cfg.Data, "nkey.seed")); err != nil {
		return err
	}
	if a.identity, err = readIdentity(a.identityPath()); err != nil {
		return err
	}
	if a.policy, err = policy.Open(filepath.Join(a.cfg.Data, "policy.yaml"), a.log); err != nil {
		return err
	}
	a.queue, err = buffer.Open(filepath.Join(a.cfg.Data, "queue"), buffer.Options{
		MaxBytes: a.cfg.QueueBytes, SegmentBytes: min(a.cfg.QueueBytes/8, 4<<20), Clock: a.deps.Clock})
	if err != nil {
		return err
	}
	a.tail = tail.Open(filepath.Join(a.cfg.Data, "logs"), tail.Dependencies{Clock: a.deps.Clock, Log: a.log, Deliver: a.deliverLogs, File: a.permitLogFile, Journal: a.permitJournal})
	a.engine, err = execution.Open(filepath.Join(a.cfg.Data, "executions"), a.deps.Clock, a.log, a.permit)
	return err
}

// permit applies the policy of the host to a command.
func (a *Component) permit(c protocol.Command) error {
	current, err := a.policy.Current()
	if err != nil {
		return core.Errorf(core.CodeForbidden, "refused: %v", err)
	}
	name := ""
	if len(c.Argv) > 0 {
		name = c.Argv[0]
	} else {
		name = execution.ShellOf(c)[0]
	}
	executable, err := execution.Executable(name)
	if err != nil {
		return err
	}
	return current.Command(c, executable)
}

// begin starts the work of an agent with an identity.
func (a *Component) begin(ctx context.Context) error {
	if err := a.connect(); err != nil {
		return fmt.Errorf("connect the agent: %w", err)
	}
	a.spawn(func() { a.beats(ctx) })
	a.spawn(func() { a.upload(ctx) })
	a.tail.Start(ctx)
	// The host's facts go first, so that the server knows whose measurements follow.
	first := sync.OnceFunc(func() { a.spawn(func() { a.measure(ctx) }) })
	a.spawn(func() { a.reportFacts(ctx, first) })
	return nil
}

func (a *Component) spawn(work func()) {
	a.wait.Add(1)
	go func() { defer a.wait.Done(); work() }()
}

// ID is the agent's id, or "" before it is enrolled.
func (a *Component) ID() string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.identity.Agent
}

// Stop ends what the agent does, commands included. Stopping again does nothing.
func (a *Component) Stop(ctx context.Context) error {
	a.mu.Lock()
	conn, stopped := a.conn, a.stopped
	a.stopped = true
	a.mu.Unlock()
	if a.cancel == nil || stopped {
		return nil
	}
	a.cancel()
	if conn != nil {
		conn.Close()
	}
	done := make(chan struct{})
	go func() { a.tail.Stop(); a.wait.Wait(); close(done) }()
	select {
	case <-done:
	case <-ctx.Done():
		return ctx.Err()
	}
	return a.closeFiles(ctx)
}

func (a *Component) closeFiles(ctx context.Context) error {
	var failures []error
	if a.engine != nil {
		failures = append(failures, a.engine.Close(ctx))
	}
	if a.queue != nil {
		failures = append(failures, a.queue.Close())
	}
	if a.lock != nil {
		failures = append(failures, a.lock.Close())
	}
	return errors.Join(failures...)
}
