package correlation

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"mainstay/internal/core"
)

// Fact is one recorded change of an item: a ledger entry.
type Fact struct {
	Entry   string
	Item    string
	At      time.Time
	Summary string
}

// Evidence finds what changed on some items in a span of time, newest first: the
// facts of the first most entries.
type Evidence interface {
	Changes(items []string, since, until time.Time, most int) []Fact
}

const (
	changeWeight   = 0.15 // what a change at the moment of the fault adds to a score
	nearbyShare    = 0.5  // of it for a change on an item one hop away
	factsShown     = 3
	factsKept      = 10000
	nearbyExamined = 8
	entriesAsked   = 200 // of changes, for one situation
	foreseenMost   = 200 // items asked for at once on behalf of several situations
	foreseenSize   = 8   // alerts of a situation whose items are all asked for
)

// foresee asks at once for the changes that several situations will ask for one
// by one.
func (e *Engine) foresee() {
	if e.evidence == nil || len(e.dirty) < 2 {
		return
	}
	wanted := map[string]bool{}
	var first, last time.Time
	for _, c := range e.dirty {
		if s := c.Situation; s.State != Open || len(s.Alerts) > foreseenSize || !s.active() {
			continue
		}
		for _, a := range c.Situation.Alerts {
			if a.Item == "" || !a.Active {
				continue
			}
			if first.IsZero() || a.Onset.Before(first) {
				first = a.Onset
			}
			if a.Onset.After(last) {
				last = a.Onset
			}
			for _, item := range e.nearby(a.Item) {
				if _, known := e.facts[item]; !known {
					wanted[item] = true
				}
			}
		}
	}
	for items := range slices.Chunk(slices.Sorted(maps.Keys(wanted)), foreseenMost) {
		most := max(entriesAsked, 2*len(items))
		facts := e.evidence.Changes(items, first.Add(-e.settings.Changes), last, most)
		if len(facts) < most { // otherwise some may be missing: each situation asks for its own
			e.note(items, facts)
		}
	}
}

// note keeps what is known of items.
func (e *Engine) note(items []string, facts []Fact) {
	if len(e.facts) > factsKept {
		clear(e.facts)
	}
	for _, item := range items {
		e.facts[item] = nil
	}
	for _, f := range facts {
		e.facts[f.Item] = append(e.facts[f.Item], f)
	}
}

// gather asks for the changes of items that were not asked for yet.
func (e *Engine) gather(items []string, since, until time.Time) {
	if e.evidence == nil {
		return
	}
	var unknown []string
	for _, item := range items {
		if _, known := e.facts[item]; !known {
			unknown = append(unknown, item)
		}
	}
	if len(unknown) == 0 {
		return
	}
	e.note(unknown, e.evidence.Changes(unknown, since, until, entriesAsked))
}

// weighChanges looks for changes on a candidate and the items it needs, and
// returns what they add to its score.
func (e *Engine) weighChanges(c *Candidate) float64 {
	best := 0.0
	near := e.nearby(c.Item)
	for i, item := range near {
		share := 1.0
		if i > 0 {
			share = nearbyShare
		}
		for _, f := range e.facts[item] {
			age := c.onset.Sub(f.At)
			if age < 0 || age > e.settings.Changes || len(c.Changes) >= factsShown {
				continue
			}
			closeness := 1 - float64(age)/float64(e.settings.Changes)
			best = max(best, changeWeight*share*closeness)
			text := fmt.Sprintf("%s before it failed: %s", span(age), f.Summary)
			if i > 0 {
				text = fmt.Sprintf("%s before it failed, on %s which it needs: %s", span(age), e.graph.Name(item), f.Summary)
			}
			c.Changes = append(c.Changes, f.Entry)
			c.Reasons = append(c.Reasons, Reason{sentence(text), []core.Ref{{Kind: "entry", ID: f.Entry}, {Kind: "item", ID: item}}})
		}
	}
	return best
}

// nearby lists an item and the first of the items it needs.
func (e *Engine) nearby(item string) []string {
	near := []string{item}
	for _, need := range e.graph.Needs(item) {
		for _, other := range need.Items {
			if len(near) > nearbyExamined {
				return near
			}
			near = append(near, other)
		}
	}
	return near
}

// span words a duration the way people say it.
func span(d time.Duration) string {
	switch {
	case d < time.Second:
		return "less than a second"
	case d < 2*time.Minute:
		return fmt.Sprintf("%d s", int(d.Seconds()))
	case d < 2*time.Hour:
		return fmt.Sprintf("%d min", int(d.Minutes()))
	}
	return fmt.Sprintf("%d h", int(d.Hours()))
}

// sentence begins with a capital and ends with a full stop.
func sentence(s string) string {
	if s == "" {
		return s
	}
	if c := s[0]; c >= 'a' && c <= 'z' {
		s = string(c-'a'+'A') + s[1:]
	}
	if last := s[len(s)-1]; last != '.' && last != '!' && last != '?' {
		s += "."
	}
	return s
}
