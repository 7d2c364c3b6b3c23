package logstore_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/logstore"
	"mainstay/internal/platform/logstore/engine"
)

// TestMain lets the test binary play `mainstay logstore`.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "logstore" {
		cfg, err := logstore.ParseChildArgs(os.Args[2:])
		if err == nil {
			err = engine.Run(context.Background(), cfg, os.Stdin)
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// observed collects what an Observer is told.
type observed struct {
	mu     sync.Mutex
	states []logstore.State
	signal chan struct{}
}

func (o *observed) LogstoreChanged(s logstore.State) {
	o.mu.Lock()
	o.states = append(o.states, s)
	o.mu.Unlock()
	select {
	case o.signal <- struct{}{}:
	default:
	}
}

// await waits until a state satisfies want.
func (o *observed) await(t *testing.T, want func(logstore.State) bool) {
	t.Helper()
	deadline := time.After(30 * time.Second)
	for {
		o.mu.Lock()
		for _, s := range o.states {
			if want(s) {
				o.mu.Unlock()
				return
			}
		}
		o.mu.Unlock()
		select {
		case <-o.signal:
		case <-deadline:
			t.Fatalf("not reached; states %+v", o.states)
		}
	}
}

func setup(t testing.TB, change func(*logstore.Configuration)) (*logstore.Store, *observed) {
	t.Helper()
	cfg := logstore.Defaults("logs", t.TempDir())
	cfg.MinFree = 1 << 20
	if change != nil {
		change(&cfg)
	}
	watch := &observed{signal: make(chan struct{}, 1)}
	store, err := logstore.New(cfg, logstore.Dependencies{
		Clock: core.SystemClock{}, Log: slog.New(slog.DiscardHandler), Observer: watch, Command: []string{os.Args[0], "logstore"},
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := store.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Stop(context.Background()) })
	return store, watch
}

// count asks until the answer is at least want, and returns the number of
// different messages.
func count(t testing.TB, store *logstore.Store, expr string, want int) int {
	t.Helper()
	deadline := time.Now().Add(60 * time.Second)
	for {
		got := 0
		for row, err := range store.Query(t.Context(), logstore.Query{Expr: expr + " | count_uniq(_msg) n"}) {
			if err == nil {
				got, _ = strconv.Atoi(row["n"])
			}
		}
		if got >= want || time.Now().After(deadline) {
			return got
		}
		time.Sleep(100 * time.Millisecond) // the engine offers nothing to wait on
	}
}

func TestWrittenRecordsAreFound(t *testing.T) {
	t.Parallel()
	store, watch := setup(t, nil)
	now := time.Now()
	long := strings.Repeat("ü", 200<<10)
	refused, err := store.Write(t.Context(), []logstore.Record{
		{Time: now.Add(-2 * time.Second), Message: `disk "sda" failed`, Item: "item1", App: "kernel", Level: "error", Fields: []logstore.Field{{"unit", "a\tb"}, {"_time", "x"}}},
		{Time: now.Add(-time.Second), Message: "all is well", Item: "item1", App: "cron"},
		{Time: now, Message: long, App: "long"},
		{Time: now.Add(-365 * 24 * time.Hour), Message: "too old"},
		{Time: now.Add(72 * time.Hour), Message: "from the future"},
	})
	if err != nil || refused != 2 {
		t.Fatalf("%d refused, %v", refused, err)
	}
	if got := count(t, store, "*", 3); got != 3 {
		t.Fatalf("%d records", got)
	}
	watch.await(t, func(s logstore.State) bool { return s.Ready && !s.ReadOnly })
	if got := count(t, store, `{item="item1"}`, 2); got != 2 { // the index of streams follows the records
		t.Fatalf("%d records of the item", got)
	}
	var rows []logstore.Row
	for row, err := range store.Query(t.Context(), logstore.Query{Expr: `{item="item1"}`, Start: now.Add(-time.Minute), End: now.Add(time.Minute), Limit: 10}) {
		if err != nil {
			t.Fatal(err)
		}
		rows = append(rows, row)
	}
	if len(rows) != 2 || rows[0]["_msg"] != "all is well" || rows[1]["unit"] != "a\tb" || rows[1]["field._time"] != "x" || rows[1]["_stream"] != `{app="kernel",item="item1"}` {
		t.Fatalf("%q", rows)
	}
	for row, err := range store.Query(t.Context(), logstore.Query{Expr: "app:long", Limit: 1}) {
		if err != nil || len(row["_msg"]) != 128<<10 || row["truncated"] != "true" {
			t.Fatalf("%d bytes, truncated %q, %v", len(row["_msg"]), row["truncated"], err)
		}
	}
	hits, err := store.Hits(t.Context(), logstore.Query{Start: now.Add(-time.Minute), End: now.Add(time.Minute)}, time.Hour, "app")
	if err != nil || len(hits) != 3 || hits[0].Total != 1 {
		t.Fatalf("%+v, %v", hits, err)
	}
	fields, err := store.Fields(t.Context(), logstore.Query{})
	if err != nil || len(fields) < 6 {
		t.Fatalf("%+v, %v", fields, err)
	}
	apps, err := store.Values(t.Context(), logstore.Query{Limit: 10}, "app")
	if err != nil || len(apps) != 3 {
		t.Fatalf("%+v, %v", apps, err)
	}
	for _, err := range store.Query(t.Context(), logstore.Query{Expr: "a AND ("}) {
		if core.CodeOf(err) != core.CodeInvalid {
			t.Fatal(err)
		}
	}
}

func TestTailFollows(t *testing.T) {
	t.Parallel()
	store, _ := setup(t, nil)
	if err := store.Ready(t.Context()); err != nil {
		t.Fatal(err)
	}
	go func() {
		for i := range 100 {
			if _, err := store.Write(t.Context(), []logstore.Record{{Message: fmt.Sprint("line ", i), App: "tail"}}); err != nil {
				return
			}
			time.Sleep(50 * time.Millisecond) // spread over the tail's refreshes
		}
	}()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	seen := 0
	for row, err := range store.Tail(ctx, logstore.Query{Expr: "app:tail"}) {
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(row["_msg"], "line ") {
			t.Fatalf("%q", row)
		}
		if seen++; seen == 10 {
			return
		}
	}
	t.Fatalf("%d lines", seen)
}

// TestNothingAcknowledgedIsLost kills the engine while records are written,
// and the store is stopped and started again.
func TestNothingAcknowledgedIsLost(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	change := func(c *logstore.Configuration) { c.Dir, c.Settle = dir, 5*time.Second }
	store, watch := setup(t, change)
	if err := store.Ready(t.Context()); err != nil {
		t.Fatal(err)
	}
	written, kills := 0, int64(0)
	write := func() {
		batch := make([]logstore.Record, 50)
		for i := range batch {
			batch[i] = logstore.Record{Message: fmt.Sprint("record ", written+i), App: "load", Item: fmt.Sprint("item", i%5)}
		}
		if _, err := store.Write(t.Context(), batch); err != nil {
			t.Fatal(err)
		}
		written += len(batch)
	}
	for round := range 4 {
		until := time.Now().Add(time.Duration(600+300*round) * time.Millisecond)
		for time.Now().Before(until) {
			write()
			time.Sleep(5 * time.Millisecond) // load spread over the life of the process
		}
		if pid := store.ChildPID(); pid > 0 {
			if syscall.Kill(pid, syscall.SIGKILL) == nil {
				kills++
			}
		}
	}
	watch.await(t, func(s logstore.State) bool { return s.Restarts >= kills && s.Ready })
	if got := count(t, store, "app:load", written); got != written {
		t.Fatalf("%d of %d records after kill", got, written)
	}
	for deadline := time.Now().Add(time.Minute); store.Stats().Spool.Pending > 0; time.Sleep(50 * time.Millisecond) { // until it has settled, which nothing tells
		if time.Now().After(deadline) {
			t.Fatalf("%+v has not settled", store.Stats().Spool)
		}
	}
	write() // the engine has it, perhaps only in memory, when it is stopped
	if got := count(t, store, "app:load", written); got != written {
		t.Fatalf("%d of %d records before the stop", got, written)
	}
	if err := store.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	again, _ := setup(t, change)
	if got := count(t, again, "app:load", written); got != written {
		t.Fatalf("%d of %d records after a restart", got, written)
	}
	if left := again.Stats().Spool.Pending; left > 0 {
		t.Fatalf("a clean stop left %d bytes in the spool", left)
	}
}

// TestSnapshot copies a dataset under load and reads the copy.
func TestSnapshot(t *testing.T) {
	t.Parallel()
	store, watch := setup(t, nil)
	for i := range 100 {
		if _, err := store.Write(t.Context(), []logstore.Record{{Message: fmt.Sprint("before ", i), App: "snap"}}); err != nil {
			t.Fatal(err)
		}
	}
	if got := count(t, store, "app:snap", 100); got != 100 {
		t.Fatalf("%d records", got)
	}
	dir := t.TempDir()
	if err := store.Snapshot(t.Context(), dir); err != nil {
		t.Fatal(err)
	}
	if _, err := store.Write(t.Context(), []logstore.Record{{Message: "after", App: "snap"}}); err != nil {
		t.Fatal(err)
	}
	copied, _ := setup(t, func(c *logstore.Configuration) { c.Dir = dir })
	if got := count(t, copied, "app:snap", 100); got != 100 {
		t.Fatalf("%d records in the copy", got)
	}
	if got := count(t, store, "app:snap", 101); got != 101 {
		t.Fatalf("%d records afterwards", got)
	}
	if total := rows(t, store, "app:snap"); total != 101 {
		t.Fatalf("%d rows: a planned stop must not repeat records", total)
	}
	watch.await(t, func(s logstore.State) bool { return s.Ready && s.Restarts == 0 })
}

// rows counts every row, also repeated ones.
func rows(t *testing.T, store *logstore.Store, expr string) (n int) {
	t.Helper()
	for row, err := range store.Query(t.Context(), logstore.Query{Expr: expr + " | count() n"}) {
		if err != nil {
			t.Fatal(err)
		}
		n, _ = strconv.Atoi(row["n"])
	}
	return n
}

// accepted collects events.
type accepted struct {
	observed
	events []core.Event
}

func (a *accepted) Accept(_ context.Context, events []core.Event) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.events = append(a.events, events...)
	select {
	case a.signal <- struct{}{}:
	default:
	}
	return nil
}

