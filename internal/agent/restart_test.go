package agent_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"mainstay/internal/platform/agents"
)

// The server goes away and comes back: what was measured meanwhile arrives, in
// order, and a command that was running is followed to its end.
func TestServerRestart(t *testing.T) {
	t.Parallel()
	w := setup(t)
	cfg := w.configuration(allowAll)
	a := w.run(cfg)
	await(t, "metrics", func() bool { return len(w.sink.times()) >= 2 })
	c := agents.Command{Execution: "1", Runbook: "x", Script: "echo begun; for i in 1 2 3 4 5 6; do sleep 1; echo $i; done"}
	begun := make(chan struct{})
	failed := make(chan error, 1)
	go func() {
		once := false
		_, err := w.agents.Run(context.Background(), a.ID(), c, func(agents.Chunk) {
			if !once {
				once = true
				close(begun)
			}
		})
		failed <- err
	}()
	<-begun
	w.stop()
	away := time.Now().UnixMilli()
	if err := <-failed; err == nil {
		t.Error("Run went on without a server")
	}
	for range 4 { // some of the agent's seconds, of which nobody hears meanwhile
		kept := bytesBelow(t, filepath.Join(cfg.Data, "queue"))
		await(t, "the agent to keep what it measures", func() bool { return bytesBelow(t, filepath.Join(cfg.Data, "queue")) > kept })
	}
	back := time.Now().UnixMilli()
	w.start()
	out, exit := execute(t, w, a.ID(), c)
	if out != "begun\n1\n2\n3\n4\n5\n6\n" || !exit.OK() {
		t.Errorf("%q %+v", out, exit)
	}
	// What is measured last arrives last: then all that was measured before is there.
	await(t, "metrics to go on", func() bool { times := w.sink.times(); return len(times) > 0 && times[len(times)-1] > back })
	times, meanwhile := w.sink.times(), 0
	came, last := map[int64]bool{}, int64(0)
	for _, at := range times {
		if came[at] {
			continue // what was taken while its receipt was lost comes once more
		}
		if at < last {
			t.Errorf("measured at %d, then at %d", last, at)
		}
		came[at], last = true, at
		if at > away && at < back {
			meanwhile++
		}
	}
	if meanwhile == 0 {
		t.Errorf("nothing was measured from %d to %d: %v", away, back, times)
	}
}

func bytesBelow(t *testing.T, dir string) (n int64) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if info, err := e.Info(); err == nil {
			n += info.Size()
		}
	}
	return n
}
