package monitor

import (
	"math/bits"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/probe"
)

// Status is what a target is known to be.
type Status string

// The statuses. Unreachable is only shown: a target keeps its last status
// while what it depends on is down.
const (
	Pending     Status = "pending" // not run yet
	StatusOK    Status = "ok"
	Warning     Status = "warning"
	Critical    Status = "critical"
	Unknown     Status = "unknown"
	Unreachable Status = "unreachable"
)

// failing says that the status is a fault.
func (s Status) failing() bool { return s == Warning || s == Critical || s == Unknown }

// worse says that s is a worse fault than other.
func (s Status) worse(other Status) bool {
	rank := map[Status]int{Warning: 1, Unknown: 2, Critical: 3}
	return rank[s] > rank[other]
}

// Parents is what is known of the checks a target depends on.
type Parents int

// What the parents can be.
const (
	ParentsUp    Parents = iota
	ParentsDown          // one has a hard fault
	ParentsDoubt         // one has a soft fault, or was not looked at since the target fails
)

// State is what a target's results have added up to. The zero State is that of
// a target that never ran. It is stored as JSON.
type State struct {
	Status      Status    `json:"status"`            // of the last result
	Hard        bool      `json:"hard"`              // the last result is confirmed
	Attempt     int       `json:"attempt,omitempty"` // failing results in a row
	Confirmed   Status    `json:"confirmed"`         // the last hard status
	Since       time.Time `json:"since"`             // when Confirmed became so
	FailingFrom time.Time `json:"failingFrom"`       // first failing result in a row
	Told        Status    `json:"told,omitempty"`    // status in the last event; "" before the first
	Unreachable bool      `json:"unreachable,omitempty"`
	Holds       int       `json:"holds,omitempty"` // results that waited for a parent
	History     uint32    `json:"history,omitempty"`
	Flapping    bool      `json:"flapping,omitempty"`

	// Of a check whose results come from outside:
	Pushed time.Time `json:"pushed,omitzero"` // when the last result came
	Begun  time.Time `json:"begun,omitzero"`  // when the job that runs now said that it began
}

// Show is the status for a person.
func (s State) Show() Status {
	switch {
	case s.Unreachable:
		return Unreachable
	case s.Status == "":
		return Pending
	default:
		return s.Status
	}
}

const (
	// historyLength results are looked back on; flapping begins with
	// flapStart changes between well and failing among them and ends with flapEnd.
	historyLength = 20
	flapStart     = 8
	flapEnd       = 3
	// maxHolds bounds how long a fault waits for the parents to be looked at.
	maxHolds = 5
)

// Input is one result as the state machine sees it.
type Input struct {
	Result  probe.State
	At      time.Time
	Retries int // failing results that are needed beyond the first
	Parents Parents
}

// Change is what a result led to.
type Change struct {
	Hard       bool // the confirmed status changed, From to To
	From, To   Status
	Event      core.EventKind // "" for none
	AskParents bool           // the parents should be looked at now
}

// Next applies one result. It has no side effects.
func (s State) Next(in Input) (State, Change) {
	seen := statusOf(in.Result)
	s.remember(seen)
	s.Status = seen
	var change Change
	if !seen.failing() {
		s.Attempt, s.Holds, s.FailingFrom, s.Unreachable = 0, 0, time.Time{}, false
		s.confirm(in.At, &change)
	} else {
		s.fail(in, &change)
	}
	s.tell(&change)
	return s, change
}

func (s *State) fail(in Input, change *Change) {
	if s.Attempt == 0 {
		s.FailingFrom = in.At
	}
	s.Attempt++
	if in.Parents == ParentsDown {
		// Nothing is learned about a target behind a fault: when the parent is
		// back, it starts counting anew.
		s.Unreachable, s.Hard, s.Attempt, s.Holds = true, false, 0, 0
		return
	}
	s.Unreachable = false
	switch {
	case s.Confirmed.failing():
		s.confirm(in.At, change)
	case s.Attempt <= in.Retries:
		s.Hard, change.AskParents = false, in.Parents == ParentsDoubt
	case in.Parents == ParentsDoubt && s.Holds < maxHolds:
		s.Holds++
		s.Hard, change.AskParents = false, true
	default:
		s.confirm(in.At, change)
	}
}

// confirm makes the status hard.
func (s *State) confirm(at time.Time, change *Change) {
	s.Hard, s.Holds = true, 0
	if s.Confirmed == s.Status {
		return
	}
	// A target that is well from the start has not changed.
	change.Hard = s.Confirmed != "" && s.Confirmed != Pending || s.Status.failing()
	change.From, change.To = s.Confirmed, s.Status
	if change.From == "" {
		change.From = Pending
	}
	s.Confirmed, s.Since = s.Status, at
}

// tell decides on an event. While a target flaps its alert stays open: only a
// worse fault is told, and the recovery once it has calmed down.
func (s *State) tell(change *Change) {
	switch {
	case !s.Hard:
	case s.Confirmed == StatusOK && s.Told.failing() && !s.Flapping:
		change.Event, s.Told = core.Cleared, StatusOK
	case s.Confirmed.failing() && s.Confirmed != s.Told && (!s.Flapping || !s.Told.failing() || s.Confirmed.worse(s.Told)):
		change.Event, s.Told = core.Problem, s.Confirmed
	}
}

// remember notes whether the target went from well to failing or back.
func (s *State) remember(seen Status) {
	s.History = s.History << 1 & (1<<historyLength - 1)
	if s.Status != "" && s.Status.failing() != seen.failing() {
		s.History |= 1
	}
	switch n := bits.OnesCount32(s.History); {
	case n >= flapStart:
		s.Flapping = true
	case n <= flapEnd:
		s.Flapping = false
	}
}

func statusOf(s probe.State) Status {
	switch s {
	case probe.OK:
		return StatusOK
	case probe.Warning:
		return Warning
	case probe.Critical:
		return Critical
	default:
		return Unknown
	}
}
