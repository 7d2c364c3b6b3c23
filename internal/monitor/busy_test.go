package monitor

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"mainstay/internal/platform/probe"
	"mainstay/internal/platform/sqldb"
	"mainstay/internal/platform/sqldb/sqldbtest"
)

// counted answers at once, and counts.
type counted struct {
	ran  atomic.Int64
	all  int64
	seen chan struct{}
}

func (c *counted) RunCheck(context.Context, string, probe.Spec) (probe.Result, error) {
	if c.ran.Add(1) == c.all {
		close(c.seen)
	}
	return probe.Result{State: probe.OK, Output: "fine", Started: time.Now()}, nil
}

// TestABusyStoreHoldsUpNoCheck: while somebody else writes, checks start all the same,
// none of them waits in its worker's place, and all results are stored afterwards.
func TestABusyStoreHoldsUpNoCheck(t *testing.T) {
	t.Parallel()
	const checks = 1500
	b := newBench(t, sqldbtest.SQLite(t))
	agents := &counted{all: checks, seen: make(chan struct{})}
	b.deps.Agents = agents
	b.items.put(Item{ID: itemID, Name: "web1"})
	ctx := t.Context()
	c, err := New(quick(), b.deps)
	if err != nil {
		t.Fatal(err)
	}
	if err := b.db.Write(ctx, func(tx *sqldb.Tx) error {
		spec := CheckSpec{Item: itemID, RunOn: onAgent, Agent: "a", Interval: probe.Duration(time.Hour), Spec: probe.Spec{Process: &probe.Process{Name: "x"}}}
		for i := range checks {
			check := &Check{ID: b.deps.IDs.New(), Name: fmt.Sprintf("c%04d", i), Spec: spec}
			if err := c.store.saveCheck(ctx, tx, check); err != nil {
				return err
			}
			if err := c.store.insertTarget(ctx, tx, check.ID, check, itemID); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	// The store is busy from before the first check until all have run.
	held, release := make(chan struct{}), make(chan struct{})
	freed := make(chan error, 1)
	started := make(chan struct{})
	go func() {
		<-started
		freed <- b.db.Write(context.Background(), func(*sqldb.Tx) error { close(held); <-release; return nil })
	}()
	e := newEngine(c)
	if err := e.load(ctx); err != nil {
		t.Fatal(err)
	}
	close(started)
	<-held
	run, stop := context.WithCancel(ctx)
	over := make(chan struct{})
	go func() { e.run(run); close(over) }()
	t.Cleanup(func() { stop(); <-over })
	select {
	case <-agents.seen:
	case <-time.After(time.Minute):
		t.Fatalf("%d of %d checks ran while the store was busy", agents.ran.Load(), checks)
	}
	if done := e.writer.done.Load(); done != 0 {
		t.Errorf("%d results were stored meanwhile: the store was not busy", done)
	}
	// On a busy machine a run may take long; what waits for the store stays.
	for deadline := time.Now().Add(time.Minute); e.crew.away() != 0; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%d runs wait for the store", e.crew.away())
		}
	}
	close(release)
	if err := <-freed; err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(time.Minute); e.writer.done.Load() < checks; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%d of %d results were stored", e.writer.done.Load(), checks)
		}
	}
}
