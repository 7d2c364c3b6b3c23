package core

import "time"

// EventKind says what an event does to the condition its key names.
type EventKind string

// The kinds of event.
const (
	Problem EventKind = "problem" // opens or updates the alert of its key
	Cleared EventKind = "clear"   // ends the alert of its key
	Notice  EventKind = "notice"  // is recorded, and opens nothing
)

// Identity is one thing known of an item that tells it from others: a kind of
// identifier of the graph ("fqdn", "serial", "ip", "mac", "name", "id") and its value.
type Identity struct {
	Kind  string `json:"kind"`
	Value string `json:"value"`
	Class string `json:"class,omitempty"` // narrows the search, when the sender knows it
}

// Event is one observation at one time, from any source.
type Event struct {
	ID          string            `json:"id"`
	At          time.Time         `json:"at"`     // when it was observed
	Source      string            `json:"source"` // who observed it: "check", "rule", "alertmanager", "webhook:jenkins"
	Kind        EventKind         `json:"kind"`
	Severity    Severity          `json:"severity"`
	Key         string            `json:"key"` // deduplication: events of one key are one alert
	Title       string            `json:"title"`
	Description string            `json:"description,omitempty"`
	Item        string            `json:"item,omitempty"`       // item id, when the sender knows it
	Identities  []Identity        `json:"identities,omitempty"` // otherwise: how the graph can find it
	Check       string            `json:"check,omitempty"`      // the check that can verify recovery
	Labels      map[string]string `json:"labels,omitempty"`
	Cause       string            `json:"cause,omitempty"` // ledger entry that led to it
}
