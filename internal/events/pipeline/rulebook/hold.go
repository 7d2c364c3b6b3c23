package rulebook

import (
	"time"

	"mainstay/internal/core"
)

// threshold counts what belongs together. Once reached, everything passes
// until nothing came for as long as is counted.
func (m *Machine) threshold(r *Rule, step Step, e *Event) Effect {
	t := r.Spec.Threshold
	key := step.Group
	if key == "" {
		key = e.Key
	}
	rec := m.Book.get(Threshold, r.ID, key)
	if rec == nil {
		if rec = m.Book.make(Threshold, r.ID, key); rec == nil {
			return Passed
		}
	}
	within := t.Within.Std()
	if rec.Open && m.Now.Sub(rec.Last) > within {
		rec.Open, rec.Times = false, nil
	}
	oldest := core.Micros(m.Now.Add(-within))
	times := append(rec.Times[:0:0], rec.Times...)
	for len(times) > 0 && times[0] < oldest || len(times) >= t.Count {
		times = times[1:]
	}
	rec.Times, rec.Last, rec.Due = append(times, core.Micros(m.Now)), m.Now, m.Now.Add(within+time.Second)
	rec.Open = rec.Open || len(rec.Times) >= t.Count
	m.Book.touch(rec)
	if rec.Open {
		return Passed
	}
	r.Counts.Held.Add(1)
	return Held
}

// hold keeps a problem back until it has lasted.
func (m *Machine) hold(r *Rule, rest []Step, e *Event) Effect {
	rec := m.Book.get(Hold, r.ID, e.Key)
	if rec == nil {
		if rec = m.Book.make(Hold, r.ID, e.Key); rec == nil {
			return Passed
		}
		rec.Since, rec.Due = m.Now, m.Now.Add(r.Spec.Hold.Std())
	}
	if rec.Open {
		if rec.Due.Sub(m.Now) < forgetAfter-refreshAfter {
			rec.Due = m.Now.Add(forgetAfter)
			m.Book.touch(rec)
		}
		return Passed
	}
	held := *e
	rec.Event, rec.Steps = &held, rest
	m.Book.touch(rec)
	r.Counts.Held.Add(1)
	return Held
}

// release tells a problem that was not cleared in time.
func (m *Machine) release(r *Rule, rec *Record) []Output {
	if rec.Open || rec.Event == nil {
		m.Book.remove(rec)
		return nil
	}
	e, steps := later(*rec.Event, m.Now), rec.Steps
	if r == nil {
		m.Book.remove(rec)
	} else {
		rec.Open, rec.Event, rec.Steps, rec.Due = true, nil, nil, m.Now.Add(forgetAfter)
		m.Book.touch(rec)
	}
	return m.problem(e, steps, []string{rec.Rule})
}

// escalate gives an event the severity that its alert was raised to.
func (m *Machine) escalate(r *Rule, e *Event) {
	rec := m.Book.get(Escalate, r.ID, e.Key)
	if rec == nil {
		if rec = m.Book.make(Escalate, r.ID, e.Key); rec == nil {
			return
		}
		rec.Since, rec.Due = m.Now, m.Now.Add(r.Spec.Escalate[0].After.Std())
		m.Book.touch(rec)
	}
	e.Severity = max(e.Severity, rec.Severity)
}

// raise raises the severity of an alert that nobody has acknowledged.
func (m *Machine) raise(r *Rule, rec *Record, stand func(string) Standing) []Output {
	if r == nil || rec.Stage >= len(r.Spec.Escalate) {
		m.Book.remove(rec)
		return nil
	}
	s := stand(rec.Key)
	if !s.Active {
		m.Book.remove(rec)
		return nil
	}
	step := r.Spec.Escalate[rec.Stage]
	rec.Stage++
	rec.Due = m.Now.Add(forgetAfter)
	if rec.Stage < len(r.Spec.Escalate) {
		rec.Due = rec.Since.Add(r.Spec.Escalate[rec.Stage].After.Std())
	}
	m.Book.touch(rec)
	if s.Acknowledged {
		return nil
	}
	rec.Severity, _ = core.ParseSeverity(step.Severity)
	r.Counts.Raised.Add(1)
	return []Output{{Raise: true, Rules: []string{r.ID}, Why: "Nobody has acknowledged it for " + step.After.String() + ".",
		Event: Event{Event: core.Event{Key: rec.Key, Severity: rec.Severity}}}}
}
