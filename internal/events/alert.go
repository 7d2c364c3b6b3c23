package events

import (
	"maps"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/events/pipeline/rulebook"
)

// State is what an operator sees of an alert.
type State string

// The states of an alert.
const (
	StateOpen         State = "open"
	StateAcknowledged State = "acknowledged" // a person has it
	StateSuppressed   State = "suppressed"   // maintenance or a silence holds it back
	StateCleared      State = "cleared"
)

// Alert is the deduplicated, stateful condition that events of one key open,
// update and clear.
type Alert struct {
	ID          string
	Key         string
	Source      string
	Title       string
	Description string
	Item        string
	Identities  []core.Identity // kept while no item is known
	Check       string
	Team        string
	Cause       string // ledger entry that led to it
	Labels      map[string]string
	Annotations map[string]string
	URL         string // where the sender explains it

	Active   bool          // the condition holds; true throughout flapping
	Observed bool          // what the latest event said
	Severity core.Severity // of the latest problem
	Worst    core.Severity // of this episode

	OpenedAt  time.Time // when it first began
	Onset     time.Time // when this episode began
	LastSeen  time.Time // latest problem event
	ClearedAt time.Time
	ChangedAt time.Time // latest change of state, by this process's clock
	ExpiresAt time.Time // when silence of the sender clears it; zero for never
	Revision  int64     // goes up with each change of what events are compared with
	Count     int64     // problem events
	Episodes  int64     // how often it opened

	Flips    []time.Time // recent changes between problem and clear
	Flapping bool

	AckedBy, AckNote string
	AckedAt          time.Time
	AckedSeverity    core.Severity
	Assignee         string // a user
	AssignedTeam     string // a team
	Suppressed       Suppression
	Hold             Hold // what a person decided; Suppressed says it while it is in force

	Situation string
	Pinned    bool   // a person put it into its situation
	SameAs    string // the alert of another source that tells the same fault
}

// Suppression says what holds an alert back.
type Suppression struct {
	By  string `json:"by,omitempty"` // maintenance, silence, inhibition, snooze, person, or empty
	ID  string `json:"id,omitempty"` // of the silence, or of the alert that inhibits
	Why string `json:"why,omitempty"`
}

// State derives the state from what is known.
func (a *Alert) State() State {
	switch {
	case !a.Active:
		return StateCleared
	case a.Suppressed.By != "":
		return StateSuppressed
	case a.AckedBy != "":
		return StateAcknowledged
	}
	return StateOpen
}

// stamp notes a change. Changes of one alert never share a time, so that
// whoever hears of two knows the later one.
func (a *Alert) stamp(now time.Time) {
	if !now.After(a.ChangedAt) {
		now = a.ChangedAt.Add(time.Microsecond)
	}
	a.ChangedAt = now
}

// due is when time alone may change the alert; zero for never.
func (a *Alert) due(p Policy) time.Time {
	var at time.Time
	if a.Active {
		at = a.ExpiresAt
	}
	if a.Flapping {
		if stable := a.lastFlip().Add(p.FlapStable); at.IsZero() || stable.Before(at) {
			at = stable
		}
	}
	return at
}

func (a *Alert) lastFlip() time.Time {
	if len(a.Flips) == 0 {
		return a.Onset
	}
	return a.Flips[len(a.Flips)-1]
}

// observation is an event on its way in, with what only some senders say.
type observation struct {
	core.Event
	Annotations map[string]string
	URL         string
	Onset       time.Time // when the condition began, if the sender knows
	ExpiresAt   time.Time // when it ends unless it is repeated
	Timeout     bool      // its sender did not say when it ends
	EndedAt     time.Time // when it ended, if the sender knows
	Team        string
	Suppressed  Suppression
	Received    time.Time

	verdict *rulebook.Verdict // of the event rules, when there are any
	before  *rulebook.Event   // as it came in, when they changed it
	made    bool              // by rules: nobody sent it
	by      []string          // those rules
}

// takeDetails copies what the latest problem says of the condition, and
// reports whether anything but its severity differs.
func (a *Alert) takeDetails(o *observation) bool {
	changed := a.Title != o.Title || a.Description != o.Description || a.URL != o.URL ||
		!maps.Equal(a.Labels, o.Labels) || !maps.Equal(a.Annotations, o.Annotations)
	a.Title, a.Description, a.URL = o.Title, o.Description, o.URL
	a.Labels, a.Annotations = o.Labels, o.Annotations
	if o.Check != "" && a.Check != o.Check {
		a.Check, changed = o.Check, true
	}
	if a.Item == "" && len(a.Identities) == 0 && len(o.Identities) > 0 {
		a.Identities, changed = o.Identities, true
	}
	return changed
}
