package desk

import (
	"slices"
	"strings"

	"mainstay/internal/core"
)

// Action is what can be done to an incident.
type Action string

// The actions.
const (
	Assign  Action = "assign"  // give it to a team or a person, or to nobody
	Begin   Action = "start"   // begin work
	Hold    Action = "hold"    // wait for something outside; needs a reason
	Resume  Action = "resume"  // the wait is over
	Resolve Action = "resolve" // the fault is gone; needs a resolution
	Close   Action = "close"   // confirm the resolution
	Reopen  Action = "reopen"  // it is not gone after all
)

// Part is in what quality someone acts.
type Part string

// The parts.
const (
	Staff     Part = "staff"     // may act on incidents of its team
	Requestor Part = "requester" // asked for help
	Automatic Part = "system"    // Mainstay itself
)

// rule allows one action in some states, to some parts.
type rule struct {
	action Action
	from   []State
	to     State // "" depends on who has the incident: see owned
	parts  []Part
}

// rules is the state machine. testdata/transitions.txt spells it out.
func rules() []rule {
	active := []State{Unassigned, Assigned, InProgress, OnHold}
	return []rule{
		{Assign, []State{Unassigned, Assigned}, "", []Part{Staff, Automatic}},
		{Assign, []State{InProgress}, InProgress, []Part{Staff, Automatic}},
		{Assign, []State{OnHold}, OnHold, []Part{Staff, Automatic}},
		{Begin, []State{Unassigned, Assigned, OnHold}, InProgress, []Part{Staff, Automatic}},
		{Hold, []State{Unassigned, Assigned, InProgress}, OnHold, []Part{Staff}},
		{Resume, []State{OnHold}, InProgress, []Part{Staff}},
		{Resolve, active, Resolved, []Part{Staff, Automatic}},
		{Close, []State{Resolved}, Closed, []Part{Staff, Requestor, Automatic}},
		{Reopen, []State{Resolved}, "", []Part{Staff, Requestor, Automatic}},
		{Reopen, []State{Closed}, "", []Part{Staff, Automatic}},
	}
}

// owned is the state of an incident that waits to be worked on.
func owned(hasOwner bool) State {
	if hasOwner {
		return Assigned
	}
	return Unassigned
}

// Next returns the state that action leads to; hasOwner says whether a team or
// a person has the incident afterwards.
func Next(from State, action Action, part Part, hasOwner bool) (State, error) {
	possible := false
	for _, r := range rules() {
		if r.action != action || !slices.Contains(r.from, from) {
			continue
		}
		possible = true
		if !slices.Contains(r.parts, part) {
			continue
		}
		if r.to == "" {
			return owned(hasOwner), nil
		}
		return r.to, nil
	}
	if possible {
		return "", core.Errorf(core.CodeForbidden, "a %s may not %s an incident that is %s", part, action, strings.ReplaceAll(string(from), "_", " "))
	}
	return "", core.Errorf(core.CodeConflict, "an incident that is %s cannot be acted on with %q; possible: %s",
		strings.ReplaceAll(string(from), "_", " "), action, join(Possible(from, part)))
}

// Possible lists the actions that a part has in a state.
func Possible(from State, part Part) []Action {
	var out []Action
	for _, r := range rules() {
		if slices.Contains(r.from, from) && slices.Contains(r.parts, part) {
			out = append(out, r.action)
		}
	}
	return out
}

func join(actions []Action) string {
	if len(actions) == 0 {
		return "nothing"
	}
	words := make([]string, len(actions))
	for i, a := range actions {
		words[i] = string(a)
	}
	return strings.Join(words, ", ")
}
