package tasks_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/sqldb"
	"mainstay/internal/platform/sqldb/sqldbtest"
	"mainstay/internal/platform/tasks"
)

func TestMain(m *testing.M) { sqldbtest.Main(m) }

// bundle is one queue on one store.
type bundle struct {
	*tasks.Component
	t  *testing.T
	db *sqldb.DB
}

func configuration() tasks.Configuration {
	cfg := tasks.Defaults()
	cfg.Lease, cfg.Poll, cfg.Grace = time.Hour, 50*time.Millisecond, 100*time.Millisecond
	cfg.BackoffBase, cfg.BackoffMost = 2*time.Millisecond, 10*time.Millisecond
	return cfg
}

// short leases are for tests of their loss; others keep theirs however slow
// the machine is.
func short(cfg *tasks.Configuration) { cfg.Lease = 2 * time.Second }

func setup(t *testing.T, db *sqldb.DB, change func(*tasks.Configuration)) *bundle {
	t.Helper()
	if err := sqldb.Migrate(t.Context(), db, "tasks", tasks.Migrations()); err != nil {
		t.Fatal(err)
	}
	cfg := configuration()
	if change != nil {
		change(&cfg)
	}
	c, err := tasks.New(cfg, tasks.Dependencies{
		DB: db, Clock: core.SystemClock{}, IDs: core.NewIDs(core.SystemClock{}, nil), Log: slog.New(slog.DiscardHandler),
		Random: func() float64 { return 0.5 },
	})
	if err != nil {
		t.Fatal(err)
	}
	return &bundle{c, t, db}
}

func (b *bundle) start() {
	b.t.Helper()
	if err := b.Start(b.t.Context()); err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(func() { b.stop() })
}

func (b *bundle) stop() {
	defer func() { recover() }() // a second stop, by the clean-up, is nothing
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := b.Stop(ctx); err != nil {
		b.t.Error(err)
	}
}

func (b *bundle) enqueue(ts ...tasks.Task) {
	b.t.Helper()
	if err := b.db.Write(b.t.Context(), func(tx *sqldb.Tx) error { return b.Enqueue(b.t.Context(), tx, ts...) }); err != nil {
		b.t.Fatal(err)
	}
}

func (b *bundle) count(where string) (n int) {
	b.t.Helper()
	if err := b.db.QueryRow(b.t.Context(), "SELECT COUNT(*) FROM tasks_task WHERE "+where).Scan(&n); err != nil {
		b.t.Fatal(err)
	}
	return n
}

// until waits for a condition that another goroutine brings about.
func until(t *testing.T, what string, ok func() bool) {
	t.Helper()
	deadline := time.Now().Add(time.Minute)
	for !ok() {
		if time.Now().After(deadline) {
			t.Fatal("never happened: " + what)
		}
		time.Sleep(time.Millisecond)
	}
}

func receive[T any](t *testing.T, c <-chan T) (v T) {
	t.Helper()
	select {
	case v = <-c:
	case <-time.After(20 * time.Second):
		t.Fatal("nothing arrived")
	}
	return v
}

func TestTasksRunOnceAfterTheCommit(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		b := setup(t, db, nil)
		var ran sync.Map
		var n atomic.Int32
		b.Handle("add", func(_ context.Context, task tasks.Task) error {
			var v int
			if err := task.Decode(&v); err != nil {
				return err
			}
			if _, twice := ran.LoadOrStore(v, true); twice {
				t.Errorf("%d ran twice", v)
			}
			n.Add(1)
			return nil
		})
		b.start()
		refused := errors.New("no")
		err := db.Write(t.Context(), func(tx *sqldb.Tx) error {
			if err := b.Enqueue(t.Context(), tx, tasks.Task{Kind: "add", Args: -1}); err != nil {
				return err
			}
			return refused
		})
		if !errors.Is(err, refused) {
			t.Fatal(err)
		}
		for i := range 20 {
			var batch []tasks.Task
			for j := range 20 {
				batch = append(batch, tasks.Task{Kind: "add", Args: i*20 + j})
			}
			b.enqueue(batch...)
		}
		until(t, "400 tasks run", func() bool { return n.Load() == 400 })
		until(t, "the table is empty", func() bool { return b.count("TRUE") == 0 })
		if _, ok := ran.Load(-1); ok {
			t.Error("a task of a rolled back transaction ran")
		}
	})
}

func TestOrderWithinAQueue(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		b := setup(t, db, nil)
		b.Queue("narrow", tasks.QueueOptions{Concurrency: 1})
		got := make(chan string, 10)
		b.Handle("note", func(_ context.Context, task tasks.Task) error {
			var s string
			defer func() { got <- s }()
			return task.Decode(&s)
		})
		soon := time.Now().Add(time.Second)
		b.enqueue(
			tasks.Task{Queue: "narrow", Kind: "note", Args: "later", RunAt: soon, Priority: 9},
			tasks.Task{Queue: "narrow", Kind: "note", Args: "low", Priority: -1},
			tasks.Task{Queue: "narrow", Kind: "note", Args: "first"},
			tasks.Task{Queue: "narrow", Kind: "note", Args: "high", Priority: 5},
			tasks.Task{Queue: "narrow", Kind: "note", Args: "second"},
		)
		b.start()
		for _, want := range []string{"high", "first", "second", "low", "later"} {
			if s := receive(t, got); s != want {
				t.Fatalf("got %q, want %q", s, want)
			}
		}
		if time.Now().Before(soon) {
			t.Error("a delayed task ran early")
		}
	})
}

