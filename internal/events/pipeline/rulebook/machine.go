package rulebook

import (
	"time"

	"mainstay/internal/core"
)

// forgetAfter is how long a record is kept of a condition nobody speaks of
// any more; refreshAfter how old it gets before a repetition renews that.
const (
	forgetAfter  = 7 * 24 * time.Hour
	refreshAfter = 24 * time.Hour
)

// Standing is how the alert of a key stands.
type Standing struct{ Active, Acknowledged bool }

// Machine lets the rules that remember act, on the records of a Book.
type Machine struct {
	Set  *Set
	Book *Book
	Now  time.Time
}

// Keys are the keys whose records Take reads for an event that came in with the key.
func (v *Verdict) Keys(original string) []string {
	if v.Event.Kind == core.Notice && len(v.Steps)+len(v.Clears) == 0 {
		return nil
	}
	keys := append([]string{v.Event.Key}, v.Clears...)
	if original != v.Event.Key {
		keys = append(keys, original)
	}
	for _, s := range v.Steps {
		if s.Group != "" {
			keys = append(keys, s.Group)
		}
	}
	return keys
}

// Target is the key that a clear of a key is for: the one that rules gave the
// problem, if they did. The records of it have to be loaded as well.
func (b *Book) Target(key string) string {
	if a := b.get(alias, "", key); a != nil {
		return a.Target
	}
	return ""
}

// Take does what is left to do with a shaped event that came in with a key.
func (m *Machine) Take(v *Verdict, original string) []Output {
	names := v.Names()
	if v.Dropped != nil {
		effect := Dropped
		if v.Dropped.Spec.Discard {
			effect = Discarded
		}
		return []Output{{Event: v.Event, Effect: effect, Own: true, Rules: names}}
	}
	var out []Output
	for _, key := range v.Clears {
		out = append(out, m.cleared(clearOf(v.Event, key), names)...)
	}
	e := v.Event
	switch e.Kind {
	case core.Notice:
		return append(out, Output{Event: e, Own: true, Rules: names})
	case core.Cleared:
		if a := m.Book.get(alias, "", original); a != nil && e.Key == original {
			e.Key = a.Target
			m.Book.remove(a)
		}
		own := m.cleared(e, names)
		own[0].Own = true
		return append(own, out...)
	}
	if original != e.Key && original != "" {
		m.remember(original, e.Key)
	}
	own := m.problem(e, v.Steps, names)
	own[0].Own = true
	return append(own, out...)
}

// clearOf is the clear of another key that an event stands for.
func clearOf(e Event, key string) Event {
	c := Event{Event: core.Event{At: e.At, Source: e.Source, Kind: core.Cleared, Key: key, Title: e.Title, Item: e.Item, Cause: e.Cause, Labels: e.Labels}}
	return c
}

// remember keeps which key the rules gave: a clear may not match them.
func (m *Machine) remember(original, key string) {
	a := m.Book.get(alias, "", original)
	if a == nil {
		if a = m.Book.make(alias, "", original); a == nil {
			return
		}
	} else if a.Target == key && a.Due.Sub(m.Now) > forgetAfter-refreshAfter {
		return
	}
	a.Target, a.Due = key, m.Now.Add(forgetAfter)
	m.Book.touch(a)
}

// problem lets the steps act in order; the first that holds the event back is
// the last. What comes first is the event itself, whatever became of it.
func (m *Machine) problem(e Event, steps []Step, names []string) []Output {
	var more []Output
	own := Output{Event: e, Rules: names}
	for i, step := range steps {
		r := step.rule
		if r == nil {
			if r = m.Set.Rule(step.Rule); r == nil {
				continue // the rule is gone
			}
		}
		var effect Effect
		var made []Output
		switch step.Does {
		case Threshold:
			effect = m.threshold(r, step, &own.Event)
		case Hold:
			effect = m.hold(r, steps[i+1:], &own.Event)
		case Flapping:
			effect, made = m.flapping(r, &own.Event)
		case Storm:
			effect, made = m.storm(r, step.Group, steps[i+1:], &own.Event)
		case Escalate:
			m.escalate(r, &own.Event)
		}
		more = append(more, made...)
		if effect != Passed {
			own.Effect = effect
			break
		}
	}
	return append([]Output{own}, more...)
}

// cleared lets a clear act on what is remembered of its key. The clear comes first.
func (m *Machine) cleared(e Event, names []string) []Output {
	own := Output{Event: e, Rules: names}
	for _, rec := range m.Book.of(e.Key) {
		switch rec.Does {
		case Hold, Escalate, gathered:
			m.Book.remove(rec)
		case Flapping:
			if r := m.Set.Rule(rec.Rule); r != nil {
				if m.calmed(r, rec, e) {
					own.Effect = Held
				}
			}
		}
	}
	return []Output{own}
}

// Fire lets time act on a record that is due.
func (m *Machine) Fire(rec *Record, stand func(key string) Standing) []Output {
	r := m.Set.Rule(rec.Rule)
	switch rec.Does {
	case Hold:
		return m.release(r, rec)
	case Flapping:
		return m.settle(rec)
	case Storm:
		return m.subside(r, rec)
	case gathered:
		return m.scatter(rec)
	case Escalate:
		return m.raise(r, rec, stand)
	}
	m.Book.remove(rec) // a count or an alias that is over
	return nil
}

// Standings are the keys whose alerts' standing Fire asks for.
func (rec *Record) Standings() []string {
	if rec.Does == Escalate {
		return []string{rec.Key}
	}
	return nil
}

// later is the time of an event that is told on behalf of one that came before.
func later(e Event, now time.Time) Event {
	if e.ExpiresAt.IsZero() || now.Before(e.ExpiresAt) {
		return e
	}
	e.ExpiresAt = now // it ran out while it was held
	return e
}
