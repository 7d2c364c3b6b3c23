package events

import (
	"context"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/events/pipeline/rulebook"
	"mainstay/internal/platform/sqldb"
)

// act is one event that a transaction lets act, or records.
type act struct {
	o      *observation
	effect Effect // what became of it already; empty when it acts on its alert
	made   bool   // by a rule: no caller waits for its effect
	raise  bool   // the alert of the key gets the severity, unless a person has it
	why    string // of raise
}

// acts says that it needs the alert of its key.
func (a act) acts() bool { return a.effect == "" && a.o.Key != "" && a.o.Kind != core.Notice }

// past is what is recorded of an event beside what acted on alerts.
type past struct {
	Rules       []string          `json:"rules,omitempty"`
	Before      *rulebook.Event   `json:"before,omitempty"`
	Annotations map[string]string `json:"annotations,omitempty"`
	URL         string            `json:"url,omitempty"`
	Check       string            `json:"check,omitempty"`
	Made        bool              `json:"made,omitempty"` // by a rule: nobody sent it
}

func (o *observation) past() string {
	p := past{Before: o.before, Rules: o.by, Made: o.made}
	if o.verdict != nil {
		p.Rules = o.verdict.Names()
	}
	if o.before == nil {
		p.Annotations, p.URL, p.Check = o.Annotations, o.URL, o.Check
	}
	return jsonText(p, p.Before == nil && len(p.Rules) == 0 && len(p.Annotations) == 0 && p.URL == "" && p.Check == "" && !p.Made)
}

func (o *observation) ruled() rulebook.Event {
	return rulebook.Event{Event: o.Event, Annotations: o.Annotations, URL: o.URL, Onset: o.Onset, ExpiresAt: o.ExpiresAt, EndedAt: o.EndedAt, Team: o.Team}
}

func (o *observation) take(e rulebook.Event) {
	o.Event, o.Annotations, o.URL, o.Onset, o.ExpiresAt, o.EndedAt, o.Team = e.Event, e.Annotations, e.URL, e.Onset, e.ExpiresAt, e.EndedAt, e.Team
}

// shape lets the event rules act on an observation. What they make of it has
// to be as good as what a sender may send; otherwise it stays as it came.
func (c *Component) shape(ctx context.Context, o *observation) {
	if c.deps.Pipeline == nil {
		return
	}
	before := o.ruled()
	v, any := c.deps.Pipeline.Shape(ctx, before, o.Received)
	if !any {
		return
	}
	o.take(v.Event)
	if v.Changed {
		o.complete(o.Received, c.config.Alerts)
		if bad := o.check(""); len(bad) > 0 {
			c.deps.Pipeline.Refused(v, core.InvalidAll(bad))
			o.take(before)
			return
		}
		o.before = &before
		v.Event = o.ruled()
	}
	if len(v.Matched) > 0 {
		o.verdict = &v
	}
}

// settle lets the rules that remember act on a batch, in its transaction.
func (c *Component) settle(ctx context.Context, tx *sqldb.Tx, now time.Time, batch []*submission) ([]act, error) {
	var acts []act
	if c.deps.Pipeline == nil || !c.deps.Pipeline.Remembers() {
		for _, s := range batch {
			for _, o := range s.observations {
				acts = append(acts, o.alone())
			}
		}
		return acts, nil
	}
	var list []rulebook.Passing
	var own []*observation
	for _, s := range batch {
		for _, o := range s.observations {
			one := rulebook.Passing{Verdict: o.verdict, Original: o.Key}
			if o.before != nil {
				one.Original = o.before.Key
			}
			if one.Verdict == nil {
				one.Verdict = &rulebook.Verdict{Event: o.ruled()}
			}
			list, own = append(list, one), append(own, o)
		}
	}
	outputs, err := c.deps.Pipeline.Settle(ctx, tx, now, list)
	if err != nil {
		return nil, err
	}
	for i, o := range own {
		for _, out := range outputs[i] {
			acts = append(acts, c.actOf(ctx, o, out, now))
		}
	}
	return acts, nil
}

// alone is what becomes of an event when no rule remembers.
func (o *observation) alone() act {
	a := act{o: o}
	if v := o.verdict; v != nil && v.Dropped != nil {
		a.effect = Dropped
		if v.Dropped.Spec.Discard {
			a.effect = Discarded
		}
	}
	return a
}

// actOf is what leaves the pipeline as the store does it; o is the event that
// was on its way.
func (c *Component) actOf(ctx context.Context, o *observation, out rulebook.Output, now time.Time) act {
	if out.Own {
		if out.Event.Severity == o.Severity && out.Event.Key == o.Key && out.Event.Title == o.Title {
			return act{o: o, effect: Effect(out.Effect)}
		}
		own := *o
		own.take(out.Event)
		if own.before == nil {
			before := o.ruled()
			own.before = &before
		}
		return act{o: &own, effect: Effect(out.Effect)}
	}
	made := &observation{Received: now}
	made.take(out.Event)
	made.ID = ""
	made.by, made.made = out.Rules, true
	if !out.Raise {
		made.complete(now, c.config.Alerts)
		c.place(ctx, made)
	}
	return act{o: made, effect: Effect(out.Effect), made: true, raise: out.Raise, why: out.Why}
}

// raise gives the alert of a key a worse severity, unless a person has it.
func (w *work) raise(ctx context.Context, tx *sqldb.Tx, one act) error {
	a := w.current[one.o.Key]
	if a == nil || !a.Active || a.AckedBy != "" || one.o.Severity <= a.Severity {
		return nil
	}
	a.Severity, a.Worst = one.o.Severity, max(a.Worst, one.o.Severity)
	a.stamp(w.now)
	w.touch(a, whole)
	w.told++
	return w.c.tell(ctx, tx, a, telling{effect: Changed, why: one.why})
}

// Elapse lets time act on what event rules remember, in one transaction: due
// says what leaves the pipeline. It may be called again when that fails.
func (c *Component) Elapse(ctx context.Context, due func(ctx context.Context, tx *sqldb.Tx, now time.Time) ([]rulebook.Output, error)) error {
	_, err := c.write(ctx, func(ctx context.Context, tx *sqldb.Tx, now time.Time) ([]act, error) {
		outputs, err := due(ctx, tx, now)
		acts := make([]act, 0, len(outputs))
		for _, out := range outputs {
			acts = append(acts, c.actOf(ctx, nil, out, now))
		}
		return acts, err
	})
	return err
}

// Standing tells how the alerts of keys stand, as a transaction sees them.
func (c *Component) Standing(ctx context.Context, tx *sqldb.Tx, keys []string) (map[string]rulebook.Standing, error) {
	alerts, err := alertsByKey(ctx, tx, keys)
	found := make(map[string]rulebook.Standing, len(alerts))
	for key, a := range alerts {
		found[key] = rulebook.Standing{Active: a.Active, Acknowledged: a.AckedBy != ""}
	}
	return found, err
}
