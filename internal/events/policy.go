package events

import (
	"fmt"
	"time"

	"mainstay/internal/core"
)

// Policy is the rules by which events change alerts.
type Policy struct {
	Reopen     time.Duration // a problem within this of the clear is the same alert
	FlapCount  int           // so many changes ...
	FlapWindow time.Duration // ... within this make it flapping
	FlapStable time.Duration // without a change for this long it is stable again

	Timeout func() time.Duration // how long an alert of Alertmanager's API lasts without an end
}

// Effect is what an event did to an alert.
type Effect string

// The effects. All but counted and updated are told to others; those of event
// rules never reach an alert.
const (
	Ignored Effect = "ignored" // out of date, or nothing to clear
	Counted Effect = "counted" // a duplicate
	Updated Effect = "updated" // wording or labels changed
	Opened  Effect = "opened"
	Changed Effect = "changed"
	Ended   Effect = "cleared"
	Woken   Effect = "woken" // its snooze is over
	Fresh   Effect = "fresh" // the alert is over: a new one has to be made

	Dropped    Effect = "dropped"    // by a rule
	Discarded  Effect = "discarded"  // by a rule, and not recorded
	Held       Effect = "held"       // by a rule, until it is known to be a problem
	Summarised Effect = "summarised" // part of a storm that one alert stands for
)

// Apply lets one event act on the alert of its key. The second result words
// the effect for a person.
func (p Policy) Apply(a *Alert, o *observation, now time.Time) (Effect, string) {
	if o.Kind == core.Cleared && !o.EndedAt.IsZero() {
		return p.ended(a, o, now)
	}
	if o.Kind == core.Cleared {
		return p.clear(a, o.At, now, "The sender cleared it.")
	}
	return p.problem(a, o, now)
}

// Begin makes the alert that the first problem of a key opens.
func (p Policy) Begin(id string, o *observation, now time.Time) *Alert {
	a := &Alert{
		ID: id, Key: o.Key, Source: o.Source, Item: o.Item, Identities: o.Identities, Check: o.Check, Team: o.Team, Cause: o.Cause,
		Active: true, Observed: true, Severity: o.Severity, Worst: o.Severity,
		OpenedAt: o.onset(), Onset: o.onset(), LastSeen: o.At, ChangedAt: now, ExpiresAt: o.ExpiresAt, Count: 1, Episodes: 1,
		Flips: []time.Time{o.At}, Suppressed: o.Suppressed,
	}
	if a.Item != "" {
		a.Identities = nil
	}
	a.takeDetails(o)
	return a
}

func (o *observation) onset() time.Time {
	if !o.Onset.IsZero() && (o.Onset.Before(o.At) || o.Source == alertmanagerSource) {
		return o.Onset
	}
	return o.At
}

func (p Policy) problem(a *Alert, o *observation, now time.Time) (Effect, string) {
	switch {
	case a.Active:
		return p.again(a, o, now)
	case o.At.Before(a.ClearedAt):
		return Ignored, "It is older than the clear."
	case o.At.Sub(a.ClearedAt) > p.Reopen:
		return Fresh, ""
	}
	p.flip(a, o.At)
	a.takeDetails(o)
	a.Active, a.Observed = true, true
	if begun := a.Onset; o.Source == alertmanagerSource && o.Onset.Before(a.ClearedAt) && begun.Before(o.Onset) {
		o.Onset = begun // it overlaps what has been: it began with that (Alertmanager, provider/mem)
	}
	a.Onset, a.LastSeen, a.ClearedAt = o.onset(), o.At, time.Time{}
	a.stamp(now)
	a.Severity, a.Worst, a.ExpiresAt = o.Severity, o.Severity, o.ExpiresAt
	if a.Suppressed = a.heldBy(o.Suppressed, now); a.Hold.over(now) {
		a.Hold = Hold{}
	}
	a.wake(o.Suppressed)
	a.Count++
	a.Episodes++
	if a.AckedBy != "" && o.Severity > a.AckedSeverity {
		a.unacknowledge()
	}
	if p.flaps(a) {
		a.Flapping = true
		return Opened, fmt.Sprintf("It returned and is flapping: %d changes within %s.", len(a.Flips), p.FlapWindow)
	}
	return Opened, "It returned."
}

