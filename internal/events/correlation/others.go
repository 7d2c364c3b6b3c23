package correlation

import (
	"cmp"
	"fmt"
	"slices"

	"mainstay/internal/core"
)

// others makes candidates of items that need another failing item, so that a
// reader sees why they are not the cause.
func (w *web) others(e *Engine) []Candidate {
	var rest []int
	for i := range w.nodes {
		if !w.leaf[w.component[i]] && !w.nodes[i].silent {
			rest = append(rest, i)
		}
	}
	slices.SortStableFunc(rest, func(a, b int) int { return cmp.Compare(len(w.users[b]), len(w.users[a])) })
	var all []Candidate
	for _, i := range rest[:min(len(rest), rankedOthers)] {
		n := w.nodes[i]
		c := candidateOf(e, n)
		for _, need := range n.needs[:min(len(n.needs), factsShown)] {
			c.Reasons = append(c.Reasons, Reason{
				fmt.Sprintf("%s, which fails too: more likely a consequence.", e.needs(n.item, need)),
				[]core.Ref{{Kind: "item", ID: n.item}, {Kind: "item", ID: need.item}},
			})
		}
		reached, _ := w.dependents([]int{i})
		if len(reached) > 0 {
			c.Reasons = append(c.Reasons, w.coverage(e, reached, len(w.nodes)-1))
		}
		c.Reasons = append(c.Reasons, n.marks()...)
		c.Confidence = rounded(0.02 + 0.1*float64(len(reached))/float64(len(w.nodes)))
		all = append(all, c)
	}
	return all
}

// rankAlerts orders alerts without an item: the earliest first, then the worst.
func rankAlerts(s *Situation) []Candidate {
	list := sortedByOnset(s.Alerts)
	list = slices.DeleteFunc(list, func(a *Alert) bool { return !a.failing() })
	slices.SortStableFunc(list, func(a, b *Alert) int {
		return cmp.Or(a.Onset.Compare(b.Onset), cmp.Compare(b.Severity, a.Severity))
	})
	var all []Candidate
	for place, a := range list[:min(len(list), rankedLeaves)] {
		text := fmt.Sprintf("%q belongs to no known item, so only time can rank it.", a.Title)
		if place == 0 && len(list) > 1 {
			text = fmt.Sprintf("%q began first of %d alerts; no item is known for it.", a.Title, len(list))
		}
		all = append(all, Candidate{
			Item: a.Item, Alert: a.ID, Name: a.Title, leaf: true, onset: a.Onset,
			Confidence: rounded(0.5 / float64(len(list)) / float64(place+1)),
			Reasons:    []Reason{{text, []core.Ref{{Kind: "alert", ID: a.ID}}}},
		})
	}
	return all
}

// whyMoved words why the root cause is now another one.
func (e *Engine) whyMoved(s *Situation, before, after Candidate) string {
	if s.Confirmed != "" && (after.Item == s.Confirmed || after.Alert == s.Confirmed) {
		return "Confirmed by " + s.By + "."
	}
	if why := s.measuredWhy(after); why != "" {
		return why
	}
	if before.Item != "" && after.Item != "" {
		down := func(item string) bool { return item == after.Item || e.itemFails(item) }
		for _, c := range causes(e.graph, before.Item, down) {
			if c.item == after.Item {
				return e.needs(before.Item, c) + ", which fails too."
			}
		}
		if !e.itemFails(before.Item) {
			return before.Name + " no longer fails, and others still do."
		}
	}
	if len(after.Reasons) > 0 {
		return after.Reasons[0].Text
	}
	return after.Name + " is now the likelier cause."
}
