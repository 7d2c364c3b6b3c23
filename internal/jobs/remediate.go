package jobs

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/expression"
	"mainstay/internal/platform/ledger"
	"mainstay/internal/platform/sqldb"
	"mainstay/internal/platform/tasks"
)

// consume answers what the events module tells: effects and the cursor commit
// together, so an entry is answered once.
func (c *Component) consume(ctx context.Context, tx *sqldb.Tx, entries []ledger.Entry) error {
	known, err := c.loadRemediations(ctx, tx)
	if err != nil {
		return err
	}
	for _, e := range entries {
		s, over, ok := subjectOf(e)
		if !ok {
			continue
		}
		if over {
			was, err := s.forget(ctx, tx)
			if err == nil && was {
				err = errors.Join(c.expire(ctx, tx, s, true), c.spare(ctx, tx, s))
			}
			if err != nil {
				return err
			}
			continue
		}
		if len(known[s.kind]) == 0 {
			continue // alerts are many: they are followed only for remediations that look at them
		}
		if err := c.expire(ctx, tx, s, false); err != nil {
			return err
		}
		if err := s.save(ctx, tx, s.reopens(e), core.Micros(c.deps.Clock.Now())); err != nil {
			return err
		}
		if err := c.answer(ctx, tx, known[s.kind], s, byNews); err != nil {
			return err
		}
	}
	return nil
}

// occasion is why a remediation is considered. What was tried already is
// tried again only on some of them.
type occasion int

const (
	byNews  occasion = iota // the ledger told something about the subject
	byRetry                 // a guard may let it pass by now, or the cool-down after a failed attempt is over
)

// permits says whether an earlier decision about the same item allows another.
// One from before the subject opened again does. So does a failed attempt once
// it has cooled down: when it was asked again, another item may have been taken
// for the root cause.
func (o occasion) permits(earlier *Decision, s subject, cooled time.Time) bool {
	switch {
	case earlier.State == Blocked || core.Micros(earlier.CreatedAt) < s.opened:
		return true
	case earlier.State == Unhealed:
		return o != byNews || !earlier.UpdatedAt.After(cooled)
	}
	return false
}

// named is a remediation with its name.
type named struct {
	name string
	*Remediation
}

// loadRemediations reads those that are enabled, by what they look at.
func (c *Component) loadRemediations(ctx context.Context, q sqldb.Querier) (map[string][]named, error) {
	docs, err := c.remediations().list(ctx, q, "Remediation", "enabled")
	known := map[string][]named{}
	for _, doc := range docs {
		r, err := ParseRemediation(doc.Spec)
		if err != nil {
			c.deps.Log.Error("jobs: a stored remediation is not valid", "remediation", doc.Name, "error", err)
			continue // one broken remediation does not stop the others
		}
		known[r.on()] = append(known[r.on()], named{doc.Name, r})
	}
	return known, err
}

// answer considers the remediations for the subject.
func (c *Component) answer(ctx context.Context, tx *sqldb.Tx, remediations []named, s subject, on occasion) error {
	v, err := c.see(ctx, s)
	if err != nil {
		return err
	}
	for _, r := range remediations {
		if err := c.consider(ctx, tx, r.name, r.Remediation, s, v, on); err != nil {
			return err
		}
	}
	return nil
}

// consider decides what one remediation does about a subject.
func (c *Component) consider(ctx context.Context, tx *sqldb.Tx, name string, r *Remediation, s subject, v variables, on occasion) error {
	earlier, err := decisionsOn(ctx, tx, name, s.id)
	if err != nil {
		return err
	}
	earlier = slices.DeleteFunc(earlier, func(d *Decision) bool { return d.Item != s.item })
	if slices.ContainsFunc(earlier, (*Decision).active) {
		return nil
	}
	cooled := c.deps.Clock.Now().Add(-r.Guards.CoolDown.or(defaultCoolDown))
	if len(earlier) > 0 && !on.permits(earlier[0], s, cooled) {
		return nil
	}
	about, err := s.about()
	if err != nil {
		return err
	}
	d := &Decision{ID: c.deps.IDs.New(), Remediation: name, Team: r.Team, Kind: s.kind, SubjectID: s.id, Item: s.item, Runbook: r.Runbook,
		Cause: s.entry, Seen: 1, CreatedAt: c.deps.Clock.Now(), about: about}
	applies, why, err := c.compiled.applies(ctx, r.Condition, v)
	switch {
	case err != nil:
		return c.block(ctx, tx, d, earlier, &objection{guard: guardCondition, why: expression.Line(err)})
	case !applies:
		return nil
	}
	settled := core.FromMicros(s.since).Add(r.Guards.Settle.or(c.cfg.Settle))
	if settled.After(c.deps.Clock.Now()) { // what fails a moment later may be the cause of it
		return c.deps.Tasks.Enqueue(ctx, tx, reconsiderTask(name, s.kind, s.id, settled))
	}
	d.Why = why
	o, err := c.object(ctx, tx, name, r, s)
	if err != nil {
		return err
	}
	if o == nil {
		d.Parameters, o, err = c.prepare(ctx, tx, r, v)
		if err != nil {
			return err
		}
	}
	if o != nil {
		return c.block(ctx, tx, d, earlier, o)
	}
	if r.Mode != Automatic {
		d.State = Proposed
		return c.decide(ctx, tx, d, "jobs.remediation.proposed", ledger.System("jobs"), fmt.Sprintf("%s proposes to run %s", name, r.Runbook), s.entry)
	}
	return c.launch(ctx, tx, d, ledger.System("remediation "+name), s.entry)
}

