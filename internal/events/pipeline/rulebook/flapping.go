package rulebook

import (
	"fmt"
	"time"

	"mainstay/internal/core"
)

// flapping counts how often a condition comes and goes. When it does so too
// often one alert says so, and stands until it is calm.
func (m *Machine) flapping(r *Rule, e *Event) (Effect, []Output) {
	rec := m.Book.get(Flapping, r.ID, e.Key)
	if rec == nil {
		if rec = m.Book.make(Flapping, r.ID, e.Key); rec == nil {
			return Passed, nil
		}
	}
	if !rec.Observed {
		m.flip(r, rec)
	}
	rec.Observed = true
	latest := *e
	rec.Event, rec.Last = &latest, m.Now
	m.Book.touch(rec)
	if !rec.Open {
		rec.Due = m.Now.Add(forgetAfter)
		if len(rec.Times) < r.Spec.Flapping.Changes {
			return Passed, nil
		}
		rec.Open, rec.Since = true, m.Now
		rec.Due = m.Now.Add(r.Spec.Flapping.Calm.Std())
		*e = flappingEvent(r, latest, len(rec.Times))
		return Passed, nil
	}
	r.Counts.Held.Add(1)
	return Held, nil
}

func flappingEvent(r *Rule, e Event, changes int) Event {
	e.Labels = copied(e.Labels)
	e.Labels["flapping"] = "true"
	e.Title = cut(fmt.Sprintf("Flapping: %s", e.Title), maxText)
	e.Description = cut(fmt.Sprintf("%d changes within %s. %s", changes, r.Spec.Flapping.Within, e.Description), maxDescription)
	return e
}

func cut(s string, most int) string {
	if len(s) <= most {
		return s
	}
	s = s[:most-3]
	for len(s) > 0 && s[len(s)-1]&0xC0 == 0x80 {
		s = s[:len(s)-1]
	}
	if len(s) > 0 && s[len(s)-1]&0xC0 == 0xC0 {
		s = s[:len(s)-1]
	}
	return s + "..."
}

func (m *Machine) flip(r *Rule, rec *Record) {
	oldest := core.Micros(m.Now.Add(-r.Spec.Flapping.Within.Std()))
	times := append(rec.Times[:0:0], rec.Times...)
	for len(times) > 0 && times[0] < oldest || len(times) >= r.Spec.Flapping.Changes {
		times = times[1:]
	}
	rec.Times = append(times, core.Micros(m.Now))
	if rec.Open {
		rec.Due = m.Now.Add(r.Spec.Flapping.Calm.Std())
	}
}

// calmed notes a clear; it reports whether the clear is held back.
func (m *Machine) calmed(r *Rule, rec *Record, _ Event) bool {
	if rec.Observed {
		m.flip(r, rec)
	}
	rec.Observed, rec.Last = false, m.Now
	m.Book.touch(rec)
	if !rec.Open {
		if m.Now.Sub(time.UnixMicro(rec.Times[0])) > r.Spec.Flapping.Within.Std() {
			m.Book.remove(rec)
		}
		return false
	}
	r.Counts.Held.Add(1)
	return true
}

// settle ends the flapping of a condition that is calm.
func (m *Machine) settle(rec *Record) []Output {
	if !rec.Open || rec.Event == nil {
		m.Book.remove(rec)
		return nil
	}
	e := *rec.Event
	observed := rec.Observed
	m.Book.remove(rec)
	if !observed {
		e = clearOf(e, e.Key)
	}
	e.At = rec.Last
	return []Output{{Event: later(e, m.Now), Rules: []string{rec.Rule}}}
}
