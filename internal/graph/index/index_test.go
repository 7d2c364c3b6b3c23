package index_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/core/coretest"
	"mainstay/internal/graph/index"
)

const (
	needs    = 0 // the source needs the target
	member   = 1 // the target needs the source
	connects = 2 // nothing travels
)

var kinds = []index.Kind{needs: {SourceNeedsTarget: true}, member: {TargetNeedsSource: true}, connects: {}}

// world builds small graphs by name.
type world struct {
	t     testing.TB
	index *index.Index
	ids   *core.IDs
	id    map[string]string
	name  map[string]string
}

func newWorld(t testing.TB) *world {
	return &world{t: t, index: index.New(kinds), ids: core.NewIDs(coretest.NewClock(time.Unix(1e9, 0)), nil), id: map[string]string{}, name: map[string]string{}}
}

func (w *world) item(name string, needs map[string]int, flags index.Flags) string {
	if _, ok := w.id[name]; !ok {
		w.id[name] = w.ids.New()
		w.name[w.id[name]] = name
	}
	w.index.Apply(index.Delta{Items: []index.Item{{ID: w.id[name], Needs: needs, Flags: flags}}})
	return w.id[name]
}

// relate reads "web needs database", "a member cluster group", "a connects b".
func (w *world) relate(lines ...string) {
	for _, line := range lines {
		f := strings.Fields(line)
		removed := f[0] == "-"
		if removed {
			f = f[1:]
		}
		for _, name := range []string{f[0], f[2]} {
			if w.id[name] == "" {
				w.item(name, nil, 0)
			}
		}
		r := index.Relation{From: w.id[f[0]], To: w.id[f[2]], Removed: removed, Type: map[string]uint8{"needs": needs, "member": member, "connects": connects}[f[1]]}
		if len(f) > 3 {
			r.Group = f[3]
		}
		w.index.Apply(index.Delta{Relations: []index.Relation{r}})
	}
}

func (w *world) names(ids []string) string {
	out := make([]string, len(ids))
	for i, id := range ids {
		out[i] = w.name[id]
	}
	slices.Sort(out)
	return strings.Join(out, " ")
}

func (w *world) impact(failed ...string) string {
	ids := make([]string, len(failed))
	for i, name := range failed {
		ids[i] = w.id[name]
	}
	var out []string
	for _, a := range w.index.Impact(ids, 1000) {
		s := w.name[a.ID]
		if a.Degraded {
			s += "?"
		}
		out = append(out, s)
	}
	slices.Sort(out)
	return strings.Join(out, " ")
}

func (w *world) want(got, want string) {
	w.t.Helper()
	if got != want {
		w.t.Errorf("got %q, want %q", got, want)
	}
}

func TestImpactFollowsDependents(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.relate("shop needs web", "web needs database", "database needs host", "web connects cache", "host member cluster")
	for range 2 {
		w.want(w.impact("host"), "cluster database shop web")
		w.want(w.impact("database"), "shop web")
		w.want(w.impact("cache"), "")
		w.want(w.names(w.index.Dependencies(w.id["web"])), "database")
		w.want(w.names(w.index.Dependents(w.id["host"])), "cluster database")
		w.want(w.names(w.index.DependencyPath(w.id["shop"], w.id["host"], 9)), "database host shop web")
		w.want(w.names(w.index.DependencyPath(w.id["shop"], w.id["host"], 2)), "")
		w.want(w.names(w.index.DependencyPath(w.id["host"], w.id["shop"], 9)), "")
		w.index.Compact() // the same answers from the arrays
	}
	w.relate("- web needs database")
	w.want(w.impact("database"), "")
	w.relate("web needs database")
	w.item("web", nil, index.Gone)
	w.want(w.impact("host"), "cluster database")
}

