package graph_test

import (
	"fmt"
	"slices"
	"syscall"
	"testing"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/graph"
	"mainstay/internal/platform/ledger"
	"mainstay/internal/platform/sqldb"
	"mainstay/internal/platform/sqldb/sqldbtest"
)

// setOf builds a report of 1,000 hosts with two relations for each ten.
func setOf(set, generation int) graph.Report {
	r := graph.Report{Source: "import:bench", Scope: fmt.Sprint("set", set)}
	for i := range 1000 {
		n := set*1000 + i
		r.Items = append(r.Items, graph.ReportItem{
			Ref: fmt.Sprint(i), Class: "host", Name: fmt.Sprintf("host%d", n),
			Identities: []core.Identity{ident("serial", fmt.Sprintf("SER%09d", n)), ident("fqdn", fmt.Sprintf("host%d.example.com", n))},
			Attributes: map[string]any{
				"os": "Debian GNU/Linux 13", "kernel": "6.12.48", "cpuCount": 4 + generation, "memoryBytes": 17179869184,
				"vendor": "Dell Inc.", "model": "PowerEdge R650", "site": "berlin", "description": fmt.Sprint("host number ", n),
			},
		})
		if i%10 != 0 {
			r.Relations = append(r.Relations, graph.ReportRelation{Type: "depends_on", From: graph.Endpoint(fmt.Sprint(i)), To: graph.Endpoint(fmt.Sprint(i - i%10))})
		}
	}
	return r
}

func engines(b *testing.B, run func(b *testing.B, db *sqldb.DB)) {
	b.Run("sqlite", func(b *testing.B) { run(b, sqldbtest.SQLite(b)) })
	b.Run("postgresql", func(b *testing.B) { run(b, sqldbtest.PostgreSQL(b)) })
}

// take reconciles without moving the clock, so that nothing is swept meanwhile.
func (b *bench) take(r graph.Report) {
	if _, err := b.graph.Reconcile(b.ctx, r); err != nil {
		b.t.Fatal(err)
	}
}

// perItem reports items a second, by the clock and by this process's CPU: the
// latter says what an idle machine would do.
func perItem(b *testing.B, sets int, began time.Duration) {
	b.ReportMetric(float64(sets)*1000/b.Elapsed().Seconds(), "items/s")
	b.ReportMetric(float64(sets)*1000/(cpuTime()-began).Seconds(), "items/cpu-s")
}

func cpuTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func BenchmarkReconcileNew(b *testing.B) {
	engines(b, func(b *testing.B, db *sqldb.DB) {
		w := setup(b, db)
		n, began := 0, cpuTime()
		for b.Loop() {
			w.take(setOf(n, 0))
			n++
		}
		perItem(b, n, began)
	})
}

func BenchmarkReconcileChanged(b *testing.B) {
	engines(b, func(b *testing.B, db *sqldb.DB) {
		w := setup(b, db)
		w.report(setOf(0, 0))
		n, began := 0, cpuTime()
		for b.Loop() {
			n++
			w.take(setOf(0, n))
		}
		perItem(b, n, began)
	})
}

// Nothing changed at all: the hash of the whole report is known.
func BenchmarkReconcileUnchanged(b *testing.B) {
	engines(b, func(b *testing.B, db *sqldb.DB) {
		w := setup(b, db)
		r := setOf(0, 0)
		w.report(r)
		n, began := 0, cpuTime()
		for b.Loop() {
			n++
			if _, err := w.graph.Reconcile(b.Context(), r); err != nil {
				b.Fatal(err)
			}
		}
		perItem(b, n, began)
	})
}

// One item of the thousand changed: the others are told apart by their own hashes.
func BenchmarkReconcileOneChanged(b *testing.B) {
	engines(b, func(b *testing.B, db *sqldb.DB) {
		w := setup(b, db)
		r := setOf(0, 0)
		w.report(r)
		n, began := 0, cpuTime()
		for b.Loop() {
			n++
			r.Items[7].Attributes = map[string]any{"cpuCount": n}
			if _, err := w.graph.Reconcile(b.Context(), r); err != nil {
				b.Fatal(err)
			}
		}
		perItem(b, n, began)
	})
}

// How long a small transaction with a ledger entry, which is what an event
// costs, takes while sets of 1,000 new items are reconciled.
func BenchmarkWriteWhileReconciling(b *testing.B) {
	engines(b, func(b *testing.B, db *sqldb.DB) {
		w := setup(b, db)
		var took []time.Duration
		stop, stopped := make(chan struct{}), make(chan struct{})
		go func() {
			defer close(stopped)
			for n := 0; ; n++ {
				select {
				case <-stop:
					return
				case <-time.After(time.Millisecond):
				}
				began := time.Now()
				if err := db.Write(w.ctx, func(tx *sqldb.Tx) error {
					_, err := w.ledger.Append(w.ctx, tx, ledger.Entry{Module: "bench", Type: "bench.event.taken", Actor: ledger.System("bench"), Subject: core.Ref{Kind: "event", ID: fmt.Sprint(n)}})
					return err
				}); err != nil {
					b.Error(err)
				}
				took = append(took, time.Since(began))
			}
		}()
		n := 0
		for b.Loop() {
			w.take(setOf(n, 0))
			n++
		}
		close(stop)
		<-stopped
		slices.Sort(took)
		b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "wait-p50-ms")
		b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "wait-p99-ms")
		b.ReportMetric(float64(took[len(took)-1].Microseconds())/1000, "wait-worst-ms")
	})
}
