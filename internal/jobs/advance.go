package jobs

import (
	"context"
	"fmt"

	"mainstay/internal/core"
	"mainstay/internal/platform/ledger"
	"mainstay/internal/platform/sqldb"
	"mainstay/internal/platform/tasks"
)

// advance is the handler of advanceKind: it brings one run as far as it goes
// without waiting. All of it is one transaction with the end of its task.
func (c *Component) advance(ctx context.Context, t tasks.Task) error {
	var ref runRef
	if err := t.Decode(&ref); err != nil {
		return err
	}
	return c.deps.DB.Write(ctx, func(tx *sqldb.Tx) error {
		run, err := lockRun(ctx, tx, ref.Run)
		if core.CodeOf(err) == core.CodeNotFound {
			return t.Complete(ctx, tx)
		}
		if err != nil {
			return err
		}
		if err := c.progress(ctx, tx, run); err != nil {
			return err
		}
		return t.Complete(ctx, tx)
	})
}

func (c *Component) progress(ctx context.Context, tx *sqldb.Tx, run *Run) error {
	now := c.deps.Clock.Now()
	system := ledger.System("jobs")
	if run.State == Queued {
		admitted, err := c.admit(ctx, tx, run)
		if err != nil || !admitted {
			return err
		}
		run.StartedAt = at(now)
		if err := c.moveRun(ctx, tx, run, "start", "", system); err != nil {
			return err
		}
	}
	if run.expired(now) {
		run.Error = fmt.Sprintf("the run took longer than %s", run.Definition.Timeout.or(defaultRunTimeout))
		if err := c.disturb(ctx, tx, run); err != nil {
			return err
		}
	}
	moves, wake := plan(run, now)
	for _, m := range moves {
		if m.step < 0 {
			if err := c.moveRun(ctx, tx, run, m.event, m.reason, system); err != nil {
				return err
			}
			continue
		}
		s := &run.Steps[m.step]
		if m.event == "start" || m.event == "ask" {
			*s = StepRun{ID: s.ID, Name: s.Name, Kind: s.Kind, State: s.State, Attempt: s.Attempt + 1, StartedAt: at(now)}
		}
		if err := c.moveStep(ctx, tx, run, s, m.event, m.reason, system); err != nil {
			return err
		}
		if m.event == "start" {
			if err := c.deps.Tasks.Enqueue(ctx, tx, stepTask(run.ID, s)); err != nil {
				return err
			}
		}
	}
	if !wake.IsZero() && !final(run.State) {
		next := advanceTask(run.ID)
		next.RunAt = wake
		if err := c.deps.Tasks.Enqueue(ctx, tx, next); err != nil {
			return err
		}
	}
	return saveRun(ctx, tx, run)
}

// admit says whether the run may start now, under its runbook's limit of runs
// at once. The runbook's row is locked so that two runs do not both find the
// last place.
func (c *Component) admit(ctx context.Context, tx *sqldb.Tx, run *Run) (bool, error) {
	if waits, err := c.awaitIncident(ctx, tx, run); err != nil || waits {
		return false, err
	}
	limit := run.Definition.Concurrency
	if limit == 0 {
		return true, nil
	}
	if _, err := tx.Exec(ctx, "UPDATE jobs_runbook SET updated_at = updated_at WHERE name = $1", run.Runbook); err != nil {
		return false, err
	}
	active, oldest, err := others(ctx, tx, run.Runbook)
	return active < limit && (oldest == run.ID || oldest == ""), err
}

// moveRun makes a transition of the run, records it, and does what follows from it.
func (c *Component) moveRun(ctx context.Context, tx *sqldb.Tx, run *Run, event, reason string, actor ledger.Actor) error {
	next, err := c.machine.next("run", run.State, event)
	if err != nil {
		return err
	}
	wasQueued := run.State == Queued
	run.State = next
	if reason != "" {
		run.Error = reason
	}
	switch {
	case next == Running:
		err = c.record(ctx, tx, run, actor, "jobs.run.started", run.Title+": started", nil)
	case next == Cancelling:
		err = c.record(ctx, tx, run, actor, "jobs.run.cancelling", run.Title+": to be cancelled", nil)
	default:
		err = c.finishRun(ctx, tx, run, actor, wasQueued)
	}
	if err != nil {
		return err
	}
	tx.OnCommit(func() { c.signals.notify(run.ID) })
	return saveRun(ctx, tx, run)
}

