package changes

import (
	"slices"
	"strings"

	"mainstay/internal/core"
)

// Action is what can be done to a change.
type Action string

// The actions.
const (
	Request Action = "request" // ask for approval
	Approve Action = "approve"
	Reject  Action = "reject" // needs a reason
	Revise  Action = "revise" // write it anew: a decision that was made falls
	Start   Action = "start"  // begin to implement it
	Finish  Action = "finish" // it is done
	Cancel  Action = "cancel" // give it up; needs a reason
)

// rule allows one action in some states.
type rule struct {
	action Action
	from   []State
	to     State
	verb   string // of the ledger entry
	decide bool   // needs changes:approve, and not to be who asked
	reason bool   // must be given
}

// rules is the state machine.
func rules() []rule {
	return []rule{
		{action: Request, from: []State{Drafted}, to: Requested, verb: "requested"},
		{action: Approve, from: []State{Requested}, to: Approved, verb: "approved", decide: true},
		{action: Reject, from: []State{Requested}, to: Rejected, verb: "rejected", decide: true, reason: true},
		{action: Start, from: []State{Approved}, to: Implementing, verb: "started"},
		{action: Finish, from: []State{Implementing}, to: Done, verb: "finished"},
		{action: Revise, from: []State{Requested, Approved, Rejected}, to: Drafted, verb: "revised"},
		{action: Cancel, from: []State{Drafted, Requested, Approved, Rejected, Implementing}, to: Cancelled, verb: "cancelled", reason: true},
	}
}

// next is the rule by which an action is taken in a state.
func next(from State, action Action) (rule, error) {
	for _, r := range rules() {
		if r.action == action && slices.Contains(r.from, from) {
			return r, nil
		}
	}
	return rule{}, core.Errorf(core.CodeConflict, "a change that is %s cannot be acted on with %q; possible: %s", word(from), action, join(possible(from)))
}

// possible lists the actions of a state.
func possible(from State) []Action {
	var out []Action
	for _, r := range rules() {
		if slices.Contains(r.from, from) {
			out = append(out, r.action)
		}
	}
	return out
}

func word(s State) string {
	if s == Drafted {
		return "a draft"
	}
	return string(s)
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
