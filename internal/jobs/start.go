package jobs

import (
	"context"
	"errors"
	"fmt"

	"mainstay/internal/core"
	"mainstay/internal/platform/ledger"
	"mainstay/internal/platform/sqldb"
	"mainstay/internal/platform/tasks"
)

// Request asks for a run.
type Request struct {
	Runbook    string
	Parameters map[string]any
	Trigger    Trigger
	Actor      ledger.Actor
	Why        string
	Cause      string // ledger entry
	Decision   string
	RerunOf    string
	Subject

	id string // when the caller has chosen it
}

// Run starts a runbook: the run is recorded when it returns, and executed from then on.
func (c *Component) Run(ctx context.Context, req Request) (run *Run, err error) {
	err = c.deps.DB.Write(ctx, func(tx *sqldb.Tx) error {
		run, err = c.start(ctx, tx, req)
		return err
	})
	return run, err
}

// start records a run in the caller's transaction.
func (c *Component) start(ctx context.Context, tx *sqldb.Tx, req Request) (*Run, error) {
	book, err := c.loadRunbook(ctx, tx, req.Runbook)
	if err != nil {
		return nil, err
	}
	parameters, err := book.Bind(req.Parameters)
	if err != nil {
		return nil, err
	}
	if req.id == "" {
		req.id = c.deps.IDs.New()
	}
	run := &Run{
		ID: req.id, Runbook: req.Runbook, Title: book.title(req.Runbook), State: Queued, Trigger: req.Trigger, Actor: req.Actor,
		Why: req.Why, Cause: req.Cause, Decision: req.Decision, RerunOf: req.RerunOf, Team: book.Team, Parameters: parameters,
		Subject: req.Subject, CreatedAt: c.deps.Clock.Now(), Definition: book, Steps: newSteps(book), entry: req.Cause,
	}
	if err := c.record(ctx, tx, run, req.Actor, "jobs.run.requested", fmt.Sprintf("%s: run requested", run.Title), nil); err != nil {
		return nil, err
	}
	if err := insertRun(ctx, tx, run); err != nil {
		return nil, err
	}
	return run, c.enqueueAdvance(ctx, tx, run.ID)
}

func (r *Runbook) title(name string) string {
	if r.Title != "" {
		return r.Title
	}
	return name
}

func (c *Component) enqueueAdvance(ctx context.Context, tx *sqldb.Tx, run string) error {
	return c.deps.Tasks.Enqueue(ctx, tx, advanceTask(run))
}

func advanceTask(run string) tasks.Task {
	return tasks.Task{Queue: runsQueue, Kind: advanceKind, Key: run, Again: true, MaxFailures: -1, Args: runRef{Run: run}}
}

// runRef is what the tasks of a run carry.
type runRef struct {
	Run     string `json:"run"`
	Step    string `json:"step,omitempty"`
	Attempt int    `json:"attempt,omitempty"`
}

func stepTask(run string, s *StepRun) tasks.Task {
	queue := stepsQueue
	if s.Kind == "http" {
		queue = requestsQueue
	}
	return tasks.Task{Queue: queue, Kind: stepKind, Key: execution(run, s.ID, s.Attempt), Again: true, MaxFailures: -1,
		Args: runRef{run, s.ID, s.Attempt}}
}

// record appends a ledger entry about the run; it becomes the cause of the next one.
func (c *Component) record(ctx context.Context, tx *sqldb.Tx, r *Run, actor ledger.Actor, typ, summary string, s *StepRun) error {
	data := map[string]any{"run": r.ID, "runbook": r.Runbook, "status": r.State, "situation": r.Situation, "alert": r.Alert,
		"incident": r.Incident, "item": r.Item, "trigger": r.Trigger, "decision": r.Decision, "why": r.Why, "error": r.Error}
	if s != nil {
		data["step"], data["attempt"], data["stepStatus"], data["message"], data["agent"] = s.ID, s.Attempt, s.State, s.Message, s.Agent
		if s.ExitCode != nil {
			data["exitCode"] = *s.ExitCode
		}
	}
	id, err := c.deps.Ledger.Append(ctx, tx, ledger.Entry{
		Actor: actor, Module: "jobs", Type: typ, Subject: r.Ref(), Item: r.Item, Team: r.Team, Summary: summary, Data: []byte(marshal(data)), Cause: r.entry,
	})
	r.entry = id
	return err
}

