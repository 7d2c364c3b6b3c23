package monitor

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/ledger"
	"mainstay/internal/platform/probe"
	"mainstay/internal/platform/sqldb"
)

const crashDir = "MONITOR_CRASH_DIR"

// journal accepts events into a file, after it was told to.
type journal struct {
	path string
	open bool
}

func (j journal) Accept(_ context.Context, events []core.Event) error {
	if !j.open {
		return core.Errorf(core.CodeUnavailable, "not now")
	}
	f, err := os.OpenFile(j.path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer f.Close()
	for _, e := range events {
		if err := json.NewEncoder(f).Encode(e); err != nil {
			return err
		}
	}
	return nil
}

// TestCrashChild is the process that is killed: 20 checks that fail, and
// nobody who takes their events.
func TestCrashChild(t *testing.T) {
	dir := os.Getenv(crashDir)
	if dir == "" {
		t.Skip("runs as a child")
	}
	c, _ := crashComponent(t, dir, journal{})
	for i := range 20 {
		spec := tcp("127.0.0.1:1")
		spec.Item = itemID
		if _, _, err := c.PutCheck(context.Background(), fmt.Sprintf("c%d", i), spec, ""); err != nil {
			t.Fatal(err)
		}
	}
	for {
		var hard int
		if err := c.deps.DB.QueryRow(context.Background(), "SELECT count(*) FROM monitor_target WHERE hard AND status = 'critical'").Scan(&hard); err != nil {
			t.Fatal(err)
		}
		fmt.Printf("hard %d\n", hard)
		time.Sleep(time.Millisecond)
	}
}

func crashComponent(t *testing.T, dir string, events Events) (*Component, *sqldb.DB) {
	t.Helper()
	ctx := context.Background()
	db, err := sqldb.Open(ctx, sqldb.Config{Path: filepath.Join(dir, "m.db")})
	if err != nil {
		t.Fatal(err)
	}
	if err := sqldb.Migrate(ctx, db, "ledger", ledger.Migrations()); err != nil {
		t.Fatal(err)
	}
	if err := sqldb.Migrate(ctx, db, "monitor", Migrations()); err != nil {
		t.Fatal(err)
	}
	clock := core.SystemClock{}
	ids := core.NewIDs(clock, nil)
	l := ledger.New(ledger.Configuration{}, ledger.Dependencies{DB: db, Clock: clock, IDs: ids})
	if err := l.Start(ctx); err != nil {
		t.Fatal(err)
	}
	c, err := New(quick(), Dependencies{DB: db, Ledger: l, Metrics: nil, Events: events, Clock: clock, IDs: ids})
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(ctx); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = c.Stop(ctx)
		_ = l.Stop(ctx)
		_ = db.Close()
	})
	return c, db
}

// TestKillBetweenStateAndEvent: a hard state that was stored brings its event
// exactly once, however the process ends in between.
func TestKillBetweenStateAndEvent(t *testing.T) {
	t.Parallel()
	for round, at := range []string{"hard 1", "hard 7", "hard 20"} {
		t.Run(at, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			cmd := exec.Command(os.Args[0], "-test.run", "^TestCrashChild$")
			cmd.Env = append(os.Environ(), crashDir+"="+dir)
			out, err := cmd.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			deadline := time.AfterFunc(30*time.Second, func() { _ = cmd.Process.Kill() })
			defer deadline.Stop()
			for lines := bufio.NewScanner(out); lines.Scan(); {
				var n, want int
				_, _ = fmt.Sscanf(lines.Text(), "hard %d", &n)
				_, _ = fmt.Sscanf(at, "hard %d", &want)
				if n >= want {
					_ = cmd.Process.Kill()
				}
			}
			_ = cmd.Wait()

			file := filepath.Join(dir, "events")
			c, db := crashComponent(t, dir, journal{path: file, open: true})
			var hard int
			for wait := time.Now(); time.Since(wait) < 20*time.Second; time.Sleep(10 * time.Millisecond) {
				var left int
				_ = db.QueryRow(context.Background(), "SELECT count(*) FROM monitor_target WHERE hard AND status = 'critical'").Scan(&hard)
				_ = db.QueryRow(context.Background(), "SELECT count(*) FROM monitor_outbox").Scan(&left)
				if hard == 20 && left == 0 {
					break
				}
			}
			_ = c.Stop(context.Background())
			raw, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			told := map[string]map[string]bool{}
			for _, line := range strings.Split(strings.TrimSpace(string(raw)), "\n") {
				var e core.Event
				if err := json.Unmarshal([]byte(line), &e); err != nil {
					t.Fatal(err)
				}
				if told[e.Key] == nil {
					told[e.Key] = map[string]bool{}
				}
				told[e.Key][e.ID] = true
			}
			if hard != 20 || len(told) != 20 {
				t.Fatalf("round %d: %d hard faults, %d told", round, hard, len(told))
			}
			for key, ids := range told {
				if len(ids) != 1 {
					t.Errorf("%s was told %d times", key, len(ids))
				}
			}
		})
	}
}

// BenchmarkEngine runs checks through probe, state machine and store: each
// operation is one result.
func BenchmarkEngine(b *testing.B) {
	ctx := context.Background()
	dir := b.TempDir()
	db, err := sqldb.Open(ctx, sqldb.Config{Path: filepath.Join(dir, "m.db")})
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	_ = sqldb.Migrate(ctx, db, "ledger", ledger.Migrations())
	_ = sqldb.Migrate(ctx, db, "monitor", Migrations())
	clock := core.SystemClock{}
	ids := core.NewIDs(clock, nil)
	l := ledger.New(ledger.Configuration{}, ledger.Dependencies{DB: db, Clock: clock, IDs: ids})
	if err := l.Start(ctx); err != nil {
		b.Fatal(err)
	}
	defer l.Stop(ctx)
	c, err := New(quick(), Dependencies{DB: db, Ledger: l, Events: journal{}, Clock: clock, IDs: ids})
	if err != nil {
		b.Fatal(err)
	}
	e := newEngine(c)
	run, cancel := context.WithCancel(ctx)
	go e.writer.run(run)
	defer cancel()
	targets := make([]*target, 1000)
	if err := db.Write(ctx, func(tx *sqldb.Tx) error {
		for i := range targets {
			check := &Check{ID: ids.New(), Name: fmt.Sprintf("c%d", i), Spec: CheckSpec{Item: itemID, Spec: probe.Spec{Process: &probe.Process{Name: "x"}}, RunOn: onAgent, Agent: "a"}}
			if err := c.store.saveCheck(ctx, tx, check); err != nil {
				return err
			}
			if err := c.store.insertTarget(ctx, tx, check.ID, check, itemID); err != nil {
				return err
			}
			targets[i] = newTarget(targetRow{ID: check.ID, CheckID: check.ID, Item: itemID}, check)
		}
		return nil
	}); err != nil {
		b.Fatal(err)
	}
	c.deps.Agents = well{}
	b.ResetTimer()
	var last <-chan struct{}
	for i := 0; b.Loop(); i++ {
		if _, last, err = e.execute(ctx, targets[i%len(targets)], false); err != nil {
			b.Fatal(err)
		}
	}
	<-last
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "results/s")
}

// well is an agent on which all is well.
type well struct{}

func (well) RunCheck(context.Context, string, probe.Spec) (probe.Result, error) {
	return probe.Result{State: probe.OK, Output: "fine", Metrics: []probe.Metric{{Name: "a", Value: 1}}}, nil
}
