package propagation

import (
	"slices"
	"sync"
)

// Source tells what an item needs.
type Source func(item string) []Need

// Engine is safe for concurrent use.
type Engine struct {
	mu     sync.RWMutex
	nodes  map[string]*node
	source Source
	moved  map[string]State // what watched items were before, since the last Moved
}

// node is one item.
type node struct {
	id      string
	own     State
	needs   []*tally
	members [][]*node // of each need
	worst   [states]int
	up      []upward
	state   State
	watched bool
	marked  bool // by the walk that runs
}

// upward is a place where a node is needed.
type upward struct {
	parent *node
	need   *tally
	weight float64
}

// New returns an engine that knows nothing yet.
func New(source Source) *Engine {
	return &Engine{nodes: map[string]*node{}, source: source, moved: map[string]State{}}
}

// Watch makes items, and everything below them, known. Moved tells of these items.
func (e *Engine) Watch(items ...string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, item := range items {
		n := e.ensure(item)
		if !n.watched {
			n.watched = true
			if n.state != OK {
				e.moved[item] = OK
			}
		}
	}
}

// Set says how items stand by themselves. Items that are not known are left out.
func (e *Engine) Set(own map[string]State) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for item, state := range own {
		n := e.nodes[item]
		if n == nil || n.own == state {
			continue
		}
		better := state < n.own
		n.own = state
		e.settle(n, better)
	}
}

// Reread asks anew what items need.
func (e *Engine) Reread(items ...string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, item := range items {
		n := e.nodes[item]
		if n == nil {
			continue
		}
		n.detach()
		e.attach(n)
		e.settle(n, true)
	}
}

// Moved lists the watched items whose state is another one than when it was
// last asked, with what they were.
func (e *Engine) Moved() map[string]State {
	e.mu.Lock()
	defer e.mu.Unlock()
	out := make(map[string]State, len(e.moved))
	for item, before := range e.moved {
		if n := e.nodes[item]; n != nil && n.state != before {
			out[item] = before
		}
	}
	clear(e.moved)
	return out
}

// Knows lists those of the items that the engine knows.
func (e *Engine) Knows(items []string) []string {
	e.mu.RLock()
	defer e.mu.RUnlock()
	var known []string
	for _, item := range items {
		if e.nodes[item] != nil {
			known = append(known, item)
		}
	}
	return known
}

// Size counts the items that are known.
func (e *Engine) Size() int {
	e.mu.RLock()
	defer e.mu.RUnlock()
	return len(e.nodes)
}

// ensure returns the node of an item; a new one is read with all below it.
func (e *Engine) ensure(item string) *node {
	if n := e.nodes[item]; n != nil {
		return n
	}
	first := &node{id: item}
	e.nodes[item] = first
	for fresh := []*node{first}; len(fresh) > 0; { // no recursion: chains may be long
		n := fresh[len(fresh)-1]
		fresh = fresh[:len(fresh)-1]
		for _, need := range e.source(n.id) {
			for _, id := range need.Items {
				if e.nodes[id] == nil {
					e.nodes[id] = &node{id: id}
					fresh = append(fresh, e.nodes[id])
				}
			}
			e.bind(n, need)
		}
		e.settle(n, false)
	}
	return first
}

// attach reads what a known node needs.
func (e *Engine) attach(n *node) {
	for _, need := range e.source(n.id) {
		for _, id := range need.Items {
			e.ensure(id)
		}
		e.bind(n, need)
	}
}

// bind makes a node need what is known already.
func (e *Engine) bind(n *node, need Need) {
	t := &tally{need: need}
	members := make([]*node, 0, len(need.Items))
	for i, id := range need.Items {
		child, weight := e.nodes[id], 0.0
		if need.Weights != nil {
			weight = need.Weights[i]
		}
		t.count[child.state]++
		t.weight[child.state] += weight
		child.up = append(child.up, upward{n, t, weight})
		members = append(members, child)
	}
	t.state = t.judge()
	n.needs, n.members = append(n.needs, t), append(n.members, members)
	n.worst[t.state]++
}

// detach forgets what a node needs.
func (n *node) detach() {
	for i, t := range n.needs {
		for _, child := range n.members[i] {
			child.up = slices.DeleteFunc(child.up, func(u upward) bool { return u.need == t })
		}
	}
	n.needs, n.members, n.worst = nil, nil, [states]int{}
}

// judge is what the node's state should be.
func (n *node) judge() State {
	for s := Down; s > n.own; s-- {
		if n.worst[s] > 0 {
			return s
		}
	}
	return n.own
}

// set changes a node's state and counts it where it is needed.
func (e *Engine) set(n *node, state State) {
	before := n.state
	if n.watched {
		if _, known := e.moved[n.id]; !known {
			e.moved[n.id] = before
		}
	}
	n.state = state
	for _, u := range n.up {
		u.need.move(before, state, u.weight)
		if now := u.need.judge(); now != u.need.state {
			u.parent.worst[u.need.state]--
			u.parent.worst[now]++
			u.need.state = now
		}
	}
}

// settle brings a node, and what needs it, to where it should be. When
// something that weighed on it is gone, better, it may be not well only because
// of itself, around a circle.
func (e *Engine) settle(n *node, better bool) {
	if n.state == OK || !better {
		e.raise([]*node{n})
		return
	}
	// Everything above that is not well may owe that to this node. What is well
	// cannot, and nothing above it can through it.
	region := []*node{n}
	n.marked = true
	for i := 0; i < len(region); i++ {
		for _, u := range region[i].up {
			if p := u.parent; !p.marked && p.state != OK {
				p.marked = true
				region = append(region, p)
			}
		}
	}
	for _, r := range region {
		r.marked = false
		if r.state != OK {
			e.set(r, OK)
		}
	}
	e.raise(region)
}

// raise lets bad news travel upwards.
func (e *Engine) raise(work []*node) {
	for len(work) > 0 {
		n := work[len(work)-1]
		work = work[:len(work)-1]
		now := n.judge()
		if now <= n.state {
			continue
		}
		e.set(n, now)
		for _, u := range n.up {
			work = append(work, u.parent)
		}
	}
}
