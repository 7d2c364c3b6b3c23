package sources

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/agents/protocol"
)

const (
	callsAtOnce = 8
	callLimit   = 10 * time.Second
)

// Component keeps agents following what is declared. It is safe for concurrent use.
type Component struct {
	cfg   Configuration
	deps  Dependencies
	store *store

	wake chan struct{}
	stop context.CancelFunc
	done sync.WaitGroup

	mu      sync.Mutex
	refused map[string]string // by agent: why it does not follow what it should
}

// New checks the configuration; nothing runs until Start.
func New(cfg Configuration, deps Dependencies) (*Component, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if deps.Log == nil {
		deps.Log = slog.New(slog.DiscardHandler)
	}
	return &Component{cfg: cfg, deps: deps, store: &store{deps}, wake: make(chan struct{}, 1), refused: map[string]string{}}, nil
}

// Start begins to look who follows what.
func (c *Component) Start(context.Context) error {
	ctx, cancel := context.WithCancel(context.Background())
	c.stop = cancel
	c.done.Go(func() {
		for ctx.Err() == nil {
			if err := c.Round(ctx); err != nil && ctx.Err() == nil {
				c.deps.Log.Warn("log sources cannot be given to agents", "error", err)
			}
			timer := c.deps.Clock.NewTimer(c.cfg.Every)
			select {
			case <-timer.C():
			case <-c.wake:
			case <-ctx.Done():
			}
			timer.Stop()
		}
	})
	return nil
}

// Stop ends it; agents follow on.
func (c *Component) Stop(context.Context) error {
	if c.stop != nil {
		c.stop()
	}
	c.done.Wait()
	return nil
}

// changed has a round begin soon.
func (c *Component) changed() {
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

// Round gives every connected agent that follows something else what it is to
// follow. One that does not take it keeps nobody from the others.
func (c *Component) Round(ctx context.Context) error {
	list, err := c.deps.Agents.Connected(ctx)
	if err != nil {
		return err
	}
	declared, err := c.store.all(ctx, c.deps.DB)
	if err != nil {
		return err
	}
	assigned, err := c.assign(ctx, list, declared)
	if err != nil {
		return err
	}
	slots := make(chan struct{}, callsAtOnce)
	var calls sync.WaitGroup
	for _, a := range assigned {
		if !a.differs() {
			c.note(a.agent.ID, nil)
			continue
		}
		slots <- struct{}{}
		calls.Go(func() {
			defer func() { <-slots }()
			limited, cancel := context.WithTimeout(ctx, callLimit)
			defer cancel()
			err := c.deps.Agents.Call(limited, a.agent.ID, protocol.MethodLogs, a.sources, nil)
			if err != nil && ctx.Err() == nil {
				c.deps.Log.Warn("an agent does not follow its log sources", "agent", a.agent.Name, "error", err)
			}
			c.note(a.agent.ID, err)
		})
	}
	calls.Wait()
	return nil
}

func (c *Component) note(agent string, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.refused, agent)
	if err == nil {
		return
	}
	why := err.Error()
	var coded *core.Error
	if errors.As(err, &coded) {
		why = coded.Message
		if len(coded.Details) > 0 {
			why = coded.Details[0].Field + " " + coded.Details[0].Rule
		}
	}
	c.refused[agent] = why
}

func (c *Component) why(agent string) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.refused[agent]
}
