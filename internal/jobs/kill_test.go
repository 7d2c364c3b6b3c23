package jobs_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"

	"mainstay/internal/jobs"
	"mainstay/internal/jobs/jobstest"
	"mainstay/internal/platform/ledger"
	"mainstay/internal/platform/sqldb"
	"mainstay/internal/platform/sqldb/sqldbtest"
)

// childVariable makes the test binary a server that is there to be killed.
const childVariable = "MAINSTAY_JOBS_CHILD"

type childConfig struct {
	Store sqldb.Config
	Agent jobstest.Remote
}

// child serves until it is killed.
func child() {
	fail := func(err error) {
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	var cfg childConfig
	fail(json.Unmarshal([]byte(os.Getenv(childVariable)), &cfg))
	ctx := context.Background()
	db, err := sqldb.Open(ctx, cfg.Store)
	fail(err)
	around := jobstest.NewSurroundings()
	around.SetCheck("c", true)
	s, err := build(ctx, db, cfg.Agent, around)
	fail(err)
	fail(s.start(ctx))
	fmt.Println("ready")
	select {}
}

func spawn(t *testing.T, cfg childConfig) *exec.Cmd {
	t.Helper()
	text, err := json.Marshal(cfg)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childVariable+"="+string(text))
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	if !bufio.NewScanner(out).Scan() {
		t.Fatal("the server did not start")
	}
	return cmd
}

func kill(cmd *exec.Cmd) {
	cmd.Process.Kill()
	cmd.Wait()
}

const killed = `
kind: Runbook
name: long
spec:
  steps:
    - {id: a, shell: {script: a, agent: $item}}
    - {id: b, shell: {script: b, agent: $item}}
    - {id: c, needs: [a], shell: {script: c, agent: $item}}
    - {id: d, needs: [b, c], wait: {duration: 60ms}}
    - {id: e, needs: [d], shell: {script: e, agent: $item}}
    - {id: f, verify: {checks: [c], within: 20s}}
    - {id: g, shell: {script: g, agent: $item}}
`

// TestKilledServersExecuteNothingTwice kills the server at random moments of
// several runs. MAINSTAY_KILLS and MAINSTAY_SEED make a longer campaign.
func TestKilledServersExecuteNothingTwice(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("starts processes")
	}
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		killing(t, sqldb.Config{Path: filepath.Join(t.TempDir(), "kill.db")})
	})
	t.Run("postgresql", func(t *testing.T) { t.Parallel(); killing(t, sqldb.Config{DSN: sqldbtest.DSN(t), Readers: 6}) })
}

func number(name string, otherwise uint64) uint64 {
	if n, err := strconv.ParseUint(os.Getenv(name), 10, 64); err == nil {
		return n
	}
	return otherwise
}

func killing(t *testing.T, store sqldb.Config) {
	seed, kills := number("MAINSTAY_SEED", 7), number("MAINSTAY_KILLS", 10)
	t.Logf("seed %d, %d kills", seed, kills)
	random := rand.New(rand.NewPCG(seed, seed))
	agent := jobstest.NewAgent(func(req jobs.ExecRequest, print func(stream, text string), _ <-chan struct{}) jobs.Exit {
		for i := range 10 {
			print("stdout", fmt.Sprintf("%s%d\n", req.Step, i))
			time.Sleep(15 * time.Millisecond)
		}
		return jobs.Exit{}
	})
	server := httptest.NewServer(agent)
	t.Cleanup(server.CloseClientConnections) // killed clients leave theirs half open
	db, err := sqldb.Open(t.Context(), store)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	s, err := build(t.Context(), db, agent, jobstest.NewSurroundings()) // never started: it only asks
	if err != nil {
		t.Fatal(err)
	}
	w := &world{stack: s, t: t, agent: agent}
	w.apply(killed)

	cfg := childConfig{store, jobstest.Remote(server.URL)}
	running := spawn(t, cfg)
	defer func() { kill(running) }()
	var ids []string
	for i := range kills {
		if i%3 == 0 {
			ids = append(ids, w.run(jobs.Request{Runbook: "long", Subject: jobs.Subject{Item: item}}).ID)
		}
		time.Sleep(time.Duration(random.IntN(300)) * time.Millisecond)
		kill(running)
		running = spawn(t, cfg)
	}
	for _, id := range ids {
		w.finishedOnce(w.await(id))
	}
	if v, err := s.ledger.Verify(t.Context()); err != nil || !v.OK() {
		t.Errorf("the ledger: %+v (%v)", v, err)
	}
}

// finishedOnce asserts that everything of a run happened exactly once.
func (w *world) finishedOnce(r *jobs.Run) {
	w.t.Helper()
	if r.State != jobs.Succeeded {
		w.t.Errorf("run %s: %s (%s): %s", r.ID, r.State, r.Error, states(r))
	}
	begun := map[string]int{}
	for _, req := range w.agent.Begun() {
		if req.Run == r.ID {
			begun[req.Step]++
		}
	}
	for _, step := range []string{"a", "b", "c", "e", "g"} {
		if begun[step] != 1 {
			w.t.Errorf("run %s began step %s %d times", r.ID, step, begun[step])
		}
	}
	entries, err := w.ledger.List(w.t.Context(), ledger.Query{Subject: r.Ref(), Limit: 1000})
	if err != nil {
		w.t.Fatal(err)
	}
	var told []string
	for _, e := range entries {
		told = append(told, e.Type)
	}
	slices.Sort(told)
	if n := len(told); n != 3+2*len(r.Steps) {
		w.t.Errorf("run %s left %d entries: %v", r.ID, n, told)
	}
	chunks, err := w.Output(w.t.Context(), r.ID, 0, 1000)
	if err != nil {
		w.t.Fatal(err)
	}
	text := map[string]string{}
	for _, k := range chunks {
		text[k.Step] += k.Text
	}
	for step := range begun {
		want := ""
		for i := range 10 {
			want += fmt.Sprintf("%s%d\n", step, i)
		}
		if text[step] != want {
			w.t.Errorf("run %s: output of step %s is %q", r.ID, step, text[step])
		}
	}
}
