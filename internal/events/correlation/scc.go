package correlation

// components finds the strongly connected components of a graph given as
// edges[i] = nodes that i points at (Tarjan 1972, without recursion so that a
// long chain cannot exhaust the stack). It returns the component of each node
// and their number; a component's number is greater than those it points at.
func components(edges [][]int) (of []int, count int) {
	n := len(edges)
	index, low := make([]int, n), make([]int, n)
	of = make([]int, n)
	onStack := make([]bool, n)
	for i := range of {
		of[i], index[i] = -1, -1
	}
	type frame struct{ node, next int }
	var stack []int
	var calls []frame
	next := 0
	for start := range edges {
		if index[start] >= 0 {
			continue
		}
		calls = append(calls, frame{node: start})
		for len(calls) > 0 {
			f := &calls[len(calls)-1]
			v := f.node
			if f.next == 0 {
				index[v], low[v] = next, next
				next++
				stack = append(stack, v)
				onStack[v] = true
			}
			if f.next < len(edges[v]) {
				w := edges[v][f.next]
				f.next++
				if index[w] < 0 {
					calls = append(calls, frame{node: w})
				} else if onStack[w] {
					low[v] = min(low[v], index[w])
				}
				continue
			}
			calls = calls[:len(calls)-1]
			if len(calls) > 0 {
				up := calls[len(calls)-1].node
				low[up] = min(low[up], low[v])
			}
			if low[v] != index[v] {
				continue
			}
			for {
				w := stack[len(stack)-1]
				stack = stack[:len(stack)-1]
				onStack[w] = false
				of[w] = count
				if w == v {
					break
				}
			}
			count++
		}
	}
	return of, count
}
