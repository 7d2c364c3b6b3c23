package correlation

import (
	"time"

	"mainstay/internal/core"
)

// State is where a situation is in its life.
type State string

// The states of a situation.
const (
	Open   State = "open"
	Closed State = "closed"
	Merged State = "merged" // lives on in another one
)

// Alert is what correlation knows of one alert.
type Alert struct {
	ID, Key, Item, Title, Source, Check, Team string
	Labels                                    map[string]string
	Severity                                  core.Severity
	Count                                     int64
	Onset                                     time.Time // when this episode began
	Active                                    bool
	ClearedAt                                 time.Time
	Suppressed                                string // why nobody is to be told; such an alert opens nothing but is evidence
	Situation                                 string
	Pinned                                    bool   // a person put it where it is
	SameAs                                    string // the alert that tells the same fault already
	remembered                                bool   // memory alone put it where it is
	sides                                     []side // of the rules that it fits
}

// failing says that the alert's condition holds and people may be told.
func (a *Alert) failing() bool { return a.Active && a.Suppressed == "" }

// Reason is one sentence a person can check, and what it speaks of.
type Reason struct {
	Text string     `json:"text"`
	Refs []core.Ref `json:"refs"`
}

// Candidate is an item, or an alert without one, that may be the root cause.
type Candidate struct {
	Item       string   `json:"item,omitempty"`
	Alert      string   `json:"alert"` // its worst alert
	Name       string   `json:"name"`
	Confidence float64  `json:"confidence"` // 0 to 1
	Reasons    []Reason `json:"reasons"`
	Changes    []string `json:"changes,omitempty"`  // ledger entries that speak for it
	Evidence   []Sign   `json:"evidence,omitempty"` // what measurements and earlier confirmations say of it
	leaf       bool
	onset      time.Time
}

// Same says that both name the same thing.
func (c Candidate) Same(other Candidate) bool {
	if c.Item != "" || other.Item != "" {
		return c.Item == other.Item
	}
	return c.Alert == other.Alert
}

// Note is one line of a situation's history.
type Note struct {
	At   time.Time
	Kind string // opened, joined, moved, merged, left, closed, reopened, confirmed, measured
	From string
	To   string
	Why  string
}

// Situation is a set of alerts that share a cause.
type Situation struct {
	ID         string
	State      State
	Into       string // where a merged situation lives on
	Title      string
	Severity   core.Severity
	OpenedAt   time.Time
	ClosedAt   time.Time
	QuietSince time.Time // since when no alert is failing; zero while one is
	Due        time.Time // when time alone may change it; zero for never
	Candidates []Candidate
	Confirmed  string // item or alert a person named as the root cause
	By         string // who did
	Kept       bool   // a person opened it again: it stays open although nothing fails
	Held       bool   // it opened in a storm, and nobody was told yet
	Verdict    *Verdict
	Alerts     map[string]*Alert

	told time.Time // when others last heard of it
}

// Root is the first candidate, or the zero Candidate.
func (s *Situation) Root() Candidate {
	if len(s.Candidates) == 0 {
		return Candidate{}
	}
	return s.Candidates[0]
}

// active says whether any alert of s is failing.
func (s *Situation) active() bool {
	for _, a := range s.Alerts {
		if a.failing() {
			return true
		}
	}
	return false
}

// older orders situations by who survives a merge.
func older(a, b *Situation) int {
	if c := a.OpenedAt.Compare(b.OpenedAt); c != 0 {
		return c
	}
	if a.ID < b.ID {
		return -1
	}
	return 1
}

// Failing counts the alerts that are failing.
func (s *Situation) Failing() int {
	n := 0
	for _, a := range s.Alerts {
		if a.failing() {
			n++
		}
	}
	return n
}
