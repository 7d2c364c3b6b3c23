package monitor

import (
	"context"
	"fmt"
	"math"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/monitor/vote"
	"mainstay/internal/platform/probe"
)

// remoteGrace is what a probe on an agent may take beyond its own timeout.
const remoteGrace = 5 * time.Second

// runDue runs a target whose time has come and makes it due again.
func (e *engine) runDue(ctx context.Context, t *target, j job) {
	if t.pushed() {
		e.judge(ctx, t)
		return
	}
	e.delays.observe(e.schedule.Late(j))
	select {
	case t.turn <- struct{}{}:
	default:
		// Somebody runs it this moment: the next slot is early enough.
		e.again(t, j, false)
		return
	}
	res, _, err := e.execute(ctx, t, false)
	<-t.turn
	if err != nil {
		if ctx.Err() == nil {
			e.c.deps.Log.Error("monitor: a result is lost", "target", t.id, "error", err)
		}
		return
	}
	e.again(t, j, res.Status.failing() && !res.Hard)
}

// again makes t due in its next slot, or sooner when its fault is not confirmed.
func (e *engine) again(t *target, was job, soft bool) {
	e.mu.RLock()
	here := e.targets[t.id] == t
	e.mu.RUnlock()
	if !here {
		return
	}
	t.mu.Lock()
	spec := &t.check.Spec
	interval, retry := spec.interval(), spec.retryInterval()
	t.mu.Unlock()
	now := e.c.deps.Clock.Now()
	next := slotAfter(t.id, interval, now)
	if soon := now.Add(retry); soft && soon.Before(next) {
		next = soon
	}
	slot := e.schedule.Set(t.id, next, now)
	if skipped := int64(slot.Sub(was.slot)/interval) - 1; skipped > 0 && !soft {
		e.writer.missed.Add(skipped)
	}
}

// finding is what is known of one execution, or of one result from outside.
type finding struct {
	res   probe.Result
	away  bool // there was no agent to run it
	votes []vote.Vote
	at    time.Time
	ping  *ping // where it came from, nil when it was run
	await bool  // somebody waits until it is stored
}

// execute probes once, decides what it means and hands it to the writer. The
// caller holds the target's turn. stored is closed when it is in the store.
func (e *engine) execute(ctx context.Context, t *target, await bool) (Result, <-chan struct{}, error) {
	found := e.probe(ctx, t)
	found.await = await
	if ctx.Err() != nil {
		return Result{}, nil, ctx.Err() // stopping says nothing about the target
	}
	found.at = e.c.deps.Clock.Now()
	return e.conclude(ctx, t, found)
}

// conclude decides what a finding means and hands it to the writer. The caller
// holds the target's turn.
func (e *engine) conclude(ctx context.Context, t *target, f finding) (Result, <-chan struct{}, error) {
	at, found := f.at, f.res
	t.mu.Lock()
	check, item, labels := t.check, t.item, t.labels
	before := t.state
	t.mu.Unlock()
	parents, asked := e.parents(check, item, before, at)
	retries := check.Spec.retries()
	if f.away && at.Sub(later(e.started, check.CreatedAt)) < e.c.cfg.AgentGrace {
		retries = math.MaxInt32 // agents come back after a start, and come after their documents: not a fault yet
	}
	after, change := before.Next(Input{Result: found.State, At: at, Retries: retries, Parents: parents})
	if f.ping != nil {
		after.Pushed, after.Begun = at, time.Time{}
	}
	t.mu.Lock()
	t.state, t.lastAt = after, at
	t.mu.Unlock()
	if change.AskParents {
		for _, id := range asked {
			e.schedule.Sooner(id, at)
		}
	}
	res := Result{
		Target: t.id, Check: check.Name, Item: item, At: at, Status: after.Show(), Hard: after.Hard, Attempt: after.Attempt,
		Duration: found.Duration, Output: found.Output, Detail: found.Detail, Metrics: found.Metrics, Votes: f.votes,
	}
	o := &outcome{target: t, check: check, result: res, found: found.State, state: after, change: change, labels: labels, ping: f.ping, await: f.await || f.ping != nil, stored: make(chan struct{}), screenshot: found.Screenshot}
	o.result.Screenshot = o.pictured()
	res = o.result
	o.event = e.eventOf(o)
	if err := e.writer.put(ctx, o); err != nil {
		return Result{}, nil, err
	}
	return res, o.stored, nil
}

