package logstore

import (
	"context"
	"fmt"
	"time"

	"mainstay/internal/core"
)

// Events takes what a store has to tell of itself.
type Events interface {
	Accept(ctx context.Context, events []core.Event) error
}

const (
	lookEvery   = 2 * time.Second
	downAfter   = 30 * time.Second // an engine that starts, or starts again, is not worth an alarm
	refuseQuiet = time.Minute      // without refusals before that is called over
)

// alarm is one condition of a store that people should know of.
type alarm struct {
	key      string
	severity core.Severity
	title    string
	over     string
	raised   bool // as last accepted
}

// watch tells Events of what is wrong, and when it no longer is, until ctx
// ends. What is not accepted is told again.
func (s *Store) watch(ctx context.Context) {
	name := s.cfg.Dataset
	disk := &alarm{key: "disk", severity: core.Critical, title: fmt.Sprintf("The %s store takes nothing in: the disk is nearly full", name), over: fmt.Sprintf("The %s store takes records in again", name)}
	down := &alarm{key: "down", severity: core.Major, title: fmt.Sprintf("The %s store does not answer", name), over: fmt.Sprintf("The %s store answers again", name)}
	full := &alarm{key: "spool", severity: core.Critical, title: fmt.Sprintf("Records for the %s store are refused: its spool is full", name), over: fmt.Sprintf("Records for the %s store are accepted again", name)}
	ids := core.NewIDs(s.deps.Clock, nil)
	readyAt := s.deps.Clock.Now()
	var refusedAt time.Time
	var refused int64
	for {
		timer := s.deps.Clock.NewTimer(lookEvery)
		select {
		case <-timer.C():
		case <-ctx.Done():
			timer.Stop()
			return
		}
		now := s.deps.Clock.Now()
		s.mu.Lock()
		state := s.state
		s.mu.Unlock()
		if state.Ready {
			readyAt = now
		}
		if n := s.refused.Load(); n > refused {
			refused, refusedAt = n, now
		}
		s.tell(ctx, ids, disk, state.ReadOnly)
		s.tell(ctx, ids, down, now.Sub(readyAt) > downAfter)
		s.tell(ctx, ids, full, !refusedAt.IsZero() && now.Sub(refusedAt) < refuseQuiet)
	}
}

// tell sends an event when the condition is not as last told.
func (s *Store) tell(ctx context.Context, ids *core.IDs, a *alarm, holds bool) {
	if holds == a.raised {
		return
	}
	event := core.Event{ID: ids.New(), At: s.deps.Clock.Now(), Source: "logstore", Kind: core.Problem, Severity: a.severity, Key: "logstore:" + s.cfg.Dataset + ":" + a.key, Title: a.title}
	if !holds {
		event.Kind, event.Severity, event.Title = core.Cleared, core.Clear, a.over
	}
	if err := s.deps.Events.Accept(ctx, []core.Event{event}); err != nil {
		s.deps.Log.Debug("log store: event not accepted yet", "dataset", s.cfg.Dataset, "error", err)
		return
	}
	a.raised = holds
}