func (c *Component) finishRun(ctx context.Context, tx *sqldb.Tx, run *Run, actor ledger.Actor, wasQueued bool) error {
	run.FinishedAt = at(c.deps.Clock.Now())
	if err := c.learnIncident(ctx, run); err != nil {
		return err
	}
	if wasQueued {
		for i := range run.Steps {
			if err := c.moveStep(ctx, tx, run, &run.Steps[i], "cancel", "the run was cancelled before it started", actor); err != nil {
				return err
			}
		}
	}
	summary := fmt.Sprintf("%s: %s", run.Title, run.State)
	if run.Error != "" {
		summary += ": " + run.Error
	}
	if err := c.record(ctx, tx, run, actor, "jobs.run.finished", summary, nil); err != nil {
		return err
	}
	if run.Decision != "" {
		if err := c.runEnded(ctx, tx, run); err != nil {
			return err
		}
	}
	if run.Definition.Concurrency == 0 {
		return nil
	}
	if err := saveRun(ctx, tx, run); err != nil { // so that it does not count itself
		return err
	}
	_, oldest, err := others(ctx, tx, run.Runbook)
	if err != nil || oldest == "" {
		return err
	}
	return c.enqueueAdvance(ctx, tx, oldest)
}

// moveStep makes a transition of a step and records it.
func (c *Component) moveStep(ctx context.Context, tx *sqldb.Tx, run *Run, s *StepRun, event, message string, actor ledger.Actor) error {
	next, err := c.machine.next("step", s.State, event)
	if err != nil {
		return err
	}
	now := c.deps.Clock.Now()
	had := s.State
	s.State, s.Message = next, message
	if over(next) {
		s.FinishedAt, s.RetryAt = at(now), nil
	}
	if had == Running {
		if err := insertAttempt(ctx, tx, run.ID, s, attemptState(next), now); err != nil {
			return err
		}
	}
	if typ := stepEntry(had, next); typ != "" {
		summary := fmt.Sprintf("%s: step %s %s", run.Title, s.Name, next)
		if message != "" {
			summary += ": " + message
		}
		if err := c.record(ctx, tx, run, actor, typ, summary, s); err != nil {
			return err
		}
	}
	tx.OnCommit(func() { c.signals.notify(run.ID) })
	return saveStep(ctx, tx, run.ID, s)
}

// attemptState is what a try was, whatever becomes of its step.
func attemptState(next string) string {
	if next == Retrying {
		return Failed
	}
	return next
}

// stepEntry is the ledger type of a transition; steps that never began leave
// no trace there.
func stepEntry(had, next string) string {
	switch {
	case next == Running:
		return "jobs.run.step.started"
	case next == Waiting:
		return "jobs.run.step.waiting"
	case next == Retrying:
		return "jobs.run.step.retrying"
	case had == Running || had == Waiting || had == Retrying:
		return "jobs.run.step.finished"
	}
	return ""
}

// settle ends an attempt with what came of it. It is one transaction with the
// end of the attempt's task, so an attempt ends once.
func (c *Component) settle(ctx context.Context, t tasks.Task, ref runRef, res result) error {
	return c.deps.DB.Write(ctx, func(tx *sqldb.Tx) error {
		run, err := lockRun(ctx, tx, ref.Run)
		if err != nil {
			return err
		}
		s := run.step(ref.Step)
		if s == nil || s.State != Running || s.Attempt != ref.Attempt {
			return t.Complete(ctx, tx)
		}
		def := &run.Definition.Steps[run.Definition.step(ref.Step)]
		event := res.event(run, def, s)
		s.ExitCode, s.Outcome = res.exitCode, res.outcome
		if event == "retry" {
			s.RetryAt = at(c.deps.Clock.Now().Add(def.backoff(s.Attempt)))
		}
		if err := c.moveStep(ctx, tx, run, s, event, res.message, ledger.System("jobs")); err != nil {
			return err
		}
		if err := saveRun(ctx, tx, run); err != nil {
			return err
		}
		if err := c.enqueueAdvance(ctx, tx, run.ID); err != nil {
			return err
		}
		return t.Complete(ctx, tx)
	})
}
