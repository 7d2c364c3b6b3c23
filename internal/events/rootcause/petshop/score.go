package petshop

import (
	"cmp"
	"math"
	"reflect"
	"slices"

	"mainstay/internal/events/rootcause"
)

// Ranker puts the nodes of an input in order, the likeliest cause first.
type Ranker func(rootcause.Input) []string

// Product ranks as Mainstay does.
func Product(in rootcause.Input) []string { return Weighed(rootcause.Defaults())(in) }

// Weighed ranks as Mainstay would with other weights.
func Weighed(w rootcause.Weights) Ranker {
	return func(in rootcause.Input) []string {
		var out []string
		for _, c := range rootcause.RankWith(in, w) {
			out = append(out, c.ID)
		}
		return out
	}
}

// Variations are the default weights with one of them halved or doubled, by name.
func Variations() map[string]rootcause.Weights {
	out := map[string]rootcause.Weights{}
	fields := reflect.TypeFor[rootcause.Weights]()
	for i := range fields.NumField() {
		for name, by := range map[string]float64{"half ": 0.5, "double ": 2} {
			w := rootcause.Defaults()
			f := reflect.ValueOf(&w).Elem().Field(i)
			f.SetFloat(f.Float() * by)
			out[name+fields.Field(i).Name] = w
		}
	}
	return out
}

// Deviation ranks by the largest robust deviation in what hurts the victim: the first of
// the two simple methods to compare with.
func Deviation(in rootcause.Input) []string {
	off := deviations(in)
	return order(in, func(a, b string) int { return cmp.Compare(off[b], off[a]) })
}

// LeafFirst ranks what the victim reaches and deviates first, of it what calls
// nothing that deviates, then by deviation: the second simple method.
func LeafFirst(in rootcause.Input) []string {
	off := deviations(in)
	reached := reach(in)
	class := map[string]int{}
	for _, n := range in.Nodes {
		switch {
		case !reached[n.ID] || off[n.ID] < abnormal:
			class[n.ID] = 2
		case slices.ContainsFunc(in.Needs[n.ID], func(c string) bool { return off[c] >= abnormal }):
			class[n.ID] = 1
		}
	}
	return order(in, func(a, b string) int { return cmp.Or(cmp.Compare(class[a], class[b]), cmp.Compare(off[b], off[a])) })
}

// abnormal is how many robust deviations the simple methods call abnormal.
const abnormal = 3

func deviations(in rootcause.Input) map[string]float64 {
	out := map[string]float64{}
	for _, n := range in.Nodes {
		for _, s := range n.Signals {
			if s.Kind != in.Symptom {
				continue
			}
			normal := present(s.Normal)
			if len(normal) == 0 {
				continue
			}
			middle := median(normal)
			off := make([]float64, len(normal))
			for i, v := range normal {
				off[i] = math.Abs(v - middle)
			}
			floor := 0.05 * math.Abs(middle)
			if s.Kind == rootcause.Errors {
				floor = 0.25
			}
			spread := max(1.4826*median(off), floor, 1e-9)
			for _, v := range present(s.During) {
				out[n.ID] = max(out[n.ID], math.Abs(v-middle)/spread)
			}
		}
	}
	return out
}

func reach(in rootcause.Input) map[string]bool {
	reached := map[string]bool{in.Victim: true}
	for queue := []string{in.Victim}; len(queue) > 0; queue = queue[1:] {
		for _, n := range in.Needs[queue[0]] {
			if !reached[n] {
				reached[n] = true
				queue = append(queue, n)
			}
		}
	}
	return reached
}

func order(in rootcause.Input, by func(a, b string) int) []string {
	var out []string
	for _, n := range in.Nodes {
		out = append(out, n.ID)
	}
	slices.SortStableFunc(out, by)
	return out
}

func present(values []float64) []float64 {
	var out []float64
	for _, v := range values {
		if !math.IsNaN(v) {
			out = append(out, v)
		}
	}
	return out
}

func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[len(sorted)/2]
}

// Result is how often the cause was among the first.
type Result struct {
	Cases        int
	First, Three int
}

// Top1 is the share of cases whose cause came first.
func (r Result) Top1() float64 { return share(r.First, r.Cases) }

// Top3 is the share of cases whose cause was among the first three.
func (r Result) Top3() float64 { return share(r.Three, r.Cases) }

func share(n, of int) float64 {
	if of == 0 {
		return 0
	}
	return float64(n) / float64(of)
}

// Score ranks all cases, and counts by group as well.
func Score(cases []Case, rank Ranker, group func(Case) string) (Result, map[string]Result) {
	var all Result
	groups := map[string]Result{}
	for _, c := range cases {
		at := slices.Index(rank(c.Input), c.Cause)
		one := Result{Cases: 1}
		if at == 0 {
			one.First = 1
		}
		if at >= 0 && at < 3 {
			one.Three = 1
		}
		all = all.plus(one)
		groups[group(c)] = groups[group(c)].plus(one)
	}
	return all, groups
}

func (r Result) plus(o Result) Result {
	return Result{r.Cases + o.Cases, r.First + o.First, r.Three + o.Three}
}

// Worst is the worst group. Nothing is fitted to cases, so what a group scores
// is what it would score had it been left out of the making of the weights.
func Worst(groups ...map[string]Result) (top1, top3 float64) {
	top1, top3 = 1, 1
	for _, g := range groups {
		for _, r := range g {
			top1, top3 = min(top1, r.Top1()), min(top3, r.Top3())
		}
	}
	return top1, top3
}
