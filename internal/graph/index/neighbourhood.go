package index

// Node is one item of a neighbourhood.
type Node struct {
	ID       string
	Class    uint16
	Distance int
	// Hidden counts the neighbours that are not part of the answer.
	Hidden int
}

// Edge is one relation between two items of a neighbourhood.
type Edge struct {
	From, To string
	Type     uint8
	Group    string
}

// Neighbourhood is a part of the graph that fits on a screen.
type Neighbourhood struct {
	Nodes []Node
	Edges []Edge
	// LeftOut counts the items within reach that the limit cut off.
	LeftOut int
}

// maxCounted bounds how many left-out items are counted.
const maxCounted = 100_000

// Neighbourhood returns the items at most hops relations away from the given
// ones, nearest first, at most limit of them, and the relations among them.
// keep, when not nil, says which classes are shown; others are not walked through.
func (x *Index) Neighbourhood(ids []string, hops, limit int, keep func(class uint16) bool) Neighbourhood {
	x.mu.RLock()
	defer x.mu.RUnlock()
	v := x.visit()
	defer x.release(v)
	for _, id := range ids {
		if n, ok := x.find(id); ok {
			v.push(step{node: n})
		}
	}
	for at := 0; at < len(v.queue) && len(v.queue) < limit+maxCounted; at++ {
		s := v.queue[at]
		if int(s.distance) >= hops {
			break // the queue is in order of distance
		}
		x.around(s.node, func(e edge, _ bool) {
			if keep == nil || keep(x.class[e.node]) {
				v.push(step{node: e.node, via: uint32(at), distance: s.distance + 1})
			}
		})
	}
	return x.picture(v, limit)
}

// around calls fn for every relation of a node; outward is true at its source.
func (x *Index) around(n uint32, fn func(e edge, outward bool)) {
	x.out.each(n, func(e edge) bool {
		if x.flags[e.node]&Gone == 0 {
			fn(e, true)
		}
		return true
	})
	x.in.each(n, func(e edge) bool {
		if x.flags[e.node]&Gone == 0 {
			fn(e, false)
		}
		return true
	})
}

// picture turns the first steps of a walk into nodes and edges.
func (x *Index) picture(v *visitor, limit int) Neighbourhood {
	shown := v.queue[:min(limit, len(v.queue))]
	in := make(map[uint32]struct{}, len(shown))
	for _, s := range shown {
		in[s.node] = struct{}{}
	}
	result := Neighbourhood{Nodes: make([]Node, 0, len(shown)), LeftOut: len(v.queue) - len(shown)}
	for _, s := range shown {
		node := Node{ID: x.keys[s.node].String(), Class: x.class[s.node], Distance: int(s.distance)}
		x.around(s.node, func(e edge, outward bool) {
			if _, ok := in[e.node]; !ok {
				node.Hidden++
				return
			}
			if outward {
				kind := e.kind &^ grouped
				result.Edges = append(result.Edges, Edge{
					From: node.ID, To: x.keys[e.node].String(), Type: kind, Group: x.groups[relationKey{s.node, e.node, kind}],
				})
			}
		})
		result.Nodes = append(result.Nodes, node)
	}
	return result
}