func TestRedundancy(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.item("site", map[string]int{"web": 2}, 0)
	w.relate("site needs web1 web", "site needs web2 web", "site needs web3 web", "site needs dns", "shop needs site")
	for range 2 {
		w.want(w.impact("web1"), "site?")
		w.want(w.impact("web1", "web2"), "shop site")
		w.want(w.impact("dns"), "shop site")
		w.index.Compact()
	}
	w.relate("- site needs web3 web")
	w.want(w.impact("web1"), "shop site")
	// Both members of a group stand on one host: the host is the weak point.
	w.item("pair", map[string]int{"db": 1}, 0)
	w.relate("pair needs db1 db", "pair needs db2 db", "db1 needs host", "db2 needs host")
	w.want(w.impact("db1"), "pair?")
	w.want(w.impact("host"), "db1 db2 pair")
	// A cluster needs its members, the other way round.
	w.item("cluster", map[string]int{"nodes": 1}, 0)
	w.relate("n1 member cluster nodes", "n2 member cluster nodes")
	w.want(w.impact("n1"), "cluster?")
	w.want(w.impact("n1", "n2"), "cluster")
}

func TestCirclesEnd(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.relate("a needs b", "b needs c", "c needs a", "a needs a")
	w.want(w.impact("a"), "b c")
}

func TestNeighbourhood(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for i := range 20 {
		w.relate(fmt.Sprintf("hub connects leaf%d", i), fmt.Sprintf("leaf%d needs far%d", i, i))
	}
	n := w.index.Neighbourhood([]string{w.id["hub"]}, 1, 100, nil)
	if len(n.Nodes) != 21 || len(n.Edges) != 20 || n.LeftOut != 0 || n.Nodes[1].Hidden != 1 {
		t.Errorf("one hop: %d nodes, %d edges, %d left out", len(n.Nodes), len(n.Edges), n.LeftOut)
	}
	n = w.index.Neighbourhood([]string{w.id["hub"]}, 2, 10, nil)
	if len(n.Nodes) != 10 || n.LeftOut != 31 || n.Nodes[0].Hidden != 11 {
		t.Errorf("limit: %d nodes, %d left out, %d hidden", len(n.Nodes), n.LeftOut, n.Nodes[0].Hidden)
	}
}

// The index must say what a plain walk over a list of relations says, however
// relations came and went.
func TestAgreesWithAPlainWalk(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	w := newWorld(t)
	const nodes = 60
	names := make([]string, nodes)
	for i := range names {
		names[i] = fmt.Sprintf("n%d", i)
		w.item(names[i], nil, 0)
	}
	edges := map[[2]int]bool{}
	for round := range 2000 {
		pair := [2]int{random.IntN(nodes), random.IntN(nodes)}
		line := names[pair[0]] + " needs " + names[pair[1]]
		if edges[pair] {
			delete(edges, pair)
			line = "- " + line
		} else if len(edges) < 90 {
			edges[pair] = true
		} else {
			continue
		}
		w.relate(line)
		if round%97 == 0 {
			w.index.Compact()
		}
		if round%20 == 0 {
			start := random.IntN(nodes)
			w.want(w.impact(names[start]), plainWalk(edges, names, start))
		}
	}
}

func plainWalk(edges map[[2]int]bool, names []string, start int) string {
	seen := map[int]bool{start: true}
	for grew := true; grew; {
		grew = false
		for pair := range edges {
			if seen[pair[1]] && !seen[pair[0]] {
				seen[pair[0]], grew = true, true
			}
		}
	}
	delete(seen, start)
	var out []string
	for n := range seen {
		out = append(out, names[n])
	}
	slices.Sort(out)
	return strings.Join(out, " ")
}

func TestConcurrentUse(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.relate("a needs b", "b needs c")
	extra := w.ids.New()
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 300 {
				w.index.Impact([]string{w.id["c"]}, 100)
				w.index.Neighbourhood([]string{w.id["a"]}, 3, 10, nil)
				w.index.DependencyPath(w.id["a"], w.id["c"], 5)
			}
		})
	}
	wg.Go(func() {
		for i := range 300 {
			w.index.Apply(index.Delta{Items: []index.Item{{ID: extra}}, Relations: []index.Relation{{From: extra, To: w.id["c"], Type: needs, Removed: i%2 == 1}}})
			if i%50 == 0 {
				w.index.Compact()
			}
		}
	})
	wg.Wait()
	w.want(w.impact("c"), "a b")
}

func TestForeignIdentifiersAreUnknown(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.relate("a needs b")
	for _, id := range []string{"", "x", strings.Repeat("z", 26), "01ARZ3NDEKTSV4RRFFQ69G5FAV"} {
		if w.index.Has(id) || len(w.index.Impact([]string{id}, 10)) > 0 || w.index.Dependencies(id) != nil {
			t.Errorf("%q is known", id)
		}
	}
}
