package petshop

import (
	"math"
	"math/rand/v2"
	"path/filepath"
	"slices"

	"mainstay/internal/events/rootcause"
)

// Transplants makes cases of normal operation: at a moment of it, one node is
// made slower or lets requests fail, and its callers inherit that in proportion
// to their calls. The data set's own faults all sit at few nodes; these sit at
// every node that has traffic, so they show whether a ranking is one-sided.
// They say nothing about how faults spread in truth.
func Transplants(dir, victim string, each int) ([]Case, error) {
	var out []Case
	graphs, err := filepath.Glob(filepath.Join(dir, "*", "graph.csv"))
	if err != nil {
		return nil, err
	}
	for _, graph := range graphs {
		needs, err := readGraph(graph)
		if err != nil {
			return nil, err
		}
		normal, err := readMetrics(filepath.Join(filepath.Dir(graph), "noissue", "metrics.csv"))
		if err != nil {
			return nil, err
		}
		rng := rand.New(rand.NewPCG(1, uint64(len(normal.unix))))
		for _, node := range patients(needs, normal, victim) {
			for range each {
				for _, kind := range []rootcause.Kind{rootcause.Latency, rootcause.Errors} {
					at := 10 + rng.IntN(len(normal.unix)-20)
					c := Case{Scenario: filepath.Base(filepath.Dir(graph)), Cause: node, Fault: string(kind)}
					in, possible := operate(needs, normal, node, victim, kind, at)
					if c.Input = in; possible {
						out = append(out, c)
					}
				}
			}
		}
	}
	return out, nil
}

// patients are the nodes below the victim that have requests at every moment
// and are more than addresses.
func patients(needs map[string][]string, t table, victim string) []string {
	var out []string
	for node := range reach(rootcause.Input{Needs: needs, Victim: victim}) {
		requests := t.columns[column{node, "requests", "Sum"}]
		if len(requests) > 0 && slices.Min(requests) > 0 && node[max(0, len(node)-7):] != "_remote" && len(present(t.columns[column{node, "latency", "Average"}])) == len(requests) {
			out = append(out, node)
		}
	}
	slices.Sort(out)
	return out
}

// rows are how many rows of a case the fault holds, and how many are before it.
const faultRows, quietRows = 3, 2

// operate cuts a window out of normal operation and puts a fault into it, such
// that the victim is half as slow again, or fails for five in a hundred requests.
// A node that gets too few requests to do the latter is not possible.
func operate(needs map[string][]string, normal table, node, victim string, kind rootcause.Kind, at int) (rootcause.Input, bool) {
	now := table{unix: normal.unix[at-quietRows : at+faultRows], columns: map[column][]float64{}}
	rest := map[column][]float64{}
	for key, values := range normal.columns {
		now.columns[key] = slices.Clone(values[at-quietRows : at+faultRows])
		rest[key] = slices.Concat(values[:at-quietRows], values[at+faultRows:])
	}
	inherited := spread(needs, now, node)
	metric, hurt := "availability", 5.0
	if kind == rootcause.Latency {
		metric = "latency"
		hurt = 0.5 * median(present(normal.columns[column{victim, "latency", "Average"}]))
	}
	if kind == rootcause.Errors && hurt*inherited[node]/inherited[victim] > 100 {
		return rootcause.Input{}, false
	}
	for name, share := range inherited {
		values := now.columns[column{name, metric, "Average"}]
		for i := quietRows; i < len(values); i++ {
			more := hurt * share / inherited[victim]
			if kind == rootcause.Latency {
				values[i] += more
			} else {
				values[i] = max(0, values[i]-more)
			}
		}
	}
	return input(needs, rest, now, victim, kind, normal.unix[at]), true
}

// spread says how much of one unit per request at a node its callers inherit.
func spread(needs map[string][]string, t table, node string) map[string]float64 {
	requests := func(n string) float64 {
		sum := 0.0
		for _, v := range present(t.columns[column{n, "requests", "Sum"}]) {
			sum += v
		}
		return sum
	}
	callers := map[string][]string{}
	for from, all := range needs {
		for _, to := range all {
			callers[to] = append(callers[to], from)
		}
	}
	units := map[string]float64{node: requests(node)}
	for queue, seen := []string{node}, map[string]bool{}; len(queue) > 0; queue = queue[1:] {
		at := queue[0]
		if seen[at] {
			continue
		}
		seen[at] = true
		total := 0.0
		for _, up := range callers[at] {
			total += requests(up)
		}
		slices.Sort(callers[at])
		for _, up := range callers[at] {
			if total > 0 && !seen[up] {
				units[up] += units[at] * requests(up) / total
				queue = append(queue, up)
			}
		}
	}
	out := map[string]float64{}
	for name, u := range units {
		if r := requests(name); r > 0 && !math.IsNaN(u) {
			out[name] = u / r
		}
	}
	return out
}
