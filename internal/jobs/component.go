package jobs

import (
	"context"
	"fmt"
	"log/slog"

	"mainstay/internal/core"
	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/ledger"
	"mainstay/internal/platform/sqldb"
	"mainstay/internal/platform/tasks"
)

// The queues and kinds of the module's tasks.
const (
	runsQueue     = "jobs-runs"
	stepsQueue    = "jobs-steps"
	requestsQueue = "jobs-requests"

	advanceKind    = "jobs.advance"
	stepKind       = "jobs.step"
	purgeKind      = "jobs.purge"
	verifyKind     = "jobs.verify"
	reconsiderKind = "jobs.reconsider"
)

// Component is the module. Its methods are safe for concurrent use.
type Component struct {
	cfg      Configuration
	deps     Dependencies
	machine  machine
	signals  *signals
	compiled *compilations
}

// New registers the module's task handlers and ledger consumers, which work
// from the start of those services on. It starts nothing itself.
func New(cfg Configuration, deps Dependencies) (*Component, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if deps.Log == nil {
		deps.Log = slog.New(slog.DiscardHandler)
	}
	m, err := parseMachine(statesText)
	if err != nil {
		return nil, fmt.Errorf("jobs: %w", err)
	}
	compiled, err := newCompilations()
	if err != nil {
		return nil, fmt.Errorf("jobs: %w", err)
	}
	c := &Component{cfg: cfg, deps: deps, machine: m, signals: newSignals(), compiled: compiled}
	deps.Tasks.Queue(runsQueue, tasks.QueueOptions{Concurrency: 16})
	// A step survives the process: it is left at once, and attached to again.
	deps.Tasks.Queue(stepsQueue, tasks.QueueOptions{Concurrency: cfg.Steps, Grace: -1})
	// A request does not: at a stop it gets the usual grace to end.
	deps.Tasks.Queue(requestsQueue, tasks.QueueOptions{Concurrency: cfg.Steps})
	deps.Tasks.Handle(advanceKind, c.advance)
	deps.Tasks.Handle(stepKind, c.runStep)
	deps.Tasks.Handle(purgeKind, c.purge)
	deps.Tasks.Handle(verifyKind, c.verifyDecision)
	deps.Tasks.Handle(reconsiderKind, c.reconsider)
	deps.Ledger.ConsumeTx("jobs.remediation", []string{"events.situation.", "events.alert."}, 50, c.consume)
	return c, nil
}

// Start begins the housekeeping; runs that an earlier process left are picked
// up by the queue.
func (c *Component) Start(ctx context.Context) error {
	return c.deps.DB.Write(ctx, func(tx *sqldb.Tx) error {
		return c.deps.Tasks.Enqueue(ctx, tx, tasks.Task{Queue: runsQueue, Kind: purgeKind, Key: "purge", MaxFailures: -1})
	})
}

// Stop does nothing: the queue and the ledger stop calling.
func (c *Component) Stop(context.Context) error { return nil }

// actorOf is who acts in the ledger for the caller in ctx.
func actorOf(ctx context.Context) ledger.Actor {
	p := auth.From(ctx)
	if p == nil {
		return ledger.System("jobs")
	}
	return ledger.Actor{Kind: p.Kind, ID: p.ID, Name: p.Name}
}

// permit refuses a record outside of the caller's teams.
func permit(ctx context.Context, permission auth.Permission, team string) error {
	if !auth.From(ctx).Scope(permission).Allows(team) {
		return core.Errorf(core.CodeForbidden, "this needs the permission %s for the team %q", permission, team)
	}
	return nil
}
