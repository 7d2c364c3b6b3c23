package index

import (
	"strings"

	"mainstay/internal/core"
)

// Affected is one item that a failure reaches.
type Affected struct {
	ID       string
	Class    uint16
	Distance int    // relations between it and the nearest failed item
	Via      string // the item the failure came through
	// Degraded items lost members of a redundancy group but still have enough:
	// the failure stops there.
	Degraded       bool
	BusinessFacing bool
	Criticality    uint8
}

// group is a redundancy group of one dependent.
type group struct {
	node uint32
	name string
}

// Impact returns what the failure of the given items reaches, nearest first.
// The failed items themselves are not part of the answer. An item that needs
// n of a group of m dependencies is reached only when fewer than n are left;
// until then it is degraded.
func (x *Index) Impact(ids []string, limit int) []Affected {
	x.mu.RLock()
	defer x.mu.RUnlock()
	v := x.visit()
	defer x.release(v)
	for _, id := range ids {
		if n, ok := x.find(id); ok {
			v.push(step{node: n})
		}
	}
	failed := len(v.queue)
	lost := x.spread(v, failed+limit)

	out := make([]Affected, 0, len(v.queue)-failed)
	names := x.names(v.queue)
	for n, s := range v.queue[failed:] {
		out = append(out, x.affected(s.node, names.at(failed+n), int(s.distance), names.at(int(s.via)), false))
	}
	for g, l := range lost {
		if !v.seen(g.node) {
			v.marks[g.node] = v.walk // once, though it may have lost members of several groups
			out = append(out, x.affected(g.node, x.keys[g.node].String(), int(l.distance), x.keys[l.via].String(), true))
		}
	}
	return out
}

// loss counts the failed members of a group; a member may be joined by
// relations of several types and counts once.
type loss struct {
	members  map[uint32]struct{}
	via      uint32
	distance uint16
}

// spread walks from the failed nodes in the queue to everything they bring down.
func (x *Index) spread(v *visitor, limit int) map[group]*loss {
	var lost map[group]*loss
	for at := 0; at < len(v.queue) && len(v.queue) < limit; at++ {
		s := v.queue[at]
		next := step{via: uint32(at), distance: s.distance + 1}
		x.dependents(s.node, func(e edge, k relationKey) bool {
			if v.seen(e.node) {
				return true
			}
			if e.kind&grouped != 0 && !x.exhausted(&lost, e.node, k, s) {
				return true
			}
			next.node, next.kind = e.node, e.kind
			v.push(next)
			return true
		})
	}
	return lost
}

// exhausted notes that a group lost the member s and says whether too few are left.
func (x *Index) exhausted(lost *map[group]*loss, dependent uint32, k relationKey, s step) bool {
	g := group{dependent, x.groups[k]}
	need, ok := x.needs[dependent][g.name]
	if !ok {
		return true // a group without a number of needed members needs them all
	}
	if *lost == nil {
		*lost = map[group]*loss{}
	}
	l := (*lost)[g]
	if l == nil {
		l = &loss{members: map[uint32]struct{}{}, via: s.node, distance: s.distance + 1}
		(*lost)[g] = l
	}
	l.members[s.node] = struct{}{}
	return x.members(dependent, g.name)-len(l.members) < need
}

// members counts the dependencies of a node in one group.
func (x *Index) members(n uint32, name string) int {
	seen := map[uint32]struct{}{}
	count := func(e edge, k relationKey) {
		if e.kind&grouped != 0 && x.groups[k] == name && x.flags[e.node]&Gone == 0 {
			seen[e.node] = struct{}{}
		}
	}
	x.out.each(n, func(e edge) bool {
		if kind := e.kind &^ grouped; x.kinds[kind].SourceNeedsTarget {
			count(e, relationKey{n, e.node, kind})
		}
		return true
	})
	x.in.each(n, func(e edge) bool {
		if kind := e.kind &^ grouped; x.kinds[kind].TargetNeedsSource {
			count(e, relationKey{e.node, n, kind})
		}
		return true
	})
	return len(seen)
}

// names are identifiers, one behind the other in one text: one allocation
// instead of one for each.
type names string

func (n names) at(i int) string { return string(n[i*core.IDLength : (i+1)*core.IDLength]) }

func (x *Index) names(steps []step) names {
	var all strings.Builder
	all.Grow(len(steps) * core.IDLength)
	for _, s := range steps {
		text := x.keys[s.node].text()
		all.Write(text[:])
	}
	return names(all.String())
}

func (x *Index) affected(n uint32, id string, distance int, via string, degraded bool) Affected {
	return Affected{
		ID: id, Class: x.class[n], Distance: distance, Via: via, Degraded: degraded,
		BusinessFacing: x.flags[n]&BusinessFacing != 0, Criticality: x.weight[n],
	}
}
