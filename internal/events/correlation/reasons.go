package correlation

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"mainstay/internal/core"
)

// What each finding adds to a candidate's score.
const (
	leafWeight     = 0.55
	coverageWeight = 0.25
	alonePart      = 0.6 // of coverageWeight, when there is nothing to cover
	firstWeight    = 0.05
	cyclePenalty   = 0.10
	bridgePenalty  = 0.05 // reached only through items that nothing measures
	healthyPenalty = 0.15 // reached only through items that are measured and report no fault
	namesShown     = 4
)

// leaves makes candidates of the items that need no other failing item.
func (w *web) leaves(e *Engine) []Candidate {
	var all []Candidate
	components := w.leafComponents()
	w.gather(e, components)
	for _, c := range components {
		cycle := slices.Clone(w.members[c])
		// Within a cycle: who failed first, then who is worse, then who deviated more often.
		slices.SortFunc(cycle, func(a, b int) int {
			x, y := w.nodes[a], w.nodes[b]
			return cmp.Or(x.onset.Compare(y.onset), cmp.Compare(y.worst.Severity, x.worst.Severity), cmp.Compare(y.count, x.count), strings.Compare(x.item, y.item))
		})
		for place, i := range cycle {
			if place >= rankedOthers {
				break
			}
			if w.nodes[i].silent {
				all = append(all, w.silentCandidate(e, i))
				continue
			}
			all = append(all, w.leafCandidate(e, i, cycle, place))
		}
	}
	return all
}

// gather asks once for the changes around all leaves.
func (w *web) gather(e *Engine, components []int) {
	var items []string
	if len(components) == 0 {
		return
	}
	first, last := w.nodes[0].onset, w.nodes[0].onset
	for _, c := range components[:min(len(components), rankedOthers)] {
		for _, i := range w.members[c][:min(len(w.members[c]), rankedOthers)] {
			n := w.nodes[i]
			items = append(items, e.nearby(n.item)...)
			if n.onset.Before(first) {
				first = n.onset
			}
			if n.onset.After(last) {
				last = n.onset
			}
		}
	}
	e.gather(items, first.Add(-e.settings.Changes), last)
}

func (w *web) leafCandidate(e *Engine, i int, cycle []int, place int) Candidate {
	n := w.nodes[i]
	c := candidateOf(e, n)
	c.leaf = place == 0
	score := leafWeight
	item := core.Ref{Kind: "item", ID: n.item}
	text := fmt.Sprintf("%s fails (%s), and needs nothing else that fails.", c.Name, n.worst.Severity)
	if len(cycle) > 1 {
		text = fmt.Sprintf("%s fails (%s); %s need each other, and nothing else that fails.", c.Name, n.worst.Severity, w.names(e, cycle))
		score -= cyclePenalty * float64(place+1)
	}
	c.Reasons = append(c.Reasons, Reason{text, []core.Ref{item, {Kind: "alert", ID: n.worst.ID}}})
	reached, hop := w.dependents(cycle)
	rest := w.heard() - len(cycle)
	switch {
	case len(reached) > 0:
		score += coverageWeight * float64(len(reached)) / float64(rest)
		c.Reasons = append(c.Reasons, w.coverage(e, reached, rest))
		reasons, penalty := w.bridges(e, reached, hop)
		c.Reasons = append(c.Reasons, reasons...)
		score -= penalty
	case rest == 0:
		score += coverageWeight * alonePart
	}
	reason, first := w.order(e, i)
	if reason.Text != "" {
		c.Reasons = append(c.Reasons, reason)
	}
	if first {
		score += firstWeight
	}
	c.Reasons = append(c.Reasons, n.marks()...)
	score += e.weighChanges(&c)
	c.Confidence = math.Max(score, 0.05)
	return c
}

func candidateOf(e *Engine, n *node) Candidate {
	return Candidate{Item: n.item, Alert: n.worst.ID, Name: e.graph.Name(n.item), onset: n.onset}
}

// marks are the things to know of an item that do not change its place.
func (n *node) marks() []Reason {
	var marks []Reason
	refs := []core.Ref{{Kind: "alert", ID: n.worst.ID}}
	if n.suppressed != "" {
		marks = append(marks, Reason{sentence("Its alert is suppressed: " + n.suppressed), refs})
	}
	if n.recovered {
		marks = append(marks, Reason{"It has recovered, a moment ago.", refs})
	}
	return marks
}

func (w *web) coverage(e *Engine, reached []int, rest int) Reason {
	refs := make([]core.Ref, 0, min(len(reached), namesShown))
	for _, i := range reached[:min(len(reached), namesShown)] {
		refs = append(refs, core.Ref{Kind: "item", ID: w.nodes[i].item})
	}
	return Reason{fmt.Sprintf("%d of %d other failing items need it: %s.", len(reached), rest, w.names(e, reached)), refs}
}

// bridges names the silent items over which others need the candidate, and
// what a bridge costs when all paths cross one.
func (w *web) bridges(e *Engine, reached []int, hop map[int]int) ([]Reason, float64) {
	var reasons []Reason
	direct, measured := false, false
	for _, user := range reached {
		source := hop[user]
		if hop[source] != source {
			continue // a consequence of a consequence
		}
		at := slices.IndexFunc(w.nodes[user].needs, func(c cause) bool { return c.item == w.nodes[source].item })
		via := w.nodes[user].needs[at].via
		if via == "" {
			direct = true
			continue
		}
		state := "which nothing measures"
		if e.graph.Measured(via) {
			state, measured = "which reports no fault so far", true
		}
		text := fmt.Sprintf("%s needs it through %s, %s.", e.graph.Name(w.nodes[user].item), e.graph.Name(via), state)
		if len(reasons) < factsShown {
			reasons = append(reasons, Reason{text, []core.Ref{{Kind: "item", ID: w.nodes[user].item}, {Kind: "item", ID: via}}})
		}
	}
	switch {
	case direct || len(reasons) == 0:
		return reasons, 0
	case measured:
		return reasons, healthyPenalty
	}
	return reasons, bridgePenalty
}

// order says who began first, where that tells something.
func (w *web) order(e *Engine, i int) (Reason, bool) {
	if len(w.nodes) < 2 {
		return Reason{}, true
	}
	n := w.nodes[i]
	var next *node
	for j, other := range w.nodes {
		if j == i || other.silent {
			continue
		}
		if other.onset.Before(n.onset) {
			return Reason{}, false
		}
		if next == nil || other.onset.Before(next.onset) {
			next = other
		}
	}
	if next == nil || !next.onset.After(n.onset) {
		return Reason{}, true
	}
	text := fmt.Sprintf("It failed first, %s before %s.", span(next.onset.Sub(n.onset)), e.graph.Name(next.item))
	return Reason{text, []core.Ref{{Kind: "alert", ID: n.worst.ID}, {Kind: "alert", ID: next.worst.ID}}}, true
}

// names lists some items by name and counts the rest.
func (w *web) names(e *Engine, of []int) string {
	var names []string
	for _, i := range of[:min(len(of), namesShown)] {
		names = append(names, e.graph.Name(w.nodes[i].item))
	}
	if more := len(of) - len(names); more > 0 {
		return fmt.Sprintf("%s and %d more", strings.Join(names, ", "), more)
	}
	return strings.Join(names, ", ")
}
