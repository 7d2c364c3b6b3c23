package wire

import (
	"context"
	"errors"
	"fmt"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/graph"
	"mainstay/internal/jobs"
	"mainstay/internal/monitor"
	"mainstay/internal/platform/agents"
	"mainstay/internal/platform/agents/protocol"
	"mainstay/internal/platform/secrets"
)

// agentsForJobs runs the scripts of steps on managed hosts.
type agentsForJobs struct{ agents *agents.Component }

func (a agentsForJobs) Run(ctx context.Context, agent string, req jobs.ExecRequest, onOutput func(jobs.Output)) (jobs.Exit, error) {
	command := agents.Command{Execution: req.ID, Runbook: req.Runbook, User: req.User, Script: req.Script, Argv: req.Command, Shell: req.Interpreter,
		Environment: req.Env, Timeout: req.Timeout, MaxOutput: protocol.MaxMaxOutput}
	exit, err := a.agents.Run(ctx, agent, command, func(c agents.Chunk) {
		if position := int64(c.Seq); position > req.Resume {
			onOutput(jobs.Output{Stream: c.Stream, Position: position, Data: c.Data})
		}
	})
	var away *agents.AwayError
	if errors.As(err, &away) {
		return jobs.Exit{}, fmt.Errorf("%w: %w", jobs.ErrAgentOffline, away)
	}
	if err != nil {
		return jobs.Exit{}, err
	}
	switch exit.Outcome {
	case protocol.Interrupted:
		return jobs.Exit{}, jobs.ErrUnknownOutcome
	case protocol.Refused, protocol.Failed:
		return jobs.Exit{Code: -1, Refused: exit.Reason}, nil
	}
	return jobs.Exit{Code: exit.Code, TimedOut: exit.Outcome == protocol.TimedOut, Cancelled: exit.Outcome == protocol.Cancelled}, nil
}

func (a agentsForJobs) Cancel(ctx context.Context, agent, execution string) error {
	return a.agents.Cancel(ctx, agent, execution, "the run was cancelled")
}

// graphForJobs finds the hosts of runbooks and what they would reach.
type graphForJobs struct {
	graph  *graph.Component
	agents *agents.Component
}

func (g graphForJobs) AgentFor(ctx context.Context, item string) (string, error) {
	return agentOf(ctx, g.graph, g.agents, item)
}

func (g graphForJobs) Resolve(ctx context.Context, identities []core.Identity) (string, error) {
	item, err := g.graph.Resolve(ctx, identities)
	if err == nil && item == "" {
		err = core.Errorf(core.CodeNotFound, "no item of the graph has these identities")
	}
	return item, err
}

func (g graphForJobs) Item(ctx context.Context, id string) (map[string]any, error) {
	facts, err := g.graph.Facts(ctx, []string{id})
	if err != nil {
		return nil, err
	}
	f, ok := facts[id]
	if !ok {
		return nil, core.NotFound("item", id)
	}
	return map[string]any{"id": f.ID, "class": f.Class, "name": f.Name, "state": f.State, "team": f.Team, "attributes": f.Attributes}, nil
}

// impactCounted bounds how far a blast radius is counted.
const impactCounted = 100_000

func (g graphForJobs) Impact(_ context.Context, item string) (int, error) {
	n := 1
	for _, a := range g.graph.Index().Impact([]string{item}, impactCounted) {
		if !a.Degraded {
			n++
		}
	}
	return n, nil
}

// checksForJobs runs checks at once, to verify a repair.
type checksForJobs struct{ monitor *monitor.Component }

func (c checksForJobs) RunNow(ctx context.Context, check string) (jobs.CheckResult, error) {
	r, err := c.monitor.RunNow(ctx, check)
	if err != nil {
		return jobs.CheckResult{}, err
	}
	return jobs.CheckResult{Check: check, Name: r.Check, OK: r.Status == monitor.StatusOK, State: string(r.Status), Output: r.Output}, nil
}

// maintenanceForJobs asks monitoring for windows.
type maintenanceForJobs struct{ monitor *monitor.Component }

func (m maintenanceForJobs) InMaintenance(ctx context.Context, item string, at time.Time) (string, bool, error) {
	in, window := m.monitor.InMaintenance(ctx, item, at)
	return window, in, nil
}

// secretsForJobs resolves what steps refer to.
type secretsForJobs struct{ secrets *secrets.Component }

func (s secretsForJobs) Resolve(ctx context.Context, name string, run core.Ref, team string) (string, error) {
	return s.secrets.Resolve(ctx, secrets.Prefix+name, secrets.Use{By: run, Team: team})
}

func (s secretsForJobs) Redactor(ctx context.Context) (*secrets.Redactor, error) {
	return s.secrets.Redactor(ctx)
}
