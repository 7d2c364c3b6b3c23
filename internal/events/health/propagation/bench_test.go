package propagation

import (
	"fmt"
	"testing"
)

// world has services that each need 3 applications of a common stock, which
// need 2 hosts each, which need a switch: some 10,000 items.
func world() (needs map[string][]Need, services []string) {
	needs = map[string][]Need{}
	one := func(items ...string) (out []Need) {
		for _, item := range items {
			out = append(out, Need{Items: []string{item}, Require: 1})
		}
		return out
	}
	for i := range 5000 {
		service := fmt.Sprint("service", i)
		services = append(services, service)
		needs[service] = one(fmt.Sprint("app", i%3000), fmt.Sprint("app", (i*7+1)%3000), fmt.Sprint("app", (i*13+2)%3000))
	}
	for i := range 3000 {
		needs[fmt.Sprint("app", i)] = []Need{{Items: []string{fmt.Sprint("host", i%2000), fmt.Sprint("host", (i*3+1)%2000)}, Require: 1}}
	}
	for i := range 2000 {
		needs[fmt.Sprint("host", i)] = one(fmt.Sprint("switch", i%50))
	}
	return needs, services
}

// BenchmarkPropagation has one thing change and change back, in 10,050 items
// of which 5,000 are services.
func BenchmarkPropagation(b *testing.B) {
	needs, services := world()
	e := New(func(item string) []Need { return needs[item] })
	e.Watch(services...)
	for _, what := range []string{"host", "app", "switch"} {
		b.Run(what, func(b *testing.B) {
			i := 0
			moved := 0
			for b.Loop() {
				item := fmt.Sprint(what, i%50)
				e.Set(map[string]State{item: Down})
				moved += len(e.Moved())
				e.Set(map[string]State{item: OK})
				e.Moved()
				i++
			}
			b.ReportMetric(float64(moved)/float64(i), "services/change")
			b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(2*i), "µs/change")
		})
	}
	b.Run("build", func(b *testing.B) {
		for b.Loop() {
			e := New(func(item string) []Need { return needs[item] })
			e.Watch(services...)
		}
		b.ReportMetric(float64(e.Size()), "items")
	})
}
