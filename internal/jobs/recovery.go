package jobs

import (
	"context"
	"errors"
	"fmt"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/ledger"
	"mainstay/internal/platform/sqldb"
	"mainstay/internal/platform/tasks"
)

// withoutChecks is how long a situation that no check can verify may take to
// clear by itself after the run.
const withoutChecks = 5 * time.Minute

// runEnded says what follows for a decision when its run is over: success has
// yet to be verified, anything else is a failed attempt.
func (c *Component) runEnded(ctx context.Context, tx *sqldb.Tx, run *Run) error {
	d, err := lockDecision(ctx, tx, run.Decision)
	if err != nil || d.State != Started {
		return err
	}
	if run.State == Succeeded {
		d.State, d.UpdatedAt = Verifying, c.deps.Clock.Now()
		if err := saveDecision(ctx, tx, d); err != nil {
			return err
		}
		return c.deps.Tasks.Enqueue(ctx, tx, tasks.Task{Queue: runsQueue, Kind: verifyKind, Key: d.ID, MaxFailures: -1, Priority: 10,
			Args: verification{d.ID, run.entry, c.deps.Clock.Now()}})
	}
	if run.State == Cancelled && !run.acted() {
		if _, err := loadSubject(ctx, tx, d.Kind, d.SubjectID); errors.Is(err, sqldb.ErrNoRows) {
			d.State = Expired
			return c.decide(ctx, tx, d, "jobs.remediation.expired", ledger.System("jobs"), d.Remediation+": "+wasOver, run.entry)
		} else if err != nil {
			return err
		}
	}
	d.Why = fmt.Sprintf("the run %s: %s", run.State, run.Error)
	return c.unhealed(ctx, tx, d, run.entry)
}

const wasOver = "it was over before the run had done anything"

// spare cancels the runs for a subject that is over, as when an earlier attempt
// whose end nobody saw has helped after all. A run that has begun to act is
// left to finish what it does.
func (c *Component) spare(ctx context.Context, tx *sqldb.Tx, s subject) error {
	rows, err := tx.Query(ctx, "SELECT run FROM jobs_decision WHERE subject_id = $1 AND subject_kind = $2 AND active AND state = 'started' ORDER BY run", s.id, s.kind)
	_, err = c.stopRuns(ctx, tx, rows, err, ledger.System("jobs"), wasOver, func(r *Run) bool { return !r.acted() })
	return err
}

// unhealed records a failed attempt and asks again after the cool-down.
func (c *Component) unhealed(ctx context.Context, tx *sqldb.Tx, d *Decision, cause string) error {
	d.State = Unhealed
	if err := c.decide(ctx, tx, d, "jobs.remediation.failed", ledger.System("jobs"), fmt.Sprintf("%s did not help: %s", d.Remediation, d.Why), cause); err != nil {
		return err
	}
	pause := defaultCoolDown
	if r, found, err := c.loadRemediation(ctx, tx, d.Remediation); err == nil && found {
		pause = r.Guards.CoolDown.or(defaultCoolDown)
	}
	return c.deps.Tasks.Enqueue(ctx, tx, reconsiderTask(d.Remediation, d.Kind, d.SubjectID, c.deps.Clock.Now().Add(pause)))
}

// verification is what a verifying task carries.
type verification struct {
	Decision string    `json:"decision"`
	Cause    string    `json:"cause"` // the entry of the end of the run
	Since    time.Time `json:"since"`
}

// verifyDecision runs the failing checks at once and again until all are well
// or the time is over. Only then is a remediation more than an attempt.
func (c *Component) verifyDecision(ctx context.Context, t tasks.Task) error {
	var what verification
	if err := t.Decode(&what); err != nil {
		return err
	}
	d, err := loadDecision(ctx, c.deps.DB, what.Decision)
	if err != nil || d.State != Verifying {
		return err
	}
	evidence, well, within, err := c.evidence(ctx, d)
	if err != nil {
		return err
	}
	if !well && c.deps.Clock.Now().Sub(what.Since) < within {
		return tasks.Snooze(verifyPause)
	}
	return c.deps.DB.Write(ctx, func(tx *sqldb.Tx) error {
		d, err := lockDecision(ctx, tx, what.Decision)
		if err != nil {
			return err
		}
		if d.State != Verifying {
			return t.Complete(ctx, tx)
		}
		d.Evidence = evidence
		if well {
			d.State, d.Why = Verified, verdictText(evidence, "the "+d.Kind+" is over")
			err = c.decide(ctx, tx, d, "jobs.remediation.verified", ledger.System("jobs"), fmt.Sprintf("%s helped: %s", d.Remediation, d.Why), what.Cause)
			if err == nil {
				err = c.sinceReopened(ctx, tx, d)
			}
		} else {
			d.Why = fmt.Sprintf("not well within %s: %s", within, verdictText(evidence, "no check can tell, and the "+d.Kind+" is still open"))
			err = c.unhealed(ctx, tx, d, what.Cause)
		}
		if err != nil {
			return err
		}
		return t.Complete(ctx, tx)
	})
}

// sinceReopened asks again about a subject that opened again while the
// decision about its last fault was still being verified.
func (c *Component) sinceReopened(ctx context.Context, tx *sqldb.Tx, d *Decision) error {
	s, err := loadSubject(ctx, tx, d.Kind, d.SubjectID)
	if errors.Is(err, sqldb.ErrNoRows) || err == nil && s.opened <= core.Micros(d.CreatedAt) {
		return nil
	}
	if err != nil {
		return err
	}
	return c.deps.Tasks.Enqueue(ctx, tx, reconsiderTask(d.Remediation, d.Kind, d.SubjectID, c.deps.Clock.Now()))
}

func verdictText(evidence []CheckResult, otherwise string) string {
	if len(evidence) == 0 {
		return otherwise
	}
	return describe(evidence)
}

// evidence asks the checks of the decision's subject. Where there are none,
// the end of the subject is the only evidence.
func (c *Component) evidence(ctx context.Context, d *Decision) (evidence []CheckResult, well bool, within time.Duration, err error) {
	r, found, err := c.loadRemediation(ctx, c.deps.DB, d.Remediation)
	if err != nil {
		return nil, false, 0, err
	}
	within = defaultWithin
	if found {
		within = r.Verify.Within.or(defaultWithin)
	}
	if len(d.about.Checks) > 0 && c.deps.Checks != nil {
		evidence, well = c.runChecks(ctx, d.about.Checks)
		return evidence, well, within, ctx.Err()
	}
	_, err = loadSubject(ctx, c.deps.DB, d.Kind, d.SubjectID)
	if errors.Is(err, sqldb.ErrNoRows) {
		return nil, true, within, nil
	}
	return nil, false, max(within, withoutChecks), err
}
