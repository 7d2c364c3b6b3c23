package correlation

import (
	"slices"
	"strings"
)

// Need is one thing an item needs: at least Require of Items have to work. A
// plain dependency has one item and requires one.
type Need struct {
	Items   []string
	Require int
}

// Graph is what correlation asks of the topology. Answers come from memory.
type Graph interface {
	Needs(item string) []Need
	Users(item string) []string // those that need it
	Name(item string) string
	// Class of an item, such as database.
	Class(item string) string
	// Measured says whether anything watches the item; a silent item that is
	// measured weakens a bridge over it, one that is not does not.
	Measured(item string) bool
}

// cause is a failing item that explains the failure of another one.
type cause struct {
	item string
	via  string // the item without a fault in between, if any
}

// bridgeHops is how far a cause may be: a direct need, or one silent item between.
const bridgeHops = 2

// maxFanOut bounds the walk from one item, so that a hub cannot stall intake.
const maxFanOut = 5000

// causes lists the failing items that item cannot work without. A need met by
// n of m items counts only once fewer than n can still work.
func causes(g Graph, item string, failing func(string) bool) []cause {
	budget := maxFanOut
	return causesWithin(g, item, item, failing, bridgeHops, &budget)
}

func causesWithin(g Graph, origin, item string, failing func(string) bool, hops int, budget *int) []cause {
	var found []cause
	for _, need := range g.Needs(item) {
		var hits []cause
		down := 0
		for _, other := range need.Items {
			if *budget--; *budget < 0 {
				return found
			}
			switch {
			case other == item || other == origin:
			case failing(other):
				down++
				hits = append(hits, cause{item: other})
			case hops > 1:
				behind := causesWithin(g, origin, other, failing, hops-1, budget)
				if len(behind) > 0 {
					down++
				}
				for _, c := range behind {
					hits = append(hits, cause{item: c.item, via: other})
				}
			}
		}
		if down > 0 && len(need.Items)-down < max(need.Require, 1) {
			found = append(found, hits...)
		}
	}
	return nearest(found)
}

// nearest keeps one cause per item, the direct one where there is one.
func nearest(found []cause) []cause {
	if len(found) < 2 {
		return found
	}
	slices.SortStableFunc(found, func(a, b cause) int {
		switch {
		case a.item != b.item:
			return strings.Compare(a.item, b.item)
		default:
			return strings.Compare(a.via, b.via) // "" is direct, and sorts first
		}
	})
	return slices.CompactFunc(found, func(a, b cause) bool { return a.item == b.item })
}

// surroundings lists the items within bridgeHops along needs: where a later
// fault would explain item.
func surroundings(g Graph, item string) []string {
	return around(item, func(at string, visit func(string)) {
		for _, need := range g.Needs(at) {
			for _, other := range need.Items {
				visit(other)
			}
		}
	})
}

// around lists the items within bridgeHops of one along near, the nearest first.
func around(item string, near func(at string, visit func(other string))) []string {
	seen := map[string]bool{item: true}
	var all []string
	edge := []string{item}
	for range bridgeHops {
		reached := len(all)
		for _, at := range edge {
			near(at, func(other string) {
				if !seen[other] && len(all) < maxFanOut {
					seen[other] = true
					all = append(all, other)
				}
			})
		}
		edge = all[reached:]
	}
	return all
}