func TestAFullDiskIsAnEvent(t *testing.T) {
	t.Parallel()
	cfg := logstore.Defaults("logs", t.TempDir())
	cfg.MinFree = 1 << 50
	told := &accepted{observed: observed{signal: make(chan struct{}, 1)}}
	store, err := logstore.New(cfg, logstore.Dependencies{Clock: core.SystemClock{}, Log: slog.New(slog.DiscardHandler), Events: told, Command: []string{os.Args[0], "logstore"}})
	if err != nil {
		t.Fatal(err)
	}
	if err := store.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Stop(context.Background()) })
	select {
	case <-told.signal:
	case <-time.After(30 * time.Second):
		t.Fatal("nothing was told")
	}
	told.mu.Lock()
	defer told.mu.Unlock()
	if e := told.events[0]; e.Key != "logstore:logs:disk" || e.Kind != core.Problem || e.Severity != core.Critical {
		t.Fatalf("%+v", e)
	}
}

func TestReadOnlyIsTold(t *testing.T) {
	t.Parallel()
	store, watch := setup(t, func(c *logstore.Configuration) {
		c.MinFree = 1 << 50
		c.Spool.MaxBytes, c.Spool.MaxRecord = 1<<20, 512<<10
	})
	watch.await(t, func(s logstore.State) bool { return s.Ready && s.ReadOnly })
	var err error
	for range 2000 {
		if _, err = store.Write(t.Context(), []logstore.Record{{Message: strings.Repeat("x", 1000)}}); err != nil {
			break
		}
	}
	if core.CodeOf(err) != core.CodeUnavailable {
		t.Fatalf("a full spool gave %v", err)
	}
}

func TestAnEngineThatCannotStartIsRetried(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.WriteFile(dir+"/data", nil, 0o600); err != nil {
		t.Fatal(err)
	}
	store, watch := setup(t, func(c *logstore.Configuration) { c.Dir = dir })
	watch.await(t, func(s logstore.State) bool { return s.Restarts >= 2 && !s.Ready && s.Reason != "" })
	if _, err := store.Write(t.Context(), []logstore.Record{{Message: "kept"}}); err != nil {
		t.Fatal(err)
	}
	for _, err := range store.Query(t.Context(), logstore.Query{}) {
		if core.CodeOf(err) != core.CodeUnavailable {
			t.Fatal(err)
		}
	}
	if err := os.Remove(dir + "/data"); err != nil {
		t.Fatal(err)
	}
	if got := count(t, store, "*", 1); got != 1 {
		t.Fatalf("%d records", got)
	}
}
