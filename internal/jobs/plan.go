package jobs

import (
	"fmt"
	"time"
)

// Defaults of what a runbook leaves open.
const (
	defaultRunTimeout      = time.Hour
	defaultStepTimeout     = 10 * time.Minute
	defaultApprovalTimeout = 24 * time.Hour
	defaultBackoff         = 5 * time.Second
	longestBackoff         = time.Hour
)

// move is one transition the planner asks for.
type move struct {
	step   int // index, or -1 for the run itself
	event  string
	reason string
}

// plan says what follows from the state of a run that is not queued: which
// steps start, end or expire, and whether the run is over. wake is when to ask
// again if nothing happens before; zero is never. It is a pure function: all
// that decides is in its arguments.
func plan(r *Run, now time.Time) (moves []move, wake time.Time) {
	if final(r.State) || r.State == Queued {
		return nil, time.Time{}
	}
	p := &planner{run: r, def: r.Definition, now: now}
	switch {
	case r.State == Cancelling:
		p.endOpen("cancel", "the run was cancelled")
	case p.broken():
		p.endOpen("skip", "the run failed before it came to this step")
	default:
		p.advance()
	}
	p.finish()
	return p.moves, p.wake
}

type planner struct {
	run   *Run
	def   *Runbook
	now   time.Time
	moves []move
	wake  time.Time
}

func (p *planner) move(step int, event, reason string) {
	p.moves = append(p.moves, move{step, event, reason})
}

func (p *planner) wakeAt(t time.Time) {
	if p.wake.IsZero() || t.Before(p.wake) {
		p.wake = t
	}
}

// broken says that nothing further may start: the run took too long or a step
// that stops it has failed.
func (p *planner) broken() bool {
	if p.run.Error != "" {
		return true
	}
	for i := range p.run.Steps {
		if p.stops(i) {
			return true
		}
	}
	return false
}

func (p *planner) stops(i int) bool {
	state := p.run.Steps[i].State
	return (state == Failed || state == Interrupted) && p.def.Steps[i].OnFailure != ContinueOnFailure
}

// endOpen ends all steps that are not under way.
func (p *planner) endOpen(event, reason string) {
	for i := range p.run.Steps {
		switch p.run.Steps[i].State {
		case Pending, Waiting, Retrying:
			p.move(i, event, reason)
		}
	}
}

// advance starts what is ready and expires what has waited too long.
func (p *planner) advance() {
	for i := range p.run.Steps {
		s, def := &p.run.Steps[i], &p.def.Steps[i]
		switch s.State {
		case Pending:
			switch {
			case !p.ready(i):
			case def.Approval != nil:
				p.move(i, "ask", def.Approval.Message)
				p.wakeAt(p.now.Add(def.Timeout.or(defaultApprovalTimeout)))
			default:
				p.move(i, "start", "")
			}
		case Retrying:
			if s.RetryAt == nil || !s.RetryAt.After(p.now) {
				p.move(i, "start", "")
			} else {
				p.wakeAt(*s.RetryAt)
			}
		case Waiting:
			if end := s.StartedAt.Add(def.Timeout.or(defaultApprovalTimeout)); end.After(p.now) {
				p.wakeAt(end)
			} else {
				p.move(i, "fail", fmt.Sprintf("nobody decided within %s", def.Timeout.or(defaultApprovalTimeout)))
			}
		}
	}
	p.wakeAt(p.run.StartedAt.Add(p.def.Timeout.or(defaultRunTimeout)))
}

// ready says that everything the step needs is over.
func (p *planner) ready(i int) bool {
	for _, j := range p.def.needs(i) {
		if !over(p.run.Steps[j].State) {
			return false
		}
	}
	return true
}

// finish ends the run when, after the moves, every step is over.
func (p *planner) finish() {
	ended := map[int]bool{}
	for _, m := range p.moves {
		ended[m.step] = m.event == "cancel" || m.event == "skip"
	}
	reason := p.run.Error
	for i := range p.run.Steps {
		if !over(p.run.Steps[i].State) && !ended[i] {
			return
		}
		if reason == "" && p.stops(i) {
			reason = fmt.Sprintf("step %q %s: %s", p.run.Steps[i].ID, p.run.Steps[i].State, p.run.Steps[i].Message)
		}
	}
	switch {
	case p.run.State == Cancelling:
		p.move(-1, "settle", p.run.Error)
	case reason != "":
		p.move(-1, "fail", reason)
	default:
		p.move(-1, "succeed", "")
	}
}

// expired says that a running run has used up its time.
func (r *Run) expired(now time.Time) bool {
	return r.State == Running && r.Error == "" && !now.Before(r.StartedAt.Add(r.Definition.Timeout.or(defaultRunTimeout)))
}

// backoff is the delay before the attempt after the given one.
func (s *Step) backoff(attempt int) time.Duration {
	d := defaultBackoff
	if s.Retry != nil {
		d = s.Retry.Backoff.or(defaultBackoff)
	}
	for i := 1; i < attempt && d < longestBackoff; i++ {
		d *= 2
	}
	return min(d, longestBackoff)
}