// again is a problem on an alert that is open already.
func (p Policy) again(a *Alert, o *observation, now time.Time) (Effect, string) {
	if o.At.Before(a.LastSeen) {
		a.Count++
		return Counted, ""
	}
	flipped := !a.Observed
	if flipped {
		p.flip(a, o.At)
		a.Observed = true
	}
	details := a.takeDetails(o)
	if o.Source == alertmanagerSource && o.Onset.Before(a.Onset) {
		a.Onset, details = o.Onset, true // another sender has seen it before
	}
	a.ExpiresAt = p.expires(a, o)
	a.LastSeen = o.At
	a.Count++
	if o.Severity == a.Severity {
		if details || flipped {
			return Updated, ""
		}
		return Counted, ""
	}
	why := fmt.Sprintf("Its severity went from %s to %s.", a.Severity, o.Severity)
	a.Severity, a.Worst = o.Severity, max(a.Worst, o.Severity)
	if a.AckedBy != "" && o.Severity > a.AckedSeverity {
		a.unacknowledge()
		why += " It is worse than what was acknowledged."
	}
	woken := a.wake(o.Suppressed)
	if woken {
		why += " That ends its snooze."
	}
	if a.Flapping && !woken {
		return Updated, ""
	}
	a.stamp(now)
	if woken {
		return Woken, why
	}
	return Changed, why
}

// expires is when an alert ends that o repeats. Of ends that senders named the
// latest rules (Alertmanager, alert.Merge).
func (p Policy) expires(a *Alert, o *observation) time.Time {
	if o.Source != alertmanagerSource || !a.ExpiresAt.After(o.ExpiresAt) || p.Timeout == nil {
		return o.ExpiresAt
	}
	if age := a.ExpiresAt.Sub(a.LastSeen) - p.Timeout(); age > -time.Millisecond && age < time.Millisecond {
		return o.ExpiresAt // nobody named that end
	}
	return a.ExpiresAt
}

// ended is a clear whose sender knows when it ended and describes it once
// more. Of several the latest end rules.
func (p Policy) ended(a *Alert, o *observation, now time.Time) (Effect, string) {
	if a.Active {
		effect, why := p.clear(a, o.At, now, "The sender cleared it.")
		if effect == Ignored {
			return effect, why
		}
		a.takeDetails(o)
		if !a.Active {
			a.ClearedAt = o.EndedAt
		}
		return effect, why
	}
	changed := a.takeDetails(o)
	if o.EndedAt.After(a.ClearedAt) {
		a.ClearedAt, changed = o.EndedAt, true
	}
	if !changed {
		return Ignored, "There is nothing to clear."
	}
	return Updated, ""
}

func (p Policy) clear(a *Alert, at, now time.Time, why string) (Effect, string) {
	switch {
	case !a.Active || !a.Observed:
		return Ignored, "There is nothing to clear."
	case at.Before(a.LastSeen):
		return Ignored, "It is older than the latest problem."
	}
	p.flip(a, at)
	a.Observed = false
	if a.Flapping {
		return Updated, ""
	}
	if p.flaps(a) {
		a.Flapping = true
		a.stamp(now)
		return Changed, fmt.Sprintf("It is flapping: %d changes within %s.", len(a.Flips), p.FlapWindow)
	}
	a.end(at, now)
	return Ended, why
}

// ClearNow ends an alert whatever its sender says.
func (p Policy) ClearNow(a *Alert, now time.Time) bool {
	if !a.Active {
		return false
	}
	p.flip(a, now)
	a.Observed, a.Flapping = false, false
	a.end(now, now)
	return true
}

func (a *Alert) end(at, now time.Time) {
	a.Active, a.ClearedAt, a.ExpiresAt = false, at, time.Time{}
	a.stamp(now)
	a.Suppressed = Suppression{}
}

// Pass lets time act on an alert: expiry, and the end of flapping.
func (p Policy) Pass(a *Alert, now time.Time) (Effect, string) {
	if a.Flapping && !now.Before(a.lastFlip().Add(p.FlapStable)) {
		a.Flapping = false
		a.stamp(now)
		if !a.Observed {
			a.end(a.lastFlip(), now)
			return Ended, "It stopped flapping and is clear."
		}
		return Changed, "It stopped flapping and the problem stays."
	}
	if a.Active && !a.ExpiresAt.IsZero() && !now.Before(a.ExpiresAt) {
		a.Observed, a.Flapping = false, false
		at := a.ExpiresAt
		p.flip(a, at)
		a.end(at, now)
		return Ended, "It expired: its sender did not repeat it."
	}
	return Ignored, ""
}

// Acknowledge records that a person has it.
func (a *Alert) Acknowledge(by, note string, now time.Time) {
	a.AckedBy, a.AckNote, a.AckedAt, a.AckedSeverity = by, note, now, a.Severity
	a.stamp(now)
}

func (a *Alert) unacknowledge() {
	a.AckedBy, a.AckNote, a.AckedAt, a.AckedSeverity = "", "", time.Time{}, core.Clear
}

// flip notes a change between problem and clear and forgets old ones.
func (p Policy) flip(a *Alert, at time.Time) {
	kept := a.Flips[:0:0]
	for _, f := range a.Flips {
		if at.Sub(f) < p.FlapWindow && len(a.Flips) < 100 {
			kept = append(kept, f)
		}
	}
	a.Flips = append(kept, at)
}

func (p Policy) flaps(a *Alert) bool { return p.FlapCount > 0 && len(a.Flips) >= p.FlapCount }
