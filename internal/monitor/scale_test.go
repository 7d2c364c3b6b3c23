package monitor

import (
	"context"
	"fmt"
	"os"
	"syscall"
	"testing"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/probe"
	"mainstay/internal/platform/sqldb"
	"mainstay/internal/platform/sqldb/sqldbtest"
)

// TestTenThousandChecks runs 10,000 targets every 10 s for a while and tells
// what it costs. MONITOR_SCALE says for how long, such as 60s.
func TestTenThousandChecks(t *testing.T) {
	length, err := time.ParseDuration(os.Getenv("MONITOR_SCALE"))
	if err != nil {
		t.Skip("MONITOR_SCALE is not set")
	}
	const checks = 10_000
	b := newBench(t, sqldbtest.SQLite(t))
	b.deps.Agents = well{}
	cfg := Defaults()
	c, err := New(cfg, b.deps)
	if err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	spec := CheckSpec{Item: itemID, RunOn: onAgent, Agent: "a", Interval: probe.Duration(10 * time.Second), Spec: probe.Spec{Process: &probe.Process{Name: "x"}}}
	if err := b.db.Write(ctx, func(tx *sqldb.Tx) error {
		for i := range checks {
			check := &Check{ID: b.deps.IDs.New(), Name: fmt.Sprintf("c%05d", i), Spec: spec}
			if err := c.store.saveCheck(ctx, tx, check); err != nil {
				return err
			}
			if err := c.store.insertTarget(ctx, tx, check.ID, check, core.NewIDs(b.deps.Clock, nil).New()); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	begun := time.Now()
	if err := c.Start(ctx); err != nil {
		t.Fatal(err)
	}
	defer c.Stop(ctx)
	loaded := time.Since(begun)
	e := c.leader.Load()
	time.Sleep(10 * time.Second) // every target has run once
	cpu, done := spent(t), e.writer.done.Load()
	time.Sleep(length)
	used, results := spent(t)-cpu, e.writer.done.Load()-done
	t.Logf("loaded in %v; %d results in %v (%.0f/s, due %.0f/s); %.1f %% of a CPU; %d intervals missed; %d waiting",
		loaded.Round(time.Millisecond), results, length, float64(results)/length.Seconds(), float64(checks)/10, 100*used.Seconds()/length.Seconds(), e.writer.missed.Load(), e.ready.waiting())
	if missed := e.writer.missed.Load(); missed > 0 {
		t.Errorf("%d intervals were missed", missed)
	}
}

// spent is the CPU time of this process.
func spent(t *testing.T) time.Duration {
	t.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
