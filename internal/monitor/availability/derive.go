package availability

import (
	"slices"

	"mainstay/internal/monitor/availability/figures"
)

const (
	maxAbove = 50_000 // items that a change is followed up to
	maxBelow = 200_000
	maxCause = 10 // items that are named as reasons
)

// view derives the states of items from those of checks, each once.
type view struct {
	graph Graph
	own   map[string]holding
	found map[string]derived
}

type derived struct {
	state figures.State
	cause []string // the items at the bottom of it
}

func newView(g Graph, own map[string]holding) *view {
	return &view{graph: g, own: own, found: map[string]derived{}}
}

// of derives the state of an item from its own and from what it needs, however
// deep. Items that need each other in a circle are looked at once.
func (v *view) of(item string) derived {
	if d, ok := v.found[item]; ok {
		return d
	}
	v.found[item] = derived{state: v.own[item].state} // also ends a circle
	if len(v.found) > maxBelow {
		return v.found[item]
	}
	own := v.own[item].state
	state, direct := figures.Combine(own, v.graph.Needs(item), func(needed string) figures.State { return v.of(needed).state })
	d := derived{state: state}
	for _, needed := range direct {
		deeper := v.found[needed].cause
		if len(deeper) == 0 {
			deeper = []string{needed}
		}
		for _, c := range deeper {
			if len(d.cause) < maxCause && !slices.Contains(d.cause, c) {
				d.cause = append(d.cause, c)
			}
		}
	}
	v.found[item] = d
	return d
}

// above returns the items that depend on some, however far, and these themselves.
func above(g Graph, items []string) map[string]bool {
	seen := map[string]bool{}
	next := slices.Clone(items)
	for len(next) > 0 && len(seen) < maxAbove {
		item := next[len(next)-1]
		next = next[:len(next)-1]
		if seen[item] {
			continue
		}
		seen[item] = true
		next = append(next, g.Dependents(item)...)
	}
	return seen
}
