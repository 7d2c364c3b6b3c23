package rulebook

import (
	"time"

	"mainstay/internal/core"
)

// Event is an event as rules see and change it: with what only some senders
// say of it.
type Event struct {
	core.Event
	Annotations map[string]string `json:"annotations,omitempty"`
	URL         string            `json:"url,omitempty"`
	Onset       time.Time         `json:"onset,omitzero"`
	ExpiresAt   time.Time         `json:"expiresAt,omitzero"`
	EndedAt     time.Time         `json:"endedAt,omitzero"`
	Team        string            `json:"team,omitempty"` // set by a rule; the item's otherwise
}

// variables is the event as expressions see it.
func (e *Event) variables() map[string]any {
	return map[string]any{
		"source": e.Source, "kind": string(e.Kind), "severity": e.Severity.String(), "key": e.Key, "title": e.Title,
		"description": e.Description, "item": e.Item, "check": e.Check, "url": e.URL, "team": e.Team, "at": e.At,
		"labels": notNil(e.Labels), "annotations": notNil(e.Annotations),
	}
}

func notNil(m map[string]string) map[string]string {
	if m == nil {
		return map[string]string{}
	}
	return m
}

// Verdict is what the rules made of one event.
type Verdict struct {
	Event   Event
	Changed bool
	Matched []*Rule // in order
	Dropped *Rule   // by which it is dropped
	Steps   []Step  // left to rules that remember
	Clears  []string
}

// Names are the ids of the rules that matched.
func (v *Verdict) Names() []string {
	names := make([]string, len(v.Matched))
	for i, r := range v.Matched {
		names[i] = r.ID
	}
	return names
}

// Remembers says that a Machine has to see the event.
func (v *Verdict) Remembers() bool { return len(v.Steps) > 0 || len(v.Clears) > 0 }

// Step is one thing a rule that remembers does with an event.
type Step struct {
	Rule  string `json:"rule"`
	Does  Does   `json:"does"`
	Group string `json:"group"`
	rule  *Rule
}

// Does is what a rule that remembers does.
type Does string

// What rules remember. Aliases are keys that rules changed.
const (
	Threshold Does = "threshold"
	Hold      Does = "hold"
	Flapping  Does = "flapping"
	Storm     Does = "storm"
	Escalate  Does = "escalate"
	gathered  Does = "gathered" // an event in a storm
	alias     Does = "alias"
)

// Effect is what became of an event before it could act on an alert.
type Effect string

// The effects; an event that passes has none.
const (
	Passed     Effect = ""
	Dropped    Effect = "dropped"
	Discarded  Effect = "discarded"  // dropped, and not even recorded
	Held       Effect = "held"       // until it is known to be a problem
	Summarised Effect = "summarised" // part of a storm, told as one alert
)

// Output is one event that leaves the pipeline.
type Output struct {
	Event  Event
	Effect Effect
	Own    bool     // the event that came in, as opposed to one that a rule made
	Rules  []string // ids of the rules that led to it
	Raise  bool     // not an event: the alert of the key gets the severity
	Why    string   // of Raise
}

// Passing is a shaped event on its way to a Machine, with the key it came in with.
type Passing struct {
	Verdict  *Verdict
	Original string
}

// Recorded is an event as the store has it.
type Recorded struct {
	ID     string
	At     time.Time // when it arrived
	Event  Event     // as it came in
	Effect string    // what it did, or what was done with it
	Times  int       // how often
}
