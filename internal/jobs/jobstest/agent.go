package jobstest

import (
	"context"
	"reflect"
	"sync"

	"mainstay/internal/core"
	"mainstay/internal/jobs"
)

// Script stands for what a script does: print shows output, stop is closed
// when the execution is cancelled.
type Script func(req jobs.ExecRequest, print func(stream, text string), stop <-chan struct{}) jobs.Exit

// Agent keeps the contract of a real one: it begins an execution id once,
// attaches later calls to it, and remembers how it ended. It outlives the
// components that call it, as an agent outlives its server.
type Agent struct {
	script Script

	mu      sync.Mutex
	changed *sync.Cond
	offline bool
	known   map[string]*executed
	begun   []jobs.ExecRequest
}

type executed struct {
	asked     jobs.ExecRequest
	output    []jobs.Output
	exit      *jobs.Exit
	forgotten bool
	stop      chan struct{}
	stopped   bool
}

// NewAgent returns an agent whose executions do what script does.
func NewAgent(script Script) *Agent {
	a := &Agent{script: script, known: map[string]*executed{}}
	a.changed = sync.NewCond(&a.mu)
	return a
}

// SetOffline cuts the agent off, or connects it again.
func (a *Agent) SetOffline(offline bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.offline = offline
	a.changed.Broadcast()
}

// Forget makes the agent lose its records: outcomes become unknown.
func (a *Agent) Forget() {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, e := range a.known {
		if e.exit == nil {
			e.forgotten = true
		}
	}
	a.changed.Broadcast()
}

// Begun lists the executions that were begun, in order.
func (a *Agent) Begun() []jobs.ExecRequest {
	a.mu.Lock()
	defer a.mu.Unlock()
	return append([]jobs.ExecRequest(nil), a.begun...)
}

// Run keeps the contract of jobs.AgentRunner.
func (a *Agent) Run(ctx context.Context, _ string, req jobs.ExecRequest, onOutput func(jobs.Output)) (jobs.Exit, error) {
	stop := context.AfterFunc(ctx, func() { a.mu.Lock(); defer a.mu.Unlock(); a.changed.Broadcast() })
	defer stop()
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.offline {
		return jobs.Exit{}, jobs.ErrAgentOffline
	}
	e := a.known[req.ID]
	asked := req
	asked.Resume = 0
	if e != nil && !reflect.DeepEqual(e.asked, asked) {
		return jobs.Exit{}, core.Errorf(core.CodeConflict, "execution %q was another request", req.ID)
	}
	if e == nil {
		e = &executed{asked: asked, stop: make(chan struct{})}
		a.known[req.ID] = e
		a.begun = append(a.begun, req)
		go a.execute(req, e)
	}
	for sent := req.Resume; ; {
		switch {
		case ctx.Err() != nil:
			return jobs.Exit{}, ctx.Err()
		case e.forgotten:
			return jobs.Exit{}, jobs.ErrUnknownOutcome
		case a.offline:
			return jobs.Exit{}, jobs.ErrAgentOffline
		case sent < int64(len(e.output)):
			piece := e.output[sent]
			sent++
			a.mu.Unlock()
			onOutput(piece)
			a.mu.Lock()
		case e.exit != nil:
			return *e.exit, nil
		default:
			a.changed.Wait()
		}
	}
}

func (a *Agent) execute(req jobs.ExecRequest, e *executed) {
	exit := a.script(req, func(stream, text string) {
		a.mu.Lock()
		defer a.mu.Unlock()
		e.output = append(e.output, jobs.Output{Stream: stream, Position: int64(len(e.output) + 1), Data: []byte(text)})
		a.changed.Broadcast()
	}, e.stop)
	a.mu.Lock()
	defer a.mu.Unlock()
	exit.Cancelled = exit.Cancelled || e.stopped
	e.exit = &exit
	a.changed.Broadcast()
}

// Cancel closes the stop channel of the execution's script.
func (a *Agent) Cancel(_ context.Context, _, execution string) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.offline {
		return jobs.ErrAgentOffline
	}
	e := a.known[execution]
	if e == nil {
		return core.NotFound("execution", execution)
	}
	if !e.stopped && e.exit == nil {
		e.stopped = true
		close(e.stop)
	}
	return nil
}
