package rootcause_test

import (
	"errors"
	"maps"
	"slices"
	"syscall"
	"testing"
	"time"

	"mainstay/internal/events/rootcause"
	"mainstay/internal/events/rootcause/petshop"
)

// BenchmarkPetShop scores the ranking on the faults of the PetShop data set,
// beside the two simple methods.
func BenchmarkPetShop(b *testing.B) {
	_, cases := read(b)
	scenario := func(c petshop.Case) string { return c.Scenario }
	fault := func(c petshop.Case) string { return c.Fault }
	for b.Loop() {
		all, scenarios := petshop.Score(cases, petshop.Product, scenario)
		_, faults := petshop.Score(cases, petshop.Product, fault)
		deviation, _ := petshop.Score(cases, petshop.Deviation, scenario)
		leaf, _ := petshop.Score(cases, petshop.LeafFirst, scenario)
		b.ReportMetric(float64(all.Cases), "cases")
		b.ReportMetric(all.Top1(), "top1")
		b.ReportMetric(all.Top3(), "top3")
		b.ReportMetric(deviation.Top1(), "deviation-top1")
		b.ReportMetric(deviation.Top3(), "deviation-top3")
		b.ReportMetric(leaf.Top1(), "leaf-top1")
		b.ReportMetric(leaf.Top3(), "leaf-top3")
		for _, name := range slices.Sorted(maps.Keys(scenarios)) {
			b.ReportMetric(scenarios[name].Top1(), name+"-top1")
			b.ReportMetric(scenarios[name].Top3(), name+"-top3")
		}
		for _, groups := range []map[string]petshop.Result{scenarios, faults} {
			for _, name := range slices.Sorted(maps.Keys(groups)) {
				b.Logf("%s: %+v", name, groups[name])
			}
		}
		top1, top3 := petshop.Worst(scenarios, faults)
		b.ReportMetric(top1, "worst-group-top1")
		b.ReportMetric(top3, "worst-group-top3")
	}
}

// BenchmarkPetShopTransplants scores the ranking on faults that are put into
// the data set's normal operation, at every node that has traffic.
func BenchmarkPetShopTransplants(b *testing.B) {
	dir, _ := read(b)
	cases, err := petshop.Transplants(dir, "PetSite", 3)
	if err != nil {
		b.Fatal(err)
	}
	cause := func(c petshop.Case) string { return c.Cause }
	for b.Loop() {
		all, causes := petshop.Score(cases, petshop.Product, cause)
		leaf, _ := petshop.Score(cases, petshop.LeafFirst, cause)
		b.ReportMetric(float64(all.Cases), "cases")
		b.ReportMetric(all.Top1(), "top1")
		b.ReportMetric(all.Top3(), "top3")
		b.ReportMetric(leaf.Top1(), "leaf-top1")
		b.ReportMetric(leaf.Top3(), "leaf-top3")
		for _, name := range slices.Sorted(maps.Keys(causes)) {
			b.Logf("%s: %+v", name, causes[name])
		}
		worst, named := all, ""
		variations := petshop.Variations()
		var few []petshop.Case
		for i := 0; i < len(cases); i += 4 {
			few = append(few, cases[i])
		}
		worst, _ = petshop.Score(few, petshop.Product, cause)
		for _, name := range slices.Sorted(maps.Keys(variations)) {
			r, _ := petshop.Score(few, petshop.Weighed(variations[name]), cause)
			if r.First < worst.First {
				worst, named = r, name
			}
		}
		b.Logf("worst of %d variations: %s", len(variations), named)
		b.ReportMetric(worst.Top1(), "worst-weights-top1")
		b.ReportMetric(worst.Top3(), "worst-weights-top3")
	}
}

// BenchmarkRank is what one ranking of the data set's size costs: 43 nodes
// with three signals of 590 values.
func BenchmarkRank(b *testing.B) {
	_, cases := read(b)
	b.ReportAllocs()
	began := cpuTime()
	for i := 0; b.Loop(); i++ {
		rootcause.Rank(cases[i%len(cases)].Input)
	}
	b.ReportMetric(float64((cpuTime()-began).Microseconds())/float64(b.N), "cpu-us/ranking")
}

func cpuTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func read(b *testing.B) (string, []petshop.Case) {
	b.Helper()
	dir, err := petshop.Directory(".")
	if errors.Is(err, petshop.ErrAbsent) {
		b.Skip(err)
	}
	if err != nil {
		b.Fatal(err)
	}
	cases, err := petshop.Read(dir)
	if err != nil {
		b.Fatal(err)
	}
	return dir, cases
}
