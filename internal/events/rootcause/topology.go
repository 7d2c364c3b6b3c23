package rootcause

import "slices"

// topology is who calls or needs whom, by place in Input.Nodes.
type topology struct {
	callees [][]int
	callers [][]int
	// measuredCallees are the callees that measure something: those that do not
	// are bridged, and what they call stands for them.
	measuredCallees [][]int
	parent          []int // towards the victim on a shortest path; -1 for none
	reached         []bool
}

func newTopology(in Input, at map[string]int, silent func(int) bool) *topology {
	t := &topology{callees: make([][]int, len(in.Nodes)), callers: make([][]int, len(in.Nodes)), measuredCallees: make([][]int, len(in.Nodes))}
	for i, n := range in.Nodes {
		for _, name := range in.Needs[n.ID] {
			if j, known := at[name]; known && j != i && !slices.Contains(t.callees[i], j) {
				t.callees[i] = append(t.callees[i], j)
				t.callers[j] = append(t.callers[j], i)
			}
		}
	}
	for i := range in.Nodes {
		t.measuredCallees[i] = t.bridge(i, silent)
	}
	t.walk(at, in.Victim)
	return t
}

// bridge lists the nearest nodes below i that measure something.
func (t *topology) bridge(i int, silent func(int) bool) []int {
	seen := map[int]bool{i: true}
	var out []int
	queue := slices.Clone(t.callees[i])
	for len(queue) > 0 {
		j := queue[0]
		queue = queue[1:]
		if seen[j] {
			continue
		}
		seen[j] = true
		if silent(j) {
			queue = append(queue, t.callees[j]...)
		} else {
			out = append(out, j)
		}
	}
	return out
}

func (t *topology) walk(at map[string]int, victim string) {
	t.parent, t.reached = make([]int, len(t.callees)), make([]bool, len(t.callees))
	for i := range t.parent {
		t.parent[i] = -1
	}
	start, known := at[victim]
	if !known {
		return
	}
	t.reached[start] = true
	for queue := []int{start}; len(queue) > 0; queue = queue[1:] {
		for _, j := range t.callees[queue[0]] {
			if !t.reached[j] {
				t.reached[j], t.parent[j] = true, queue[0]
				queue = append(queue, j)
			}
		}
	}
}

// path lists the places from the victim to i.
func (t *topology) path(i int) []int {
	var out []int
	for ; i >= 0; i = t.parent[i] {
		out = append(out, i)
	}
	slices.Reverse(out)
	return out
}