func TestFailuresBackOffAndDie(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		b := setup(t, db, nil)
		var attempts, panics, permanent, snoozes atomic.Int32
		b.Handle("fail", func(context.Context, tasks.Task) error { attempts.Add(1); return errors.New("broken pipe") })
		b.Handle("panic", func(context.Context, tasks.Task) error { panics.Add(1); panic("boom") })
		b.Handle("permanent", func(_ context.Context, task tasks.Task) error {
			permanent.Add(1)
			var n int
			return task.Decode(&n)
		})
		b.Handle("snooze", func(_ context.Context, task tasks.Task) error {
			if snoozes.Add(1) < 5 {
				return tasks.Snooze(time.Millisecond)
			}
			if task.Failures != 0 {
				t.Errorf("snoozing counted %d failures", task.Failures)
			}
			return nil
		})
		b.start()
		b.enqueue(
			tasks.Task{Kind: "fail", MaxFailures: 3},
			tasks.Task{Kind: "panic", MaxFailures: 2},
			tasks.Task{Kind: "permanent", Args: "not a number"},
			tasks.Task{Kind: "snooze", MaxFailures: 1},
		)
		until(t, "three are dead and one is done", func() bool { return b.count("state = 'dead'") == 3 && b.count("TRUE") == 3 })
		if attempts.Load() != 3 || panics.Load() != 2 || permanent.Load() != 1 || snoozes.Load() != 5 {
			t.Errorf("attempts: %d %d %d %d", attempts.Load(), panics.Load(), permanent.Load(), snoozes.Load())
		}
		if n := b.count("kind = 'fail' AND error = 'broken pipe' AND failures = 3"); n != 1 {
			t.Error("the dead letter does not say why")
		}
	})
}

func TestKeys(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		b := setup(t, db, nil)
		started, proceed := make(chan string, 10), make(chan struct{})
		b.Handle("work", func(_ context.Context, task tasks.Task) error {
			started <- task.Key
			<-proceed
			return nil
		})
		b.start()
		b.enqueue(tasks.Task{Kind: "work", Key: "plain"}, tasks.Task{Kind: "work", Key: "plain"})
		b.enqueue(tasks.Task{Kind: "work", Key: "plain"})
		receive(t, started)
		b.enqueue(tasks.Task{Kind: "work", Key: "plain"})
		proceed <- struct{}{}
		until(t, "the key is free", func() bool { return b.count("TRUE") == 0 })

		b.enqueue(tasks.Task{Kind: "work", Key: "again"})
		receive(t, started)
		b.enqueue(tasks.Task{Kind: "work", Key: "again", Again: true})
		b.enqueue(tasks.Task{Kind: "work", Key: "again", Again: true})
		proceed <- struct{}{}
		receive(t, started)
		proceed <- struct{}{}
		until(t, "nothing is left", func() bool { return b.count("TRUE") == 0 })

		b.enqueue(tasks.Task{Kind: "work", Key: "far", RunAt: time.Now().Add(time.Hour)})
		b.enqueue(tasks.Task{Kind: "work", Key: "far", Again: true})
		receive(t, started)
		proceed <- struct{}{}
		until(t, "nothing is left", func() bool { return b.count("TRUE") == 0 })
		if len(started) != 0 {
			t.Error("something ran twice")
		}
	})
}

func TestALostLeaseCannotComplete(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		b := setup(t, db, short)
		lost := make(chan error, 4)
		var attempts atomic.Int32
		b.Handle("slow", func(ctx context.Context, task tasks.Task) error {
			if attempts.Add(1) > 1 {
				return nil
			}
			err := db.Write(context.Background(), func(tx *sqldb.Tx) error { // someone else takes it over
				_, err := tx.Exec(ctx, `UPDATE tasks_task SET owner = 'other', attempt = attempt + 1, lease_until = $1 WHERE id = $2`,
					time.Now().Add(400*time.Millisecond).UnixMicro(), task.ID)
				return err
			})
			if err != nil {
				t.Error(err)
			}
			<-ctx.Done()
			lost <- context.Cause(ctx)
			lost <- db.Write(context.Background(), func(tx *sqldb.Tx) error { return task.Complete(context.Background(), tx) })
			return nil
		})
		b.start()
		b.enqueue(tasks.Task{Kind: "slow"})
		for range 2 {
			if err := receive(t, lost); !errors.Is(err, tasks.ErrLeaseLost) {
				t.Errorf("the end was %v", err)
			}
		}
		until(t, "the task is run after the other's lease ends", func() bool { return attempts.Load() == 2 && b.count("TRUE") == 0 })
	})
}

