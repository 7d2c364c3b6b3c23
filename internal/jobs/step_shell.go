package jobs

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/tasks"
)

const (
	offlineRetry = 2 * time.Second  // between looks for an agent that is not connected
	stopPatience = 15 * time.Second // for an agent to end what it was told to end
	secretPrefix = "secret:"
)

// errAbandoned ends the wait for an agent that does not end an execution.
var errAbandoned = errors.New("jobs: the agent did not answer in time")

// shell runs the script on the agent, or attaches to the execution that an
// earlier process began under the same id.
func (a *attempt) shell(ctx context.Context) (result, error) {
	if a.c.deps.Agents == nil || a.c.deps.Hosts == nil {
		return failure("this installation has no agents"), nil
	}
	res, end := ending(a.run)
	if end && !a.step.dispatched {
		return res, nil
	}
	agent, err := a.agent(ctx)
	if err != nil {
		return a.unready(err)
	}
	env, err := a.environment(ctx)
	if err != nil {
		return a.unready(err)
	}
	known := a.step.dispatched
	if !known {
		if err := a.mark(ctx, agent, true, ""); err != nil {
			return result{}, err
		}
	}
	if a.out, err = a.c.openOutput(ctx, a.run.ID, a.step); err != nil {
		return result{}, err
	}
	exit, err := a.attach(ctx, agent, ExecRequest{
		ID: execution(a.run.ID, a.step.ID, a.step.Attempt), Run: a.run.ID, Step: a.step.ID, Attempt: a.step.Attempt, Runbook: a.run.Runbook,
		Script: a.def.Shell.Script, Command: a.command(), Interpreter: a.def.Shell.Interpreter, User: a.def.Shell.User, Env: env,
		Timeout: a.def.Timeout.or(defaultStepTimeout), Resume: a.out.resume,
	})
	if closeErr := a.out.close(ctx, exit.Lost); closeErr != nil && err == nil {
		return result{}, closeErr // the agent keeps its record: the next call reads it again
	}
	if err != nil {
		return a.unanswered(ctx, agent, known, err)
	}
	return a.exited(exit), nil
}

// command is the program with parameters filled in: each stays one argument.
func (a *attempt) command() []string {
	var argv []string
	for _, argument := range a.def.Shell.Command {
		argv = append(argv, expand(argument, a.run.Parameters, asItIs))
	}
	return argv
}

// agent is the one the attempt was given to, or the one to give it to.
func (a *attempt) agent(ctx context.Context) (string, error) {
	if a.step.dispatched {
		return a.step.Agent, nil
	}
	target, err := parseTarget(a.def.Shell.Agent)
	if err != nil {
		return "", core.Invalid("agent", err.Error())
	}
	item, ids := target.identities(a.run)
	if len(ids) > 0 {
		if item, err = a.c.deps.Hosts.Resolve(ctx, ids); err != nil {
			return "", err
		}
	}
	if item == "" {
		return "", core.Errorf(core.CodeInvalid, "the run is about no item, so $item names no host")
	}
	return a.c.deps.Hosts.AgentFor(ctx, item)
}

// environment is what the script sees: parameters and the run's own values as
// variables, never as text of the script.
func (a *attempt) environment(ctx context.Context) (map[string]string, error) {
	env := map[string]string{
		"MAINSTAY_RUN": a.run.ID, "MAINSTAY_STEP": a.step.ID, "MAINSTAY_ATTEMPT": strconv.Itoa(a.step.Attempt), "MAINSTAY_RUNBOOK": a.run.Runbook, "MAINSTAY_ITEM": a.run.Item,
		"MAINSTAY_SITUATION": a.run.Situation, "MAINSTAY_ALERT": a.run.Alert, "MAINSTAY_INCIDENT": a.run.Incident,
	}
	for name, v := range a.run.Parameters {
		env[variable(name)] = v
	}
	values, err := a.secrets(ctx, a.def.secrets())
	if err != nil {
		return nil, err
	}
	for k, v := range a.def.Shell.Env {
		if name, ok := strings.CutPrefix(v, secretPrefix); ok {
			v = values[name]
		}
		env[k] = v
	}
	return env, nil
}

// unready ends, or puts off, an attempt that could not be dispatched.
func (a *attempt) unready(err error) (result, error) {
	if res, end := ending(a.run); end && !a.step.dispatched {
		return res, nil
	}
	if givesUp(err) && !a.step.dispatched {
		return failure("%s", err), nil
	}
	if a.c.deps.Clock.Now().After(a.deadline()) {
		return a.late(fmt.Sprintf("not possible within %s: %s", a.def.Timeout.or(defaultStepTimeout), err)), nil
	}
	a.c.deps.Log.Warn("jobs: a step cannot be dispatched yet", "run", a.run.ID, "step", a.step.ID, "error", err)
	return result{}, tasks.Snooze(offlineRetry)
}

