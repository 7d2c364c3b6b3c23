package tasks_test

import (
	"context"
	"log/slog"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/sqldb"
	"mainstay/internal/platform/sqldb/sqldbtest"
	"mainstay/internal/platform/tasks"
)

func engines(b *testing.B, body func(b *testing.B, db *sqldb.DB)) {
	b.Run("sqlite", func(b *testing.B) { body(b, sqldbtest.SQLite(b)) })
	b.Run("postgresql", func(b *testing.B) { body(b, sqldbtest.PostgreSQL(b)) })
}

func benchSetup(b *testing.B, db *sqldb.DB, handler tasks.Handler) *tasks.Component {
	if err := sqldb.Migrate(b.Context(), db, "tasks", tasks.Migrations()); err != nil {
		b.Fatal(err)
	}
	c, err := tasks.New(tasks.Defaults(), tasks.Dependencies{
		DB: db, Clock: core.SystemClock{}, IDs: core.NewIDs(core.SystemClock{}, nil), Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		b.Fatal(err)
	}
	c.Queue("bench", tasks.QueueOptions{Concurrency: 100})
	c.Handle("bench", handler)
	if err := c.Start(b.Context()); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { c.Stop(context.Background()) })
	return c
}

// BenchmarkThroughput enqueues in transactions of 100 while the queue works.
func BenchmarkThroughput(b *testing.B) {
	engines(b, func(b *testing.B, db *sqldb.DB) {
		var n atomic.Int64
		finished := make(chan struct{}, 1)
		total := int64(b.N)
		c := benchSetup(b, db, func(context.Context, tasks.Task) error {
			if n.Add(1) == total {
				finished <- struct{}{}
			}
			return nil
		})
		b.ResetTimer()
		for left := b.N; left > 0; {
			batch := make([]tasks.Task, min(left, 100))
			for i := range batch {
				batch[i] = tasks.Task{Queue: "bench", Kind: "bench", Args: i}
			}
			left -= len(batch)
			if err := db.Write(b.Context(), func(tx *sqldb.Tx) error { return c.Enqueue(b.Context(), tx, batch...) }); err != nil {
				b.Fatal(err)
			}
		}
		<-finished
		b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "tasks/s")
	})
}

// BenchmarkStart measures from before the enqueuing transaction, and from its
// commit, to the first line of the handler, on an idle queue.
func BenchmarkStart(b *testing.B) {
	engines(b, func(b *testing.B, db *sqldb.DB) {
		started := make(chan time.Time)
		c := benchSetup(b, db, func(context.Context, tasks.Task) error { started <- time.Now(); return nil })
		var whole, commit []time.Duration
		for b.Loop() {
			before := time.Now()
			if err := db.Write(b.Context(), func(tx *sqldb.Tx) error {
				return c.Enqueue(b.Context(), tx, tasks.Task{Queue: "bench", Kind: "bench"})
			}); err != nil {
				b.Fatal(err)
			}
			committed := time.Now()
			at := <-started
			whole, commit = append(whole, at.Sub(before)), append(commit, at.Sub(committed))
		}
		report := func(name string, d []time.Duration) {
			slices.Sort(d)
			b.ReportMetric(float64(d[len(d)/2].Microseconds())/1000, name+"-p50-ms")
			b.ReportMetric(float64(d[len(d)*99/100].Microseconds())/1000, name+"-p99-ms")
		}
		report("enqueue", whole)
		report("commit", commit)
	})
}
