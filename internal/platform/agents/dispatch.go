package agents

import (
	"context"
	"errors"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/agents/protocol"
)

const (
	readWait    = 10 * time.Second // how long the agent holds a read that has no news
	readSlack   = 5 * time.Second
	startLimit  = 15 * time.Second
	retryFirst  = 250 * time.Millisecond
	retryMost   = 5 * time.Second
	lostProgram = "the agent no longer knows this execution: its data directory was lost; the outcome is unknown"
)

// Run has the agent run a command and follows it to its end. onOutput gets
// every chunk once, in order, from the first one.
//
// An execution runs at most once. When Run returns an error, the command may
// never have started, may run, or may have ended: calling Run again with the
// same command says which. Refusals and failures to start are not errors but
// outcomes of the Exit. When ctx ends Run stops following, and the command goes
// on; Cancel ends it.
//
// An agent that is away is waited for: StartWithin before the command is known
// to have started, GiveUpAfter from then on. The error then has the code
// unavailable; it is an AwayError when this call has certainly started nothing.
func (c *Component) Run(ctx context.Context, agent string, command Command, onOutput func(Chunk)) (Exit, error) {
	if err := command.Complete(); err != nil {
		return Exit{}, err
	}
	if err := c.begin(ctx, agent, command); err != nil {
		return Exit{}, err
	}
	return c.follow(ctx, agent, command.Execution, onOutput)
}

// begin returns when the agent has taken the command.
func (c *Component) begin(ctx context.Context, agent string, command Command) error {
	doubt := false // a request that was heard and not answered may have started it
	err := c.insist(ctx, c.cfg.StartWithin, func(ctx context.Context) error {
		var state protocol.State
		err := c.Call(ctx, agent, protocol.MethodStart, command, &state)
		doubt = doubt || core.CodeOf(err) == core.CodeUnavailable && !errors.Is(err, errNobody)
		return err
	}, startLimit)
	if errors.Is(err, errNobody) && !doubt {
		return c.away(ctx, agent)
	}
	return err
}

// follow reads what an execution says until it has ended.
func (c *Component) follow(ctx context.Context, agent, execution string, onOutput func(Chunk)) (Exit, error) {
	var after uint64
	for {
		var state protocol.State
		err := c.insist(ctx, c.cfg.GiveUpAfter, func(ctx context.Context) error {
			return c.Call(ctx, agent, protocol.MethodRead, protocol.ReadRequest{Execution: execution, After: after, Wait: readWait}, &state)
		}, readWait+readSlack)
		if core.CodeOf(err) == core.CodeNotFound {
			return Exit{Outcome: protocol.Interrupted, Code: -1, Reason: lostProgram}, nil
		}
		if err != nil {
			return Exit{}, err
		}
		read := after
		for _, chunk := range state.Chunks {
			if chunk.Seq <= after {
				continue
			}
			after = chunk.Seq
			if chunk.Stream != protocol.Stdout && chunk.Stream != protocol.Stderr {
				chunk.Stream = protocol.Note
			}
			if onOutput != nil {
				onOutput(chunk)
			}
		}
		if state.Exit != nil {
			return *state.Exit, nil
		}
		if after == read { // an agent that holds no read must not keep the server busy
			if err := c.rest(ctx, retryFirst); err != nil {
				return Exit{}, err
			}
		}
	}
}

// AwayError says that an agent is not connected.
type AwayError struct {
	Name  string
	Since time.Time // zero: it was never here
}

func (e *AwayError) Error() string {
	if e.Since.IsZero() {
		return "agent " + e.Name + " has not connected yet"
	}
	return "agent " + e.Name + " is away since " + e.Since.UTC().Format(time.RFC3339)
}

// away names the agent that nobody reached, and since when.
func (c *Component) away(ctx context.Context, agent string) error {
	a, err := c.Agent(ctx, agent)
	if err != nil {
		return err
	}
	return &core.Error{Code: core.CodeUnavailable, Message: "the agent is not connected", Cause: &AwayError{Name: a.Name, Since: a.SeenAt}}
}

// insist repeats a call that found the agent away, until patience runs out.
func (c *Component) insist(ctx context.Context, patience time.Duration, call func(context.Context) error, limit time.Duration) error {
	began := c.deps.Clock.Now()
	for delay := retryFirst; ; delay = min(2*delay, retryMost) {
		attempt, cancel := context.WithTimeout(ctx, limit)
		err := call(attempt)
		cancel()
		code := core.CodeOf(err)
		if code != core.CodeUnavailable && code != core.CodeTooMany {
			return err
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if c.deps.Clock.Now().Sub(began) >= patience {
			return err
		}
		if err := c.rest(ctx, delay); err != nil {
			return err
		}
	}
}

// rest lets time pass between two calls.
func (c *Component) rest(ctx context.Context, d time.Duration) error {
	timer := c.deps.Clock.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C():
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-c.running.Done():
		return core.Errorf(core.CodeUnavailable, "the server is stopping")
	}
}

// Cancel ends an execution: TERM to its process group, KILL after its grace.
// Whoever follows it with Run sees the outcome. It is tried for StartWithin.
func (c *Component) Cancel(ctx context.Context, agent, execution, reason string) error {
	return c.insist(ctx, c.cfg.StartWithin, func(ctx context.Context) error {
		return c.Call(ctx, agent, protocol.MethodCancel, protocol.CancelRequest{Execution: execution, Reason: reason}, nil)
	}, startLimit)
}
