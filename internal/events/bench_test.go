package events

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/sqldb"
	"mainstay/internal/platform/sqldb/sqldbtest"
)

func engines(b *testing.B, body func(b *testing.B, db *sqldb.DB)) {
	b.Run("sqlite", func(b *testing.B) { body(b, sqldbtest.SQLite(b)) })
	b.Run("postgresql", func(b *testing.B) { body(b, sqldbtest.PostgreSQL(b)) })
}

// BenchmarkIntake has four senders post lists of 500 events, of which 90%
// repeat one of 5,000 open alerts and 10% open a new one on one of 1,000 items,
// while the correlator follows. One operation is one event; the CPU is that of
// this process until the correlator has seen all.
func BenchmarkIntake(b *testing.B) {
	engines(b, func(b *testing.B, db *sqldb.DB) {
		w := newWorld(b, db, chain())
		const senders, list = 4, 500
		base := make([]core.Event, 0, 5000)
		for i := range 5000 {
			base = append(base, w.problem(fmt.Sprintf("base%d", i), core.Major))
		}
		w.accept(base...)
		w.settled()
		began := cpuTime()
		b.ResetTimer()
		var wg sync.WaitGroup
		for s := range senders {
			wg.Go(func() {
				fresh := 0
				for n := s * list; n < b.N; n += senders * list {
					events := make([]core.Event, 0, list)
					for i := range min(list, b.N-n) {
						e := base[(n+i*7)%len(base)]
						if i%10 == 0 {
							fresh++
							e.Key = fmt.Sprintf("fresh:%d:%d", s, fresh)
							e.Item = fmt.Sprintf("item%d", fresh%1000)
						}
						events = append(events, e)
					}
					if err := w.Accept(context.Background(), events); err != nil {
						b.Error(err)
					}
				}
			})
		}
		wg.Wait()
		b.StopTimer()
		b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "events/s")
		w.settled()
		b.ReportMetric(float64((cpuTime()-began).Nanoseconds())/1000/float64(b.N), "cpu-us/event")
	})
}

// BenchmarkOneByOne has 64 senders post single events that repeat open alerts.
func BenchmarkOneByOne(b *testing.B) {
	engines(b, func(b *testing.B, db *sqldb.DB) {
		w := newWorld(b, db, chain())
		b.SetParallelism(32)
		b.RunParallel(func(pb *testing.PB) {
			for i := 0; pb.Next(); i++ {
				if err := w.Accept(context.Background(), []core.Event{w.problem(fmt.Sprintf("i%d", i%100), core.Major)}); err != nil {
					b.Error(err)
				}
			}
		})
		b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "events/s")
	})
}

// BenchmarkStorm posts 100,000 events about 2,000 items that all need one
// another down to a core, and waits for the one situation they end in.
func BenchmarkStorm(b *testing.B) {
	b.Run("sqlite", func(b *testing.B) { storm(b, func() *sqldb.DB { return sqldbtest.SQLite(b) }) })
	b.Run("postgresql", func(b *testing.B) { storm(b, func() *sqldb.DB { return sqldbtest.PostgreSQL(b) }) })
}

func storm(b *testing.B, fresh func() *sqldb.DB) {
	g := chain()
	for i := 1; i < 2000; i++ { // a tree of ten branches at each item
		g.needs[fmt.Sprintf("i%d", i)] = []string{fmt.Sprintf("i%d", (i-1)/10)}
	}
	b.StopTimer()
	for range b.N {
		w := newWorld(b, fresh(), g)
		b.StartTimer()
		for n := 0; n < 100_000; n += 1000 {
			events := make([]core.Event, 0, 1000)
			for i := range 1000 {
				events = append(events, w.problem(fmt.Sprintf("i%d", 1999-(n+i*7)%2000), core.Major))
			}
			w.accept(events...)
		}
		w.settled()
		b.StopTimer()
		open := w.situations("open")
		if len(open) != 1 || open[0].RootCause.Item != "i0" || open[0].AlertCount != 2000 {
			b.Fatalf("%d situations: %+v", len(open), open)
		}
	}
	b.ReportMetric(float64(b.N)*100_000/b.Elapsed().Seconds(), "events/s")
}

// BenchmarkEventToSituation measures one idle event until its situation is in the ledger.
func BenchmarkEventToSituation(b *testing.B) {
	engines(b, func(b *testing.B, db *sqldb.DB) {
		w := newWorld(b, db, chain())
		var worst time.Duration
		for i := range b.N {
			start := time.Now()
			w.accept(w.problem(fmt.Sprintf("i%d", i), core.Major))
			for {
				var n int
				if err := db.QueryRow(context.Background(), "SELECT COUNT(*) FROM events_situation").Scan(&n); err != nil {
					b.Fatal(err)
				}
				if n > i {
					break
				}
			}
			worst = max(worst, time.Since(start))
		}
		b.ReportMetric(float64(worst.Microseconds())/1000, "worst-ms")
	})
}