// prepare evaluates the parameters and checks that the runbook takes them.
func (c *Component) prepare(ctx context.Context, tx *sqldb.Tx, r *Remediation, v variables) (map[string]any, *objection, error) {
	parameters, err := c.compiled.parameters(ctx, r, v)
	if err != nil {
		return nil, &objection{guard: guardRunbook, why: err.Error()}, nil
	}
	book, err := c.loadRunbook(ctx, tx, r.Runbook)
	if err == nil {
		_, err = book.Bind(parameters)
	}
	if err != nil && givesUp(err) {
		return nil, &objection{guard: guardRunbook, why: err.Error()}, nil
	}
	return parameters, nil, err
}

// block records that a guard held the remediation back; the same guard again
// only counts.
func (c *Component) block(ctx context.Context, tx *sqldb.Tx, d *Decision, earlier []*Decision, o *objection) error {
	if !o.retry.IsZero() {
		if err := c.deps.Tasks.Enqueue(ctx, tx, reconsiderTask(d.Remediation, d.Kind, d.SubjectID, o.retry)); err != nil {
			return err
		}
	}
	if len(earlier) > 0 && earlier[0].State == Blocked && earlier[0].Guard == o.guard {
		same := earlier[0]
		same.Seen, same.Why, same.UpdatedAt = same.Seen+1, o.why, c.deps.Clock.Now()
		return saveDecision(ctx, tx, same)
	}
	d.State, d.Guard, d.Why = Blocked, o.guard, o.why
	return c.decide(ctx, tx, d, "jobs.remediation.blocked", ledger.System("jobs"), fmt.Sprintf("%s was held back: %s", d.Remediation, o.why), d.Cause)
}

// launch starts the run of a decision.
func (c *Component) launch(ctx context.Context, tx *sqldb.Tx, d *Decision, actor ledger.Actor, cause string) error {
	d.State, d.Run = Started, c.deps.IDs.New()
	if d.about.Incident == "" {
		incident, err := c.incidentOf(ctx, d.about.Situation)
		if err != nil {
			return err
		}
		d.about.Incident = incident
	}
	if err := c.decide(ctx, tx, d, "jobs.remediation.started", actor, fmt.Sprintf("%s runs %s", d.Remediation, d.Runbook), cause); err != nil {
		return err
	}
	_, err := c.start(ctx, tx, Request{Runbook: d.Runbook, Parameters: d.Parameters, Trigger: ByRemediation, Actor: actor, id: d.Run,
		Why: fmt.Sprintf("%s: %s", d.Remediation, d.Why), Cause: d.Entry, Decision: d.ID, Subject: d.about})
	return err
}

// decide records a decision and its ledger entry.
func (c *Component) decide(ctx context.Context, tx *sqldb.Tx, d *Decision, typ string, actor ledger.Actor, summary, cause string) error {
	ref := core.Ref{Kind: OnSituation, ID: d.about.Situation}
	if ref.ID == "" {
		ref = core.Ref{Kind: d.Kind, ID: d.SubjectID}
	}
	id, err := c.deps.Ledger.Append(ctx, tx, ledger.Entry{Actor: actor, Module: "jobs", Type: typ, Subject: ref, Item: d.Item, Team: d.Team,
		Summary: summary, Data: d.data(), Cause: cause})
	if err != nil {
		return err
	}
	d.Entry, d.UpdatedAt = id, c.deps.Clock.Now()
	return saveDecision(ctx, tx, d)
}

// expire ends proposals for a subject that is over, or whose root cause is
// another item by now.
func (c *Component) expire(ctx context.Context, tx *sqldb.Tx, s subject, over bool) error {
	rows, err := tx.Query(ctx, "SELECT "+decisionColumns+" FROM jobs_decision WHERE subject_id = $1 AND active AND state = 'proposed'", s.id)
	open, err := sqldb.Collect(rows, err, func(r *sqldb.Rows) (*Decision, error) { return scanDecision(r.Scan) })
	if err != nil {
		return err
	}
	for _, d := range open {
		if !over && d.Item == s.item {
			continue
		}
		d.State = Expired
		summary := d.Remediation + ": it was over before anybody decided"
		if !over {
			summary = d.Remediation + ": the root cause has moved before anybody decided"
		}
		if err := c.decide(ctx, tx, d, "jobs.remediation.expired", ledger.System("jobs"), summary, s.entry); err != nil {
			return err
		}
	}
	return nil
}

