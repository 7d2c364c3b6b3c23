package index_test

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/graph/index"
)

// million builds 1 million items and 5 million relations: trees of dependency
// 10,000 items big, and random connections that carry no failure.
var million = sync.OnceValues(func() (*index.Index, []string) {
	const items = 1_000_000
	random := rand.New(rand.NewPCG(3, 4))
	ids := make([]string, items)
	made := core.NewIDs(core.SystemClock{}, nil)
	x := index.New(kinds)
	var d index.Delta
	for i := range ids {
		ids[i] = made.New()
		d.Items = append(d.Items, index.Item{ID: ids[i]})
		if i%10_000 != 0 {
			parent := i - i%10_000 + (i%10_000-1)/8
			d.Relations = append(d.Relations, index.Relation{From: ids[i], To: ids[parent], Type: needs})
		}
		for range 5 - min(1, i%10_000) {
			d.Relations = append(d.Relations, index.Relation{From: ids[i], To: ids[random.IntN(i+1)], Type: connects})
		}
		if len(d.Items) == 1000 {
			x.Apply(d)
			d = index.Delta{}
		}
	}
	x.Compact()
	return x, ids
})

func BenchmarkImpact(b *testing.B) {
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	x, ids := million()
	runtime.GC()
	runtime.ReadMemStats(&after)
	items, relations := x.Size()
	b.Logf("%d items, %d relations, %.0f MB", items, relations, float64(after.HeapAlloc-before.HeapAlloc)/1e6)
	for _, overlay := range []bool{false, true} {
		b.Run(fmt.Sprintf("reached=9999,overlay=%v", overlay), func(b *testing.B) {
			if overlay {
				var d index.Delta
				for i := range 20_000 {
					d.Relations = append(d.Relations, index.Relation{From: ids[i*7], To: ids[i], Type: connects})
				}
				x.Apply(d)
			}
			b.ReportAllocs()
			var took []time.Duration
			for i := 0; b.Loop(); i++ {
				start := time.Now()
				if got := len(x.Impact([]string{ids[i%100*10_000]}, 100_000)); got != 9_999 {
					b.Fatalf("reached %d", got)
				}
				took = append(took, time.Since(start))
			}
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "p50-ms")
			b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
			b.ReportMetric(float64(took[len(took)-1].Microseconds())/1000, "worst-ms")
		})
	}
}