// probe runs the target's probe here, on its agent, or at all its places.
func (e *engine) probe(ctx context.Context, t *target) (f finding) {
	t.mu.Lock()
	spec, fault, agent, item, check := t.spec, t.fault, t.agent, t.item, t.check
	t.mu.Unlock()
	if fault != "" {
		return finding{res: e.cannot("the check does not fit the item: %s", fault)}
	}
	spec, hidden, err := reveal(ctx, spec, e.c.deps.Secrets, check)
	if err != nil {
		return finding{res: e.cannot("a secret cannot be read: %s", err)}
	}
	switch {
	case check.Spec.spread():
		f = e.everywhere(ctx, t, check, spec)
		for i := range f.votes {
			f.votes[i].Output = redacted(f.votes[i].Output, hidden)
		}
	case check.Spec.place() == onServer:
		f.res = e.here(ctx, spec)
	default:
		if agent == "" && item != "" {
			// The agent may have come after the check.
			if found, err := e.c.deps.Items.Item(ctx, item); err == nil {
				agent = found.Agent
			}
		}
		if agent == "" {
			return finding{res: e.cannot("no agent is on the item that could run the check"), away: true}
		}
		f.res, f.away = e.remote(ctx, agent, spec)
	}
	redact(&f.res, hidden)
	return f
}

// cannot is the result of a check that could not be run.
func (e *engine) cannot(format string, args ...any) probe.Result {
	return probe.Result{State: probe.Unknown, Output: fmt.Sprintf(format, args...), Started: e.c.deps.Clock.Now()}
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// message is what a person may see of an error.
func message(err error) string {
	if e, ok := err.(*core.Error); ok {
		return e.Message
	}
	return "no answer in time"
}

// parents says how the checks that t depends on are, and which ones to ask.
func (e *engine) parents(check *Check, item string, before State, at time.Time) (Parents, []string) {
	failingFrom := before.FailingFrom
	if before.Attempt == 0 {
		failingFrom = at
	}
	known := ParentsUp
	var ask []string
	for _, name := range check.Spec.DependsOn {
		parent := e.parent(name, item)
		if parent == nil {
			continue
		}
		parent.mu.Lock()
		s, last := parent.state, parent.lastAt
		parent.mu.Unlock()
		switch {
		case s.Unreachable, s.Confirmed == Critical:
			return ParentsDown, nil
		case s.Status == Critical, last.Before(failingFrom):
			known = ParentsDoubt
			ask = append(ask, parent.id)
		}
	}
	return known, ask
}

// parent finds the target of a named check: the one on the same item, or the only one.
func (e *engine) parent(name, item string) *target {
	e.mu.RLock()
	defer e.mu.RUnlock()
	list := e.of[e.names[name]]
	for _, t := range list {
		t.mu.Lock()
		same := t.item == item
		t.mu.Unlock()
		if same || len(list) == 1 {
			return t
		}
	}
	return nil
}

// eventOf makes the event that a change calls for, or nil.
func (e *engine) eventOf(o *outcome) *core.Event {
	if o.change.Event == "" {
		return nil
	}
	ev := &core.Event{
		ID: e.c.deps.IDs.New(), At: o.result.At, Source: "check", Kind: o.change.Event,
		Severity: o.check.Spec.severity(o.state.Confirmed), Key: "check:" + o.target.id,
		Title:       fmt.Sprintf("%s is %s: %s", o.check.Name, o.state.Confirmed, o.result.Output),
		Description: o.result.Detail, Item: o.result.Item, Check: o.target.id, Labels: eventLabels(o.check),
	}
	if ev.Item == "" {
		ev.Identities = o.check.Spec.Identities
	}
	return ev
}
