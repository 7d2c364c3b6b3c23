package logstore_test

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/core/coretest"
	"mainstay/internal/platform/logstore"
)

// remote is an engine that is no child of the store: a process of its own on a
// loopback port, as a server elsewhere would be.
type remote struct {
	t       *testing.T
	program string
	args    []string
	address string
	cmd     *exec.Cmd
	life    io.Closer
}

func newRemote(t *testing.T, program string, arguments func(dir, address string) []string) *remote {
	t.Helper()
	port, err := coretest.FreePort()
	if err != nil {
		t.Fatal(err)
	}
	r := &remote{t: t, program: program, address: fmt.Sprintf("127.0.0.1:%d", port)}
	r.args = arguments(t.TempDir(), r.address)
	r.start()
	t.Cleanup(r.kill)
	return r
}

// use has a store ask this engine.
func (r *remote) use(c *logstore.Configuration) { c.URL = "http://" + r.address }

// ours is the program's own engine.
func ours(dir, address string) []string {
	return []string{"logstore", "--dir", dir, "--listen", address, "--min-free", "1048576"}
}

// victoriaLogs are the arguments of the newest VictoriaLogs, whose program
// VICTORIALOGS names (scripts/acceptance makes one).
func victoriaLogs(more ...string) func(dir, address string) []string {
	return func(dir, address string) []string {
		return append([]string{"-storageDataPath", dir, "-httpListenAddr", address, "-retentionPeriod", "30d"}, more...)
	}
}

func newVictoriaLogs(t *testing.T, more ...string) *remote {
	t.Helper()
	program := os.Getenv("VICTORIALOGS")
	if program == "" {
		t.Skip("VICTORIALOGS names no program")
	}
	return newRemote(t, program, victoriaLogs(more...))
}

// eachEngine runs a test with the engine of this program and with a VictoriaLogs elsewhere.
func eachEngine(t *testing.T, test func(t *testing.T, use func(*logstore.Configuration))) {
	t.Parallel()
	t.Run("embedded", func(t *testing.T) {
		t.Parallel()
		test(t, nil)
	})
	t.Run("VictoriaLogs", func(t *testing.T) {
		t.Parallel()
		test(t, newVictoriaLogs(t, "-delete.enable").use)
	})
}

func (r *remote) start() {
	r.t.Helper()
	r.cmd = exec.Command(r.program, r.args...)
	var err error
	if r.life, err = r.cmd.StdinPipe(); err != nil {
		r.t.Fatal(err)
	}
	if err := r.cmd.Start(); err != nil {
		r.t.Fatal(err)
	}
}

// kill ends it with SIGKILL.
func (r *remote) kill() {
	r.life.Close()
	r.cmd.Process.Kill()
	r.cmd.Wait()
}

// TestARemoteEngine writes to an engine across the network, which is killed and
// away in between, and asks it everything a store is asked.
func TestARemoteEngine(t *testing.T) {
	t.Parallel()
	t.Run("ours", func(t *testing.T) {
		t.Parallel()
		asked(t, newRemote(t, os.Args[0], ours), 5*time.Second)
	})
	t.Run("VictoriaLogs", func(t *testing.T) {
		t.Parallel()
		engine := newVictoriaLogs(t)
		asked(t, engine, 10*time.Second) // it has what it took on disk within 5 s, unless told otherwise
		store, _ := setup(t, engine.use)
		if _, err := store.Erase(t.Context(), []logstore.Erasure{{Filter: "app:load", End: time.Now()}}); core.CodeOf(err) != core.CodeConflict {
			t.Errorf("one that was started without -delete.enable: %v", err)
		}
	})
}

func asked(t *testing.T, engine *remote, settle time.Duration) {
	store, watch := setup(t, func(c *logstore.Configuration) { engine.use(c); c.Settle = settle })
	if store.Embedded() || store.ChildPID() != 0 {
		t.Fatal("the store runs an engine of its own")
	}
	if err := store.Ready(t.Context()); err != nil {
		t.Fatal(err)
	}
	written := 0
	write := func(n int) {
		t.Helper()
		for range n {
			batch := make([]logstore.Record, 20)
			for i := range batch {
				batch[i] = logstore.Record{Message: fmt.Sprint("record ", written+i), App: "load", Item: fmt.Sprint("item", i%5), Level: "info"}
			}
			if refused, err := store.Write(t.Context(), batch); err != nil || refused != 0 {
				t.Fatal(refused, err)
			}
			written += len(batch)
			time.Sleep(5 * time.Millisecond) // load spread over the life of the process
		}
	}
	write(100)
	watch.await(t, func(s logstore.State) bool { return s.Ready })
	engine.kill()
	watch.await(t, func(s logstore.State) bool { return !s.Ready && s.Reason != "not started" })
	write(50)
	for row, err := range store.Query(t.Context(), logstore.Query{Expr: "*"}) {
		if core.CodeOf(err) != core.CodeUnavailable {
			t.Errorf("an engine that is away answers %v, %v", row, err)
		}
	}
	engine.start()
	write(50)
	if got := count(t, store, "app:load", written); got != written {
		t.Fatalf("%d of %d records", got, written)
	}

	if got := count(t, store, `{item="item1"}`, written/5); got != written/5 { // the index of streams follows the records
		t.Fatalf("%d records of an item", got)
	}
	span := logstore.Query{Expr: `{item="item1"}`, Start: time.Now().Add(-time.Hour), End: time.Now().Add(time.Minute), Limit: 7}
	rows := 0
	for row, err := range store.Query(t.Context(), span) {
		if err != nil || row["app"] != "load" {
			t.Fatal(row, err)
		}
		rows++
	}
	if rows != 7 {
		t.Errorf("%d rows of 7", rows)
	}
	if hits, err := store.Hits(t.Context(), logstore.Query{Start: span.Start, End: span.End}, time.Hour, "app"); err != nil || len(hits) != 1 || hits[0].Total < int64(written) {
		t.Errorf("%+v, %v", hits, err)
	}
	if fields, err := store.Fields(t.Context(), logstore.Query{}); err != nil || len(fields) < 5 {
		t.Errorf("%+v, %v", fields, err)
	}
	if items, err := store.Values(t.Context(), logstore.Query{Limit: 10}, "item"); err != nil || len(items) != 5 {
		t.Errorf("%+v, %v", items, err)
	}
	if err := store.Snapshot(t.Context(), t.TempDir()); core.CodeOf(err) != core.CodeConflict {
		t.Errorf("a snapshot of another server: %v", err)
	}
	if err := store.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func TestAnEngineListensOnlyHere(t *testing.T) {
	t.Parallel()
	for args, ok := range map[string]bool{"--listen 127.0.0.1:1": true, "--listen [::1]:1": true, "--listen 0.0.0.0:1": false, "--listen :1": false,
		"--listen example.com:1": false, "--socket s": true, "--socket s --listen 127.0.0.1:1": false, "": false} {
		_, err := logstore.ParseChildArgs(append([]string{"--dir", "d"}, strings.Fields(args)...))
		if (err == nil) != ok {
			t.Errorf("%q: %v", args, err)
		}
	}
}