// Answer is a person's decision on a proposal.
func (c *Component) Answer(ctx context.Context, id string, approve bool, comment string) (d *Decision, err error) {
	actor := actorOf(ctx)
	err = c.deps.DB.Write(ctx, func(tx *sqldb.Tx) error {
		if d, err = lockDecision(ctx, tx, id); err != nil {
			return err
		}
		r, found, err := c.loadRemediation(ctx, tx, d.Remediation)
		if err != nil {
			return err
		}
		team := d.Team
		if found {
			team = r.approvers()
		}
		if err := permit(ctx, "approvals:act", team); err != nil {
			return err
		}
		if d.State != Proposed {
			return core.Errorf(core.CodeConflict, "the decision is %s, not proposed", d.State)
		}
		d.DecidedBy = actor.Name
		if comment != "" {
			d.Why += "; " + actor.Name + ": " + comment
		}
		if !approve {
			d.State = Rejected
			return c.decide(ctx, tx, d, "jobs.remediation.rejected", actor, fmt.Sprintf("%s rejected %s", actor.Name, d.Remediation), d.Entry)
		}
		if !found || !r.enabled() {
			return core.Errorf(core.CodeConflict, "the remediation %q is not there or not enabled any more", d.Remediation)
		}
		if on, by, err := killSwitch(ctx, tx); err != nil || on {
			return errors.Join(err, core.Errorf(core.CodeConflict, "remediation was switched off by %s", by))
		}
		return c.launch(ctx, tx, d, actor, d.Entry)
	})
	return d, err
}

// reconsideration asks again what a remediation does about a subject.
type reconsideration struct {
	Remediation string `json:"remediation"`
	Kind        string `json:"kind"`
	Subject     string `json:"subject"`
}

func reconsiderTask(remediation, kind, id string, at time.Time) tasks.Task {
	return tasks.Task{Queue: runsQueue, Kind: reconsiderKind, Key: remediation + "/" + id, Again: true, RunAt: at,
		Args: reconsideration{remediation, kind, id}}
}

func (c *Component) reconsider(ctx context.Context, t tasks.Task) error {
	var what reconsideration
	if err := t.Decode(&what); err != nil {
		return err
	}
	return c.deps.DB.Write(ctx, func(tx *sqldb.Tx) error {
		s, err := loadSubject(ctx, tx, what.Kind, what.Subject)
		if errors.Is(err, sqldb.ErrNoRows) {
			return t.Complete(ctx, tx) // it is over
		}
		if err != nil {
			return err
		}
		r, found, err := c.loadRemediation(ctx, tx, what.Remediation)
		if err != nil && found {
			return tasks.Permanent(err)
		}
		if err != nil {
			return err
		}
		if found && r.enabled() {
			v, err := c.see(ctx, s)
			if err != nil {
				return err
			}
			if err := c.consider(ctx, tx, what.Remediation, r, s, v, byRetry); err != nil {
				return err
			}
		}
		return t.Complete(ctx, tx)
	})
}

// reconsiderBlocked asks again for everything that a guard holds back.
func (c *Component) reconsiderBlocked(ctx context.Context, tx *sqldb.Tx, guard string) error {
	rows, err := tx.Query(ctx, `SELECT DISTINCT d.remediation, d.subject_kind, d.subject_id FROM jobs_decision AS d
		JOIN jobs_subject AS s ON s.kind = d.subject_kind AND s.id = d.subject_id WHERE d.state = 'blocked' AND d.guard = $1`, guard)
	held, err := sqldb.Collect(rows, err, func(r *sqldb.Rows) (w reconsideration, err error) {
		return w, r.Scan(&w.Remediation, &w.Kind, &w.Subject)
	})
	if err != nil {
		return err
	}
	var again []tasks.Task
	for _, w := range held {
		again = append(again, reconsiderTask(w.Remediation, w.Kind, w.Subject, time.Time{}))
	}
	return c.deps.Tasks.Enqueue(ctx, tx, again...)
}

func (c *Component) loadRemediation(ctx context.Context, q sqldb.Querier, name string) (r *Remediation, found bool, err error) {
	var spec json.RawMessage
	if spec, found, err = c.remediations().get(ctx, q, name); err != nil || !found {
		return nil, false, err
	}
	r, err = ParseRemediation(spec)
	return r, true, err
}