// Cancel ends a run: what has not begun never will, what is under way is told to stop.
func (c *Component) Cancel(ctx context.Context, id string, actor ledger.Actor, why string) (run *Run, err error) {
	err = c.deps.DB.Write(ctx, func(tx *sqldb.Tx) error {
		if run, err = lockRun(ctx, tx, id); err != nil {
			return err
		}
		if run.State == Cancelling {
			return nil
		}
		return c.stop(ctx, tx, run, actor, why)
	})
	return run, err
}

func (c *Component) stop(ctx context.Context, tx *sqldb.Tx, run *Run, actor ledger.Actor, why string) error {
	if err := c.moveRun(ctx, tx, run, "cancel", why, actor); err != nil {
		return err
	}
	return c.disturb(ctx, tx, run)
}

// stopRuns cancels those of the selected runs that are under way and meant.
func (c *Component) stopRuns(ctx context.Context, tx *sqldb.Tx, rows *sqldb.Rows, err error, actor ledger.Actor, why string, meant func(*Run) bool) (stopped int, _ error) {
	ids, err := sqldb.Collect(rows, err, func(r *sqldb.Rows) (id string, err error) { return id, r.Scan(&id) })
	if err != nil {
		return 0, err
	}
	for _, id := range ids {
		run, err := lockRun(ctx, tx, id)
		if err != nil {
			return 0, err
		}
		if run.State != Queued && run.State != Running || !meant(run) {
			continue // it may have ended while it was waited for
		}
		if err := c.stop(ctx, tx, run, actor, why); err != nil {
			return 0, err
		}
		stopped++
	}
	return stopped, nil
}

// disturb makes the steps under way look at their run, and the planner at all of it.
func (c *Component) disturb(ctx context.Context, tx *sqldb.Tx, run *Run) error {
	again := []tasks.Task{advanceTask(run.ID)}
	for i := range run.Steps {
		if run.Steps[i].State == Running {
			again = append(again, stepTask(run.ID, &run.Steps[i]))
		}
	}
	tx.OnCommit(func() { c.signals.notify(run.ID) })
	return c.deps.Tasks.Enqueue(ctx, tx, again...)
}

// Decide approves or rejects a step that waits for it.
func (c *Component) Decide(ctx context.Context, id, step string, approve bool, actor ledger.Actor, comment string, allowed func(team string) bool) (run *Run, err error) {
	event, verb := "approve", "approved"
	if !approve {
		event, verb = "reject", "rejected"
	}
	err = c.deps.DB.Write(ctx, func(tx *sqldb.Tx) error {
		if run, err = lockRun(ctx, tx, id); err != nil {
			return err
		}
		s := run.step(step)
		if s == nil {
			return core.NotFound("step", step)
		}
		if s.Kind != "approval" {
			return core.Errorf(core.CodeConflict, "step %q is not an approval", step)
		}
		team := run.Definition.Steps[run.Definition.step(step)].Approval.Team
		if team == "" {
			team = run.Team
		}
		if !allowed(team) {
			return core.Errorf(core.CodeForbidden, "only team %s decides on this step", team)
		}
		s.DecidedBy = actor.Name
		message := verb + " by " + actor.Name
		if comment != "" {
			message += ": " + comment
		}
		if err := c.moveStep(ctx, tx, run, s, event, message, actor); err != nil {
			return err
		}
		return errors.Join(saveRun(ctx, tx, run), c.enqueueAdvance(ctx, tx, run.ID))
	})
	return run, err
}

// Rerun starts the runbook again, as it is defined now, with the parameters
// and the subject of an earlier run.
func (c *Component) Rerun(ctx context.Context, id string, actor ledger.Actor, trigger Trigger) (run *Run, err error) {
	err = c.deps.DB.Write(ctx, func(tx *sqldb.Tx) error {
		old, err := loadRun(ctx, tx, id)
		if err != nil {
			return err
		}
		req := Request{Runbook: old.Runbook, Parameters: map[string]any{}, Trigger: trigger, Actor: actor, Why: "rerun of " + old.ID,
			RerunOf: old.ID, Subject: old.Subject, Cause: old.entry}
		for name, v := range old.Parameters {
			if v != "" {
				req.Parameters[name] = v
			}
		}
		run, err = c.start(ctx, tx, req)
		return err
	})
	return run, err
}

// ReadRun returns a run with its steps.
func (c *Component) ReadRun(ctx context.Context, id string) (*Run, error) {
	return loadRun(ctx, c.deps.DB, id)
}
