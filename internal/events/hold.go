package events

import (
	"fmt"
	"time"

	"mainstay/internal/core"
)

// What holds an alert back because a person said so, as Suppression.By has it.
const (
	bySnooze = "snooze"
	byPerson = "person"
)

// Wake says which change of severity ends a snooze before its time.
type Wake string

// The changes that wake an alert.
const (
	WakeByTime  Wake = "time"   // none: only the time
	WakeWorse   Wake = "worse"  // its severity rises
	WakeChanged Wake = "change" // its severity changes
)

// Hold is a person's decision that an alert is not to be told of: a snooze,
// which ends by itself, or a suppression, which lasts until it is taken back.
// It belongs to the alert: it outlasts a clear, should the alert return, and
// ends with it.
type Hold struct {
	Kind     string        `json:"kind"` // snooze or person; empty: none
	By       string        `json:"by"`
	Why      string        `json:"why,omitempty"`
	At       time.Time     `json:"at"`
	Until    time.Time     `json:"until,omitzero"`  // zero: no time ends it
	Wakes    Wake          `json:"wakes,omitempty"` // of a snooze
	Severity core.Severity `json:"severity"`        // when it began
}

// inForce says whether it holds at a time.
func (h Hold) inForce(at time.Time) bool {
	return h.Kind != "" && (h.Until.IsZero() || at.Before(h.Until))
}

// over says whether its time has come.
func (h Hold) over(at time.Time) bool { return h.Kind != "" && !h.inForce(at) }

// wokenBy says whether a severity ends it.
func (h Hold) wokenBy(now core.Severity) bool {
	return h.Kind == bySnooze && (h.Wakes == WakeWorse && now > h.Severity || h.Wakes == WakeChanged && now != h.Severity)
}

func (h Hold) suppression() Suppression { return Suppression{By: h.Kind, Why: h.Why} }

// heldBy is what holds the alert back: a person's decision before anything else.
func (a *Alert) heldBy(otherwise Suppression, now time.Time) Suppression {
	if a.Hold.inForce(now) {
		return a.Hold.suppression()
	}
	return otherwise
}

// wake ends a snooze that the severity ends, and says so; otherwise is what
// holds the alert back from then on.
func (a *Alert) wake(otherwise Suppression) bool {
	if !a.Hold.wokenBy(a.Severity) {
		return false
	}
	a.Hold, a.Suppressed = Hold{}, otherwise
	return true
}

// snooze holds an alert back until a time or until its severity changes.
func (a *Alert) snooze(by, why string, until time.Time, wakes Wake, now time.Time) {
	a.Hold = Hold{Kind: bySnooze, By: by, Why: why, At: now, Until: until, Wakes: wakes, Severity: a.Severity}
	a.Suppressed = a.Hold.suppression()
	a.stamp(now)
}

// suppress holds an alert back until somebody takes it back.
func (a *Alert) suppress(by, why string, now time.Time) {
	a.Hold = Hold{Kind: byPerson, By: by, Why: why, At: now, Severity: a.Severity}
	a.Suppressed = a.Hold.suppression()
	a.stamp(now)
}

// longestSnooze bounds how far ahead a snooze may end.
const longestSnooze = 90 * 24 * time.Hour

// checkSnooze names what a snooze breaks.
func checkSnooze(until time.Time, wakes Wake, now time.Time) error {
	switch wakes {
	case "", WakeByTime, WakeWorse, WakeChanged:
	default:
		return core.Invalid("wakes", "must be time, worse or change")
	}
	if until.IsZero() {
		if wakes != WakeWorse && wakes != WakeChanged {
			return core.Invalid("until", "must be given unless a change of severity wakes the alert")
		}
		return nil
	}
	if !until.After(now) || until.Sub(now) > longestSnooze {
		return core.Invalid("until", "must be in the next 90 days")
	}
	return nil
}

// words say how long a snooze lasts.
func (h Hold) words() string {
	text := ""
	if !h.Until.IsZero() {
		text = " until " + h.Until.UTC().Format("2 Jan 15:04 UTC")
	}
	switch h.Wakes {
	case WakeWorse:
		text += fmt.Sprintf(", or until it is worse than %s", h.Severity)
	case WakeChanged:
		text += fmt.Sprintf(", or until it is no longer %s", h.Severity)
	}
	if h.Until.IsZero() && len(text) > 4 {
		return text[4:] // there is nothing before the "or"
	}
	return text
}
