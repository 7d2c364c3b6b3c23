package index

import "slices"

// adjacency holds the edges of every node in one direction: a compact base
// (targets of node n lie at offsets[n] to offsets[n+1]) and an overlay of
// whole edge lists for nodes that changed since.
type adjacency struct {
	offsets []uint32
	targets []uint32
	kinds   []uint8
	overlay map[uint32][]edge
	over    []uint64 // a bit for each node: whether the overlay holds it; cheaper to ask than the map
	changed int      // edges added or removed since the base was built
	count   int
}

func newAdjacency() adjacency { return adjacency{overlay: map[uint32][]edge{}} }

func (a *adjacency) len() int { return a.count }

// base returns the bounds of a node's edges in the arrays.
func (a *adjacency) base(n uint32) (from, to uint32) {
	if int(n)+1 >= len(a.offsets) {
		return 0, 0
	}
	return a.offsets[n], a.offsets[n+1]
}

// each calls fn for every edge of a node until it returns false.
func (a *adjacency) each(n uint32, fn func(edge) bool) {
	if a.overlaid(n) {
		for _, e := range a.overlay[n] {
			if !fn(e) {
				return
			}
		}
		return
	}
	from, to := a.base(n)
	for i := from; i < to; i++ {
		if !fn(edge{a.targets[i], a.kinds[i]}) {
			return
		}
	}
}

// overlaid says that the node's edges are those of the overlay.
func (a *adjacency) overlaid(n uint32) bool {
	word := int(n / 64)
	return word < len(a.over) && a.over[word]&(1<<(n%64)) != 0
}

// put makes edges those of the node.
func (a *adjacency) put(n uint32, edges []edge) {
	if word := int(n / 64); word >= len(a.over) {
		a.over = append(a.over, make([]uint64, word+1-len(a.over))...)
	}
	a.over[n/64] |= 1 << (n % 64)
	a.overlay[n] = edges
}

// own returns the node's edge list in the overlay, copying it from the base.
func (a *adjacency) own(n uint32) []edge {
	edges, ok := a.overlay[n]
	if !ok {
		from, to := a.base(n)
		edges = make([]edge, 0, to-from+1)
		for i := from; i < to; i++ {
			edges = append(edges, edge{a.targets[i], a.kinds[i]})
		}
	}
	return edges
}

func (a *adjacency) add(n uint32, e edge) {
	a.put(n, append(a.own(n), e))
	a.changed++
	a.count++
}

func (a *adjacency) has(n uint32, e edge) (found bool) {
	a.each(n, func(other edge) bool { found = other == e; return !found })
	return found
}

// remove takes an edge away and says whether it was there. The order of the
// edges that stay is of no meaning.
func (a *adjacency) remove(n uint32, e edge) bool {
	if !a.has(n, e) {
		return false
	}
	edges := a.own(n)
	i := slices.Index(edges, e)
	edges[i] = edges[len(edges)-1]
	a.put(n, edges[:len(edges)-1])
	a.changed++
	a.count--
	return true
}

// rebuilt returns the same edges without an overlay.
func (a *adjacency) rebuilt(nodes int) adjacency {
	next := adjacency{
		offsets: make([]uint32, nodes+1), targets: make([]uint32, 0, a.count), kinds: make([]uint8, 0, a.count),
		overlay: map[uint32][]edge{}, count: a.count,
	}
	for n := range nodes {
		a.each(uint32(n), func(e edge) bool {
			next.targets = append(next.targets, e.node)
			next.kinds = append(next.kinds, e.kind)
			return true
		})
		next.offsets[n+1] = uint32(len(next.targets))
	}
	return next
}
