package index

import "slices"

// dependencies calls fn for every node that n needs.
func (x *Index) dependencies(n uint32, fn func(edge) bool) {
	more := true
	x.out.each(n, func(e edge) bool {
		if x.kinds[e.kind&^grouped].SourceNeedsTarget && x.flags[e.node]&Gone == 0 {
			more = fn(e)
		}
		return more
	})
	if !more {
		return
	}
	x.in.each(n, func(e edge) bool {
		if x.kinds[e.kind&^grouped].TargetNeedsSource && x.flags[e.node]&Gone == 0 {
			return fn(e)
		}
		return true
	})
}

// dependents calls fn for every node that needs n.
func (x *Index) dependents(n uint32, fn func(e edge, key relationKey) bool) {
	more := true
	x.in.each(n, func(e edge) bool {
		kind := e.kind &^ grouped
		if x.kinds[kind].SourceNeedsTarget && x.flags[e.node]&Gone == 0 {
			more = fn(e, relationKey{e.node, n, kind})
		}
		return more
	})
	if !more {
		return
	}
	x.out.each(n, func(e edge) bool {
		kind := e.kind &^ grouped
		if x.kinds[kind].TargetNeedsSource && x.flags[e.node]&Gone == 0 {
			return fn(e, relationKey{n, e.node, kind})
		}
		return true
	})
}

// Dependencies returns the items that this item needs directly: those whose
// failure reaches it. Each is named once, in no order.
func (x *Index) Dependencies(id string) []string {
	x.mu.RLock()
	defer x.mu.RUnlock()
	return x.near(id, x.dependencies)
}

// Dependents returns the items that need this item directly.
func (x *Index) Dependents(id string) []string {
	x.mu.RLock()
	defer x.mu.RUnlock()
	return x.near(id, func(n uint32, fn func(edge) bool) {
		x.dependents(n, func(e edge, _ relationKey) bool { return fn(e) })
	})
}

func (x *Index) near(id string, walk func(uint32, func(edge) bool)) []string {
	n, ok := x.find(id)
	if !ok {
		return nil
	}
	var nodes []uint32
	walk(n, func(e edge) bool { nodes = append(nodes, e.node); return true })
	slices.Sort(nodes)
	nodes = slices.Compact(nodes)
	out := make([]string, len(nodes))
	for i, node := range nodes {
		out[i] = x.keys[node].String()
	}
	return out
}

// DependencyPath returns the shortest chain from an item to one it needs,
// directly or through others, both ends included; nil when there is none of
// at most maxHops hops.
func (x *Index) DependencyPath(from, to string, maxHops int) []string {
	x.mu.RLock()
	defer x.mu.RUnlock()
	start, ok := x.find(from)
	goal, ok2 := x.find(to)
	if !ok || !ok2 {
		return nil
	}
	v := x.visit()
	defer x.release(v)
	v.push(step{node: start})
	for at := 0; at < len(v.queue); at++ {
		s := v.queue[at]
		if s.node == goal {
			return x.trace(v, at)
		}
		if int(s.distance) >= maxHops {
			continue
		}
		x.dependencies(s.node, func(e edge) bool {
			v.push(step{node: e.node, via: uint32(at), distance: s.distance + 1, kind: e.kind})
			return true
		})
	}
	return nil
}

// trace returns the identifiers from the start of a walk to one of its steps.
func (x *Index) trace(v *visitor, at int) []string {
	path := make([]string, v.queue[at].distance+1)
	for i := len(path) - 1; i >= 0; i-- {
		path[i] = x.keys[v.queue[at].node].String()
		at = int(v.queue[at].via)
	}
	return path
}
