package jobs

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/sqldb"
	"mainstay/internal/platform/tasks"
)

// result is what came of one attempt.
type result struct {
	state    string // Succeeded, Failed, Cancelled, or Interrupted: the outcome is unknown
	message  string
	exitCode *int
	outcome  json.RawMessage
}

func succeeded(message string) result { return result{state: Succeeded, message: message} }

func failure(format string, args ...any) result {
	return result{state: Failed, message: fmt.Sprintf(format, args...)}
}

// mostLost bounds how often a repeatable step is begun again because nobody
// knows how it ended.
const mostLost = 3

// event is the transition of the step that follows from the result.
func (res result) event(run *Run, def *Step, s *StepRun) string {
	going := run.State == Running && run.Error == ""
	switch {
	case res.state == Succeeded:
		return "succeed"
	case res.state == Cancelled:
		return "cancel"
	case res.state == Interrupted && !def.Repeatable:
		return "lose"
	case res.state == Interrupted && going && s.Attempt < max(mostLost, def.attempts()):
		return "retry"
	case res.state == Interrupted:
		return "lose"
	case going && s.Attempt < def.attempts():
		return "retry"
	}
	return "fail"
}

// attempt is one step being executed in this process.
type attempt struct {
	c    *Component
	run  *Run
	def  *Step
	step *StepRun
	out  *outputWriter
}

// runStep is the handler of stepKind. It may be called several times for one
// attempt: after a restart, or when the step asked to be called again.
func (c *Component) runStep(ctx context.Context, t tasks.Task) error {
	var ref runRef
	if err := t.Decode(&ref); err != nil {
		return err
	}
	run, err := loadRun(ctx, c.deps.DB, ref.Run)
	if core.CodeOf(err) == core.CodeNotFound {
		return nil
	}
	if err != nil {
		return err
	}
	s := run.step(ref.Step)
	if s == nil || s.State != Running || s.Attempt != ref.Attempt {
		return nil
	}
	a := &attempt{c: c, run: run, def: &run.Definition.Steps[run.Definition.step(ref.Step)], step: s}
	res, err := a.execute(ctx)
	if errors.Is(err, errSuperseded) {
		return nil
	}
	if err != nil {
		return err
	}
	return c.settle(ctx, t, ref, res)
}

func (a *attempt) execute(ctx context.Context) (result, error) {
	switch a.step.Kind {
	case "shell":
		return a.shell(ctx)
	case "http":
		return a.http(ctx)
	case "wait":
		return a.wait()
	case "verify":
		return a.verify(ctx)
	}
	return failure("this version does not know steps of kind %q", a.step.Kind), nil
}

// ending says why the attempt should stop, or nothing.
func ending(run *Run) (result, bool) {
	switch {
	case run.State == Cancelling || run.State == Cancelled:
		return result{state: Cancelled, message: "the run was cancelled"}, true
	case run.Error != "":
		return result{state: Cancelled, message: run.Error}, true
	}
	return result{}, false
}

// deadline is when the attempt has used up its time.
func (a *attempt) deadline() time.Time {
	return a.step.StartedAt.Add(a.def.Timeout.or(defaultStepTimeout))
}

// mark notes that the attempt is about to have effects, or that after all it
// had none, and what it waits for.
func (a *attempt) mark(ctx context.Context, agent string, dispatched bool, message string) error {
	err := a.c.deps.DB.Write(ctx, func(tx *sqldb.Tx) error {
		return markDispatched(ctx, tx, a.run.ID, a.step, agent, dispatched, message)
	})
	if err == nil {
		a.step.Agent, a.step.dispatched = agent, dispatched
	}
	return err
}

// secrets resolves the named secrets.
func (a *attempt) secrets(ctx context.Context, names []string) (map[string]string, error) {
	values := map[string]string{}
	for _, name := range names {
		if a.c.deps.Secrets == nil {
			return nil, core.Errorf(core.CodeUnavailable, "this installation has no secrets")
		}
		v, err := a.c.deps.Secrets.Resolve(ctx, name, a.run.Ref(), a.run.Team)
		if err != nil {
			return nil, fmt.Errorf("secret %q: %w", name, err)
		}
		values[name] = v
	}
	return values, nil
}

// secrets lists the names the step refers to.
func (s *Step) secrets() (names []string) {
	switch {
	case s.Shell != nil:
		for _, v := range s.Shell.Env {
			if name, ok := strings.CutPrefix(v, secretPrefix); ok {
				names = append(names, name)
			}
		}
	case s.HTTP != nil:
		for _, v := range s.HTTP.Headers {
			names = append(names, secretNames(v)...)
		}
		names = append(names, secretNames(string(s.HTTP.Body))...)
	}
	return names
}

// givesUp says whether an error of a lookup is final: what is not there, or
// not allowed, stays so; anything else may pass.
func givesUp(err error) bool {
	switch core.CodeOf(err) {
	case core.CodeNotFound, core.CodeInvalid, core.CodeForbidden, core.CodeConflict:
		return true
	}
	return false
}

// wait lets time pass without holding a worker.
func (a *attempt) wait() (result, error) {
	if res, end := ending(a.run); end {
		return res, nil
	}
	d := time.Duration(a.def.Wait.Duration)
	if left := a.step.StartedAt.Add(d).Sub(a.c.deps.Clock.Now()); left > 0 {
		return result{}, tasks.Snooze(left)
	}
	return succeeded(fmt.Sprintf("%s have passed", d)), nil
}
