package agents

import (
	"context"
	"fmt"
	"log/slog"
	"sync"

	"github.com/nats-io/nats.go"
	"golang.org/x/time/rate"

	"mainstay/internal/core"
	"mainstay/internal/platform/agents/protocol"
)

// Component is the server's side of the agents. It is safe for concurrent use.
type Component struct {
	cfg      Configuration
	deps     Dependencies
	log      *slog.Logger
	failures *rate.Limiter // of enrolments
	calls    calls
	presence presence
	progress progress

	subscriptions []*nats.Subscription
	receivers     chan struct{}
	cancel        context.CancelFunc
	running       context.Context
	wait          sync.WaitGroup
}

// New checks the configuration; nothing runs before Start.
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
	c := &Component{cfg: cfg, deps: deps, log: deps.Log.With("component", "agents"),
		failures: rate.NewLimiter(2, 30), receivers: make(chan struct{}, cfg.Receivers)}
	c.presence.init()
	c.progress.init()
	c.running, c.cancel = context.WithCancel(context.Background())
	return c, nil
}

// Start admits agents to the bus, which must have started, and listens to them.
func (c *Component) Start(context.Context) error {
	conn := c.deps.Bus.Conn()
	if err := c.calls.start(conn, c.deps.IDs.New()); err != nil {
		return fmt.Errorf("listen for answers of agents: %w", err)
	}
	for subject, handle := range map[string]nats.MsgHandler{protocol.AllBeats: c.hearBeat, protocol.AllUp: c.hearBatch} {
		// One of several replicas hears each message.
		s, err := conn.QueueSubscribe(subject, "mainstay", handle)
		if err != nil {
			return fmt.Errorf("listen to agents: %w", err)
		}
		c.subscriptions = append(c.subscriptions, s)
	}
	c.deps.Bus.AdmitAgents(c.admit)
	c.wait.Add(1)
	go func() { defer c.wait.Done(); c.watchPresence(c.running) }()
	return nil
}

// Stop ends what the server does with agents. Commands on hosts go on; Run
// with the same identifier finds them again.
func (c *Component) Stop(ctx context.Context) error {
	for _, s := range c.subscriptions {
		_ = s.Unsubscribe()
	}
	c.cancel()
	c.calls.stop()
	done := make(chan struct{})
	go func() { c.wait.Wait(); close(done) }()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