// late is a step whose time is over: failed if it was never begun.
func (a *attempt) late(message string) result {
	if a.step.dispatched {
		return result{state: Interrupted, message: message + "; whether the script ran is not known"}
	}
	return result{state: Failed, message: message}
}

// attach waits for the execution, and has the agent end it when the run ends
// or its time is over.
func (a *attempt) attach(ctx context.Context, agent string, req ExecRequest) (Exit, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	go a.watch(ctx, cancel, agent, req.ID)
	exit, err := a.c.deps.Agents.Run(ctx, agent, req, a.out.write)
	if err != nil && errors.Is(context.Cause(ctx), errAbandoned) {
		err = errAbandoned
	}
	return exit, err
}

// watch looks for a reason to end the execution. The agent is told again until
// it has done so; in the end nobody waits for it any longer.
func (a *attempt) watch(ctx context.Context, abandon context.CancelCauseFunc, agent, id string) {
	news, done := a.c.signals.watch(a.run.ID)
	defer done()
	clock := a.c.deps.Clock
	look := clock.NewTimer(0)
	defer look.Stop()
	var told time.Time
	for {
		select {
		case <-ctx.Done():
			return
		case <-news:
		case <-look.C():
		}
		look.Reset(time.Second)
		now := clock.Now()
		if told.IsZero() && !now.After(a.deadline().Add(stopPatience)) {
			run, err := loadRun(ctx, a.c.deps.DB, a.run.ID)
			if err != nil {
				continue
			}
			if _, end := ending(run); !end {
				continue
			}
		}
		if told.IsZero() {
			told = now
		}
		if now.Sub(told) > stopPatience {
			abandon(errAbandoned)
			return
		}
		if err := a.c.deps.Agents.Cancel(ctx, agent, id); err != nil && ctx.Err() == nil {
			a.c.deps.Log.Warn("jobs: the agent was not told to stop", "run", a.run.ID, "step", a.step.ID, "agent", agent, "error", err)
		}
	}
}

// unanswered is an execution of which the agent told no end.
func (a *attempt) unanswered(ctx context.Context, agent string, known bool, err error) (result, error) {
	now := a.c.deps.Clock.Now()
	switch {
	case errors.Is(err, ErrUnknownOutcome):
		return result{state: Interrupted, message: "the agent began the script and cannot tell how it ended"}, nil
	case errors.Is(err, errAbandoned):
		return result{state: Interrupted, message: "the agent was told to stop the script and did not answer"}, nil
	case ctx.Err() != nil:
		return result{}, ctx.Err()
	case errors.Is(err, ErrAgentOffline) && !known:
		if err := a.mark(ctx, agent, false, "waits: "+err.Error()); err != nil {
			return result{}, err
		}
		if a.def.Shell.WhenAway == failWhenAway {
			return result{state: Failed, message: err.Error()}, nil
		}
	}
	if run, loadErr := loadRun(ctx, a.c.deps.DB, a.run.ID); loadErr == nil {
		if res, end := ending(run); end && !a.step.dispatched {
			return res, nil
		}
	}
	if errors.Is(err, ErrAgentOffline) && !a.step.dispatched && now.After(a.deadline()) {
		return a.late(fmt.Sprintf("not possible within %s: %s", a.def.Timeout.or(defaultStepTimeout), err)), nil
	}
	if now.After(a.deadline().Add(stopPatience)) {
		return a.late(fmt.Sprintf("agent %s: %s", agent, err)), nil
	}
	if !errors.Is(err, ErrAgentOffline) && givesUp(err) {
		if !known {
			return failure("agent %s: %s", agent, err), nil // it refused the request itself
		}
		return a.late(err.Error()), nil
	}
	return result{}, tasks.Snooze(offlineRetry)
}

// exited judges how the script ended.
func (a *attempt) exited(exit Exit) result {
	code := exit.Code
	res := result{exitCode: &code}
	switch {
	case exit.Refused != "":
		res = result{state: Failed, message: "refused by the agent: " + exit.Refused}
	case exit.Cancelled:
		res.state, res.message = Cancelled, "stopped on request"
	case exit.TimedOut:
		res.state, res.message = Failed, fmt.Sprintf("took longer than %s and was stopped", a.def.Timeout.or(defaultStepTimeout))
	case exit.Code != 0:
		res.state, res.message = Failed, fmt.Sprintf("exit code %d", exit.Code)
	default:
		res.state, res.message = Succeeded, ""
	}
	return res
}
