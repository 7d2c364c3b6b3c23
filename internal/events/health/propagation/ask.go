package propagation

import (
	"cmp"
	"slices"
)

// Standing is how an item stands.
type Standing struct {
	Item  string
	State State
	Own   State // by itself
}

// Branch is one need of an item with how its members stand, the worst first.
type Branch struct {
	Need    Need
	State   State
	Members []Standing
}

// Of tells how items stand; those that are not known are left out.
func (e *Engine) Of(items ...string) map[string]Standing {
	e.mu.RLock()
	defer e.mu.RUnlock()
	out := make(map[string]Standing, len(items))
	for _, item := range items {
		if n := e.nodes[item]; n != nil {
			out[item] = n.standing()
		}
	}
	return out
}

func (n *node) standing() Standing { return Standing{n.id, n.state, n.own} }

// Branches tells what an item needs, the worst first.
func (e *Engine) Branches(item string) []Branch {
	e.mu.RLock()
	defer e.mu.RUnlock()
	n := e.nodes[item]
	if n == nil {
		return nil
	}
	out := make([]Branch, 0, len(n.needs))
	for i, t := range n.needs {
		b := Branch{Need: t.need, State: t.state, Members: make([]Standing, 0, len(n.members[i]))}
		for _, m := range n.members[i] {
			b.Members = append(b.Members, m.standing())
		}
		slices.SortFunc(b.Members, worstFirst)
		out = append(out, b)
	}
	slices.SortStableFunc(out, func(a, b Branch) int { return cmp.Compare(b.State, a.State) })
	return out
}

func worstFirst(a, b Standing) int {
	return cmp.Or(cmp.Compare(b.State, a.State), cmp.Compare(a.Item, b.Item))
}

// Causes follows what is wrong with an item down to the items that are not well
// by themselves and need nothing that is not well: the worst first, at most most.
func (e *Engine) Causes(item string, most int) []Standing {
	e.mu.RLock()
	defer e.mu.RUnlock()
	first := e.nodes[item]
	if first == nil || first.state == OK {
		return nil
	}
	const looked = 5000 // items that one answer may cost
	var out []Standing
	seen := map[*node]bool{first: true}
	for walk := []*node{first}; len(walk) > 0 && len(seen) < looked; {
		n := walk[0]
		walk = walk[1:]
		deeper := false
		for i, t := range n.needs {
			if t.state == OK {
				continue
			}
			for _, m := range n.members[i] {
				if m.state == OK {
					continue
				}
				deeper = true
				if !seen[m] {
					seen[m] = true
					walk = append(walk, m)
				}
			}
		}
		if n.own != OK && (!deeper || n.own == n.state) {
			out = append(out, n.standing())
		}
	}
	slices.SortStableFunc(out, func(a, b Standing) int { return cmp.Compare(b.Own, a.Own) })
	if lesser := slices.IndexFunc(out, func(s Standing) bool { return s.Own < first.state }); lesser > 0 {
		out = out[:lesser] // what is less bad does not explain it
	}
	return out[:min(len(out), most)]
}

// Below lists an item and what it needs, however far, nearest first, at most
// most; cut says that there is more.
func (e *Engine) Below(item string, most int) (found []Standing, cut bool) {
	e.mu.RLock()
	defer e.mu.RUnlock()
	first := e.nodes[item]
	if first == nil {
		return nil, false
	}
	seen := map[*node]bool{first: true}
	for walk := []*node{first}; len(walk) > 0; {
		n := walk[0]
		walk = walk[1:]
		if found = append(found, n.standing()); len(found) == most {
			return found, len(walk) > 0
		}
		for _, members := range n.members {
			for _, m := range members {
				if !seen[m] {
					seen[m] = true
					walk = append(walk, m)
				}
			}
		}
	}
	return found, false
}

// Reaches lists which watched items need any of some, however far.
func (e *Engine) Reaches(items []string) map[string]bool {
	e.mu.RLock()
	defer e.mu.RUnlock()
	out := map[string]bool{}
	seen := map[*node]bool{}
	var walk []*node
	for _, item := range items {
		if n := e.nodes[item]; n != nil && !seen[n] {
			seen[n] = true
			walk = append(walk, n)
		}
	}
	for len(walk) > 0 {
		n := walk[len(walk)-1]
		walk = walk[:len(walk)-1]
		if n.watched {
			out[n.id] = true
		}
		for _, u := range n.up {
			if !seen[u.parent] {
				seen[u.parent] = true
				walk = append(walk, u.parent)
			}
		}
	}
	return out
}
