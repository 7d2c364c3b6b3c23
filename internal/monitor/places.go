package monitor

import (
	"context"
	"slices"
	"sync"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/monitor/vote"
	"mainstay/internal/platform/probe"
)

// Places finds agents by what documents call them.
type Places interface {
	// Place returns the id and name of the agent with this id or name;
	// core.CodeNotFound when there is none.
	Place(ctx context.Context, idOrName string) (id, name string, err error)
}

// location is a place a check runs at; the server has no agent.
type location struct{ name, agent string }

// locationsKept is how long the agents behind names and selectors are used.
const locationsKept = 30 * time.Second

// locations are the places of a check, once each.
func (e *engine) locations(ctx context.Context, t *target, spec *CheckSpec) []location {
	now := e.c.deps.Clock.Now()
	t.mu.Lock()
	known, fresh := t.places, !t.placesAt.IsZero() && now.Sub(t.placesAt).Abs() < locationsKept
	t.mu.Unlock()
	if fresh {
		return known
	}
	var out []location
	add := func(l location) {
		if !slices.ContainsFunc(out, func(o location) bool { return o.name == l.name }) {
			out = append(out, l)
		}
	}
	for _, name := range spec.Locations {
		if name == serverPlace {
			add(location{name: serverPlace})
			continue
		}
		add(e.agentPlace(ctx, name))
	}
	if spec.Places != "" {
		ids, err := e.c.deps.Items.Select(ctx, spec.Places)
		if err != nil {
			e.c.deps.Log.Warn("monitor: the locations of a check are not known", "target", t.id, "error", err)
			return known
		}
		for _, id := range ids {
			if item, err := e.c.deps.Items.Item(ctx, id); err == nil && item.Agent != "" {
				add(e.agentPlace(ctx, item.Agent))
			}
		}
	}
	t.mu.Lock()
	t.places, t.placesAt = out, now
	t.mu.Unlock()
	return out
}

// agentPlace is the place of an agent; an agent nobody knows is a place that is away.
func (e *engine) agentPlace(ctx context.Context, idOrName string) location {
	if e.c.deps.Places == nil {
		return location{idOrName, idOrName}
	}
	id, name, err := e.c.deps.Places.Place(ctx, idOrName)
	if err != nil {
		return location{idOrName, idOrName}
	}
	return location{name, id}
}

// everywhere runs a probe at all places of a check at once and has them vote.
func (e *engine) everywhere(ctx context.Context, t *target, check *Check, spec probe.Spec) finding {
	places := e.locations(ctx, t, &check.Spec)
	votes := make([]vote.Vote, len(places))
	found := make([]probe.Result, len(places))
	var running sync.WaitGroup
	for i, place := range places {
		running.Go(func() {
			var away bool
			if place.name == serverPlace {
				found[i] = e.here(ctx, spec)
			} else {
				found[i], away = e.remote(ctx, place.agent, spec)
			}
			votes[i] = vote.Vote{Place: place.name, Away: away, State: found[i].State, Output: found[i].Output, Duration: found[i].Duration, At: e.c.deps.Clock.Now()}
		})
	}
	running.Wait()
	verdict := vote.Decide(votes, check.Spec.Agree)
	res := probe.Result{State: verdict.State, Output: verdict.Output, Started: e.c.deps.Clock.Now()}
	for i := range votes {
		if votes[i].Place == verdict.Spoken.Place && !votes[i].Away {
			res.Detail, res.Metrics, res.Duration, res.Started = found[i].Detail, found[i].Metrics, found[i].Duration, found[i].Started
			res.Screenshot = found[i].Screenshot
		}
	}
	res.Bound()
	return finding{res: res, away: verdict.Away, votes: votes}
}

// here runs a probe on the server.
func (e *engine) here(ctx context.Context, spec probe.Spec) probe.Result {
	if spec.Command != nil && !e.c.cfg.mayRun(spec.Command.Path) {
		return e.cannot("%s may not run on the server", spec.Command.Path)
	}
	return probe.Runner{Allow: e.c.deps.Allow, Drivers: e.c.deps.Drivers}.Run(ctx, spec)
}

// remote runs a probe on an agent. away says that the agent is not there to run it.
func (e *engine) remote(ctx context.Context, agent string, spec probe.Spec) (res probe.Result, away bool) {
	if e.c.deps.Agents == nil {
		return e.cannot("there are no agents"), true
	}
	timeout := spec.Timeout.Std()
	if timeout == 0 {
		timeout = probe.DefaultTimeout
	}
	remote, cancel := context.WithTimeout(ctx, timeout+remoteGrace)
	defer cancel()
	started := e.c.deps.Clock.Now()
	res, err := e.c.deps.Agents.RunCheck(remote, agent, spec)
	if err != nil {
		res = e.cannot("the agent does not answer: %s", message(err))
		res.Duration = probe.Duration(e.c.deps.Clock.Now().Sub(started))
		// A refusal comes from an agent that is there.
		return res, core.CodeOf(err) != core.CodeForbidden
	}
	return res, false
}