func TestHeartbeatsKeepALongTask(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		a, b := setup(t, db, short), setup(t, db, short)
		var attempts atomic.Int32
		done := make(chan error, 1)
		for _, c := range []*bundle{a, b} {
			c.Handle("long", func(ctx context.Context, task tasks.Task) error {
				attempts.Add(1)
				select {
				case <-time.After(3 * time.Second):
				case <-ctx.Done():
				}
				done <- db.Write(ctx, func(tx *sqldb.Tx) error { return task.Complete(ctx, tx) })
				return nil
			})
			c.start()
		}
		a.enqueue(tasks.Task{Kind: "long"})
		if err := receive(t, done); err != nil || attempts.Load() != 1 {
			t.Fatalf("after %d attempts: %v", attempts.Load(), err)
		}
		until(t, "the task is gone", func() bool { return b.count("TRUE") == 0 })
	})
}

func TestAFormerProcessIsTakenOverAtStart(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		named := func(cfg *tasks.Configuration) { cfg.Node, cfg.Lease = "here", time.Hour }
		first := setup(t, db, func(cfg *tasks.Configuration) { named(cfg); cfg.Poll = time.Hour }) // as good as dead
		started, hang := make(chan struct{}, 1), make(chan struct{})
		first.Handle("work", func(context.Context, tasks.Task) error { started <- struct{}{}; <-hang; return nil })
		first.start()
		first.enqueue(tasks.Task{Kind: "work"})
		receive(t, started)

		second := setup(t, db, named)
		again := make(chan tasks.Task, 1)
		second.Handle("work", func(_ context.Context, task tasks.Task) error { again <- task; return nil })
		second.start()
		if task := receive(t, again); task.Attempt != 2 || task.Failures != 1 {
			t.Errorf("taken over as attempt %d with %d failures", task.Attempt, task.Failures)
		}
		until(t, "the task is gone", func() bool { return first.count("TRUE") == 0 })
		close(hang) // the first, late, must not disturb
	})
}

func TestStopFinishesOrReleases(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		b := setup(t, db, nil)
		started := make(chan struct{}, 2)
		b.Handle("quick", func(context.Context, tasks.Task) error {
			started <- struct{}{}
			time.Sleep(20 * time.Millisecond)
			return nil
		})
		b.Handle("endless", func(ctx context.Context, _ tasks.Task) error {
			started <- struct{}{}
			<-ctx.Done()
			return ctx.Err()
		})
		b.start()
		b.enqueue(tasks.Task{Kind: "quick"}, tasks.Task{Kind: "endless"})
		receive(t, started)
		receive(t, started)
		b.stop()
		if b.count("kind = 'endless' AND state = 'waiting' AND failures = 0 AND owner = ''") != 1 || b.count("TRUE") != 1 {
			t.Error("stop left something else than one released task")
		}
	})
}

func TestReplicasShareWithoutDoubling(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		const total = 600
		seen := make([]atomic.Int32, total)
		var n atomic.Int32
		var replicas []*bundle
		for range 3 {
			b := setup(t, db, nil)
			b.Handle("work", func(_ context.Context, task tasks.Task) error {
				var i int
				if err := task.Decode(&i); err != nil {
					return err
				}
				seen[i].Add(1)
				n.Add(1)
				return nil
			})
			replicas = append(replicas, b)
		}
		var batch []tasks.Task
		for i := range total {
			batch = append(batch, tasks.Task{Kind: "work", Args: i, Key: fmt.Sprint(i)})
		}
		replicas[0].enqueue(batch...)
		for _, b := range replicas {
			b.start()
		}
		until(t, "all are done", func() bool { return n.Load() >= total && replicas[0].count("TRUE") == 0 })
		for i := range seen {
			if seen[i].Load() != 1 {
				t.Fatalf("task %d ran %d times", i, seen[i].Load())
			}
		}
	})
}

func TestConfigurationIsChecked(t *testing.T) {
	t.Parallel()
	if err := tasks.Defaults().Validate(); err != nil {
		t.Error(err)
	}
	for field, change := range map[string]func(*tasks.Configuration){
		"tasks.lease":       func(c *tasks.Configuration) { c.Lease = 0 },
		"tasks.poll":        func(c *tasks.Configuration) { c.Poll = 0 },
		"tasks.grace":       func(c *tasks.Configuration) { c.Grace = -1 },
		"tasks.concurrency": func(c *tasks.Configuration) { c.Concurrency = 0 },
		"tasks.backoffMost": func(c *tasks.Configuration) { c.BackoffMost = c.BackoffBase - 1 },
	} {
		cfg := tasks.Defaults()
		change(&cfg)
		var coded *core.Error
		if err := cfg.Validate(); !errors.As(err, &coded) || coded.Details[0].Field != field {
			t.Errorf("%s: %v", field, err)
		}
	}
}
