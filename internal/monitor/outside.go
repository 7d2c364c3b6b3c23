package monitor

import (
	"context"
	"fmt"
	"time"

	"mainstay/internal/platform/probe"
)

// expect makes a target whose results come from outside due when the next one
// is overdue. A target of which nothing came yet waits: it is not set up.
func (e *engine) expect(t *target) {
	if at, _ := e.overdue(t); !at.IsZero() {
		e.schedule.Set(t.id, at, e.c.deps.Clock.Now())
	} else {
		e.schedule.Remove(t.id)
	}
}

// pushed says that the target's results come from outside.
func (t *target) pushed() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.check.Spec.pushed()
}

// overdue is when something should have come from outside, and what that means then.
func (e *engine) overdue(t *target) (at time.Time, found probe.Result) {
	t.mu.Lock()
	spec, state := &t.check.Spec, t.state
	t.mu.Unlock()
	gaps := e.absences.all()
	if at = spec.deadline(state, gaps); at.IsZero() {
		return at, found
	}
	switch h, p := spec.Heartbeat, spec.Passive; {
	case h != nil && at.Equal(h.Overrun(state.Begun, gaps)):
		found = probe.Result{State: probe.Critical, Output: fmt.Sprintf("the job runs since %s, longer than %s", stamp(state.Begun), h.MaxRun)}
	case h != nil:
		_, expected := h.Deadline(state.Pushed, gaps)
		found = probe.Result{State: probe.Critical, Output: fmt.Sprintf("no ping since %s, one was expected at %s", stamp(state.Pushed), stamp(expected))}
	case p != nil:
		found = probe.Result{State: p.Stale(), Output: fmt.Sprintf("no result since %s: it is stale after %s", stamp(state.Pushed), p.StaleAfter)}
	}
	return at, found
}

// stamp is a time as outputs name it.
func stamp(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05 MST") }

// judge looks at a target from which something is overdue. It is looked at
// again when the next one would be.
func (e *engine) judge(ctx context.Context, t *target) {
	t.turn <- struct{}{}
	defer func() { <-t.turn }()
	now := e.c.deps.Clock.Now()
	at, found := e.overdue(t)
	if at.IsZero() || at.After(now) {
		e.expect(t)
		return
	}
	found.Started = now
	if _, _, err := e.conclude(ctx, t, finding{res: found, at: now}); err != nil {
		return
	}
	e.schedule.Set(t.id, e.lookAgain(t, now), now)
}

// lookAgain is when a target that is overdue is looked at once more.
func (e *engine) lookAgain(t *target, now time.Time) time.Time {
	t.mu.Lock()
	defer t.mu.Unlock()
	wait := time.Hour
	if h := t.check.Spec.Heartbeat; h != nil {
		wait = max(h.Expected(now).Sub(now), time.Minute)
	} else if p := t.check.Spec.Passive; p != nil && p.StaleAfter > 0 {
		wait = max(p.StaleAfter.Std(), time.Minute)
	}
	return now.Add(min(wait, 24*time.Hour))
}
