package correlation

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"time"

	"mainstay/internal/core"
)

// What much of what fails needs may have failed without saying so: a switch
// that no monitor reaches any more, a hypervisor nobody watches. Its users are
// then one situation, and it is a candidate.
const (
	commonLeast        = 3   // failing users, at least
	commonShare        = 0.3 // of all its users that fail
	commonShareHealthy = 0.5 // the same, when it is measured and reports no fault
)

// suspected says how many users of a silent item have to fail before it is suspected.
func (e *Engine) suspected(item string) (least, users int) {
	users, known := e.users[item]
	if !known {
		users = countUsers(e.graph, item)
		e.users[item] = users
	}
	share := commonShare
	if e.graph.Measured(item) {
		share = commonShareHealthy
	}
	return max(commonLeast, int(math.Ceil(share*float64(users)))), users
}

// countUsers counts the items within bridgeHops that need item.
func countUsers(g Graph, item string) int {
	return len(around(item, func(at string, visit func(string)) {
		for _, user := range g.Users(at) {
			visit(user)
		}
	}))
}

// breakers lists the items around one that alone would break it.
func breakers(g Graph, item string, around []string) []string {
	var all []string
	for _, need := range around {
		alone := func(other string) bool { return other == need }
		if slices.ContainsFunc(causes(g, item, alone), func(c cause) bool { return c.item == need }) {
			all = append(all, need)
		}
	}
	return all
}

// joinCommon merges the situations of items that fail together and need the
// same silent item. placed are the alerts that were placed just now.
func (e *Engine) joinCommon(placed []*Alert, now time.Time) {
	looked := map[string]bool{}
	for _, a := range placed {
		if a.Item == "" || a.Pinned || !a.failing() {
			continue
		}
		for _, need := range e.brokenBy[a.Item] {
			if !looked[need] {
				looked[need] = true
				e.joinUsers(need, now)
			}
		}
	}
}

func (e *Engine) joinUsers(need string, now time.Time) {
	if len(e.broken[need]) < 2 || e.itemFails(need) {
		return // what fails itself links its users
	}
	least, all := 2, 0
	suppressed := len(e.byItem[need]) > 0
	if !suppressed {
		least, all = e.suspected(need)
	}
	if len(e.broken[need]) < least {
		return
	}
	var failing []*Alert
	var newest time.Time
	for item := range e.broken[need] {
		for _, a := range e.byItem[item] {
			if s := e.situations[a.Situation]; a.failing() && !a.Pinned && s != nil && s.State == Open {
				failing = append(failing, a)
				if a.Onset.After(newest) {
					newest = a.Onset
				}
			}
		}
	}
	var found []*Situation
	items := map[string]bool{}
	for _, a := range failing {
		if newest.Sub(a.Onset) > e.settings.Window {
			continue
		}
		items[a.Item] = true
		if s := e.situations[a.Situation]; !slices.Contains(found, s) {
			found = append(found, s)
		}
	}
	if len(found) < 2 {
		return
	}
	// What fails because something else does says nothing about this need.
	maps.DeleteFunc(items, func(item string, _ bool) bool { return len(causes(e.graph, item, e.itemFails)) > 0 })
	if len(items) < least {
		return
	}
	slices.SortFunc(found, older)
	why := fmt.Sprintf("%d of %d items that need %s fail together, and nothing is heard of it.", len(items), all, e.graph.Name(need))
	if suppressed {
		why = fmt.Sprintf("%d items that need %s fail together, and its alerts are suppressed.", len(items), e.graph.Name(need))
	}
	for _, other := range found[1:] {
		e.merge(other, found[0], now, why)
	}
}

// silentNodes makes nodes of silent items that nodes which fail for no other
// reason have in common; of several that need each other, the last one.
func (e *Engine) silentNodes(nodes []*node, down func(string) bool) []*node {
	users := map[string][]int{}
	for i, n := range nodes {
		if len(n.needs) > 0 {
			continue
		}
		for _, need := range e.brokenBy[n.item] {
			users[need] = append(users[need], i)
		}
	}
	var silent []*node
	known := map[string]bool{}
	for need, of := range users {
		if len(of) < commonLeast || len(e.byItem[need]) > 0 || down(need) {
			continue
		}
		if least, all := e.suspected(need); len(of) >= least {
			first := nodes[slices.MinFunc(of, func(i, j int) int { return nodes[i].onset.Compare(nodes[j].onset) })]
			silent = append(silent, &node{item: need, worst: first.worst, onset: first.onset, silent: true, users: of, all: all})
			known[need] = true
		}
	}
	silent = slices.DeleteFunc(silent, func(n *node) bool {
		return len(causes(e.graph, n.item, func(item string) bool { return known[item] || down(item) })) > 0
	})
	slices.SortFunc(silent, func(a, b *node) int {
		return cmp.Or(cmp.Compare(len(b.users), len(a.users)), cmp.Compare(a.item, b.item))
	})
	return silent
}

// silentCandidate is a silent item as a root cause.
func (w *web) silentCandidate(e *Engine, i int) Candidate {
	n := w.nodes[i]
	c := Candidate{Item: n.item, Name: e.graph.Name(n.item), onset: n.onset, leaf: true}
	penalty, heard := bridgePenalty, "nothing measures it"
	if e.graph.Measured(n.item) {
		penalty, heard = healthyPenalty, "it reports no fault so far"
	}
	reached, _ := w.dependents([]int{i})
	c.Reasons = append(c.Reasons, Reason{
		fmt.Sprintf("%d of %d items that need %s fail together, and %s.", len(n.users), n.all, c.Name, heard), []core.Ref{{Kind: "item", ID: n.item}},
	})
	rest := w.heard()
	if len(reached) > 0 && rest > 0 {
		c.Reasons = append(c.Reasons, w.coverage(e, reached, rest))
		c.Confidence = coverageWeight * float64(len(reached)) / float64(rest)
	}
	c.Confidence += leafWeight - penalty + e.weighChanges(&c)
	return c
}
