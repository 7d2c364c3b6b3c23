package index

import (
	"cmp"
	"slices"
)

// Need is one thing an item needs: at least Require of Items must work.
type Need struct {
	Items   []string
	Require int
}

// Needs returns what an item needs directly: each plain dependency by itself,
// each redundancy group with the number of its members that suffices.
func (x *Index) Needs(id string) []Need {
	x.mu.RLock()
	defer x.mu.RUnlock()
	n, ok := x.find(id)
	if !ok {
		return nil
	}
	groups := map[string][]uint32{}
	var plain []uint32
	note := func(other uint32, kind uint8, key relationKey) {
		if kind&grouped == 0 {
			plain = append(plain, other)
			return
		}
		name := x.groups[key]
		groups[name] = append(groups[name], other)
	}
	x.out.each(n, func(e edge) bool {
		if kind := e.kind &^ grouped; x.kinds[kind].SourceNeedsTarget && x.flags[e.node]&Gone == 0 {
			note(e.node, e.kind, relationKey{n, e.node, kind})
		}
		return true
	})
	x.in.each(n, func(e edge) bool {
		if kind := e.kind &^ grouped; x.kinds[kind].TargetNeedsSource && x.flags[e.node]&Gone == 0 {
			note(e.node, e.kind, relationKey{e.node, n, kind})
		}
		return true
	})
	var out []Need
	for _, other := range distinct(plain) {
		out = append(out, Need{Items: []string{x.keys[other].String()}, Require: 1})
	}
	for name, members := range groups {
		members = distinct(members)
		need := Need{Require: len(members)} // a group without a number needs them all
		if n, ok := x.needs[n][name]; ok {
			need.Require = n
		}
		for _, other := range members {
			need.Items = append(need.Items, x.keys[other].String())
		}
		out = append(out, need)
	}
	slices.SortFunc(out, func(a, b Need) int { return cmp.Compare(a.Items[0], b.Items[0]) })
	return out
}

// Describe returns what the index knows of items; those it does not know, or
// that are gone, are left out.
func (x *Index) Describe(ids []string) []Affected {
	x.mu.RLock()
	defer x.mu.RUnlock()
	var out []Affected
	for _, id := range ids {
		if n, ok := x.find(id); ok && x.flags[n]&Gone == 0 {
			out = append(out, x.affected(n, x.keys[n].String(), 0, x.keys[n].String(), false))
		}
	}
	return out
}

func distinct(nodes []uint32) []uint32 {
	slices.Sort(nodes)
	return slices.Compact(nodes)
}
