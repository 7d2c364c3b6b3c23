package correlation

import (
	"cmp"
	"slices"

	"mainstay/internal/core"
)

// web is the failing items of one situation and how they need each other.
type web struct {
	nodes     []*node
	at        map[string]int
	users     [][]int // the inverse of needs
	component []int
	members   [][]int // of each component
	leaf      []bool  // the component needs no other one
}

// connect works out which failing item needs which. Items whose alerts are
// suppressed take part where a failing one needs them: maintenance that broke
// more than was planned has to be seen.
func (e *Engine) connect(nodes []*node) *web {
	w := &web{nodes: nodes, at: map[string]int{}}
	for i, n := range nodes {
		w.at[n.item] = i
	}
	down := func(item string) bool {
		if _, ok := w.at[item]; ok {
			return true
		}
		return e.suppressedNode(item) != nil
	}
	for i := 0; i < len(w.nodes); i++ {
		n := w.nodes[i]
		n.needs = causes(e.graph, n.item, down)
		for _, c := range n.needs {
			if _, known := w.at[c.item]; !known {
				w.at[c.item] = len(w.nodes)
				w.nodes = append(w.nodes, e.suppressedNode(c.item))
			}
		}
	}
	w.suspect(e, down)
	w.condense()
	return w
}

// suspect adds the silent items that failing ones have in common.
func (w *web) suspect(e *Engine, down func(string) bool) {
	silent := e.silentNodes(w.nodes, down)
	users := map[int]bool{}
	for _, s := range silent {
		w.at[s.item] = len(w.nodes)
		w.nodes = append(w.nodes, s)
		for _, i := range s.users {
			users[i] = true
		}
	}
	for i := range users {
		w.nodes[i].needs = causes(e.graph, w.nodes[i].item, down)
	}
}

// suppressedNode makes a node of an item that fails with all alerts suppressed.
func (e *Engine) suppressedNode(item string) *node {
	byItem := map[string]*node{}
	for _, a := range e.byItem[item] {
		if a.Suppressed == "" {
			return nil
		}
		add(byItem, a)
	}
	return byItem[item]
}

// explained are the items that need a leaf which a check finds broken, or did a
// moment ago. That it did not work was tried out; figures of what needs it are a
// trace at the most.
func (w *web) explained() map[string]bool {
	var tried []int
	for i, n := range w.nodes {
		if a := n.worst; w.leaf[w.component[i]] && !n.silent && a.Check != "" && a.Severity >= core.Critical {
			tried = append(tried, i)
		}
	}
	reached, _ := w.dependents(tried)
	items := make(map[string]bool, len(reached))
	for _, i := range reached {
		items[w.nodes[i].item] = true
	}
	return items
}

// heard counts the items of which there are alerts.
func (w *web) heard() int {
	n := 0
	for _, one := range w.nodes {
		if !one.silent {
			n++
		}
	}
	return n
}

// condense finds the cycles and which components are leaves.
func (w *web) condense() {
	edges := make([][]int, len(w.nodes))
	w.users = make([][]int, len(w.nodes))
	for i, n := range w.nodes {
		for _, c := range n.needs {
			j := w.at[c.item]
			edges[i] = append(edges[i], j)
			w.users[j] = append(w.users[j], i)
		}
	}
	of, count := components(edges)
	w.component, w.members, w.leaf = of, make([][]int, count), make([]bool, count)
	for i, c := range of {
		w.members[c] = append(w.members[c], i)
	}
	for c := range w.leaf {
		w.leaf[c] = true
	}
	for i, out := range edges {
		for _, j := range out {
			if of[i] != of[j] {
				w.leaf[of[i]] = false
			}
		}
	}
}

// leafComponents lists the leaves worth working out: those that most failing
// items need directly, then the earliest.
func (w *web) leafComponents() []int {
	var leaves []int
	weight := map[int]int{}
	for c, members := range w.members {
		if !w.leaf[c] {
			continue
		}
		leaves = append(leaves, c)
		for _, i := range members {
			weight[c] += len(w.users[i])
		}
	}
	slices.SortFunc(leaves, func(a, b int) int {
		return cmp.Or(cmp.Compare(weight[b], weight[a]), cmp.Compare(w.members[a][0], w.members[b][0]))
	})
	return leaves[:min(len(leaves), rankedLeaves)]
}

// dependents lists the nodes that need any of from, directly or not, nearest
// first; hop[i] is the node through which i needs it.
func (w *web) dependents(from []int) (reached []int, hop map[int]int) {
	hop = map[int]int{}
	for _, i := range from {
		hop[i] = i
	}
	queue := slices.Clone(from)
	for len(queue) > 0 {
		i := queue[0]
		queue = queue[1:]
		for _, user := range w.users[i] {
			if _, seen := hop[user]; seen {
				continue
			}
			hop[user] = i
			reached = append(reached, user)
			queue = append(queue, user)
		}
	}
	return reached, hop
}
