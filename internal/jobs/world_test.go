package jobs_test

import (
	"context"
	"encoding/json"
	"io/fs"
	"log/slog"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"mainstay/internal/core"
	"mainstay/internal/jobs"
	"mainstay/internal/jobs/jobstest"
	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/declare"
	"mainstay/internal/platform/ledger"
	"mainstay/internal/platform/sqldb"
	"mainstay/internal/platform/sqldb/sqldbtest"
	"mainstay/internal/platform/tasks"
)

func TestMain(m *testing.M) {
	if os.Getenv(childVariable) != "" {
		child()
		return
	}
	sqldbtest.Main(m)
}

var ana = ledger.Actor{Kind: "user", ID: "ana", Name: "Ana"}

// stack is the module with the services it stands on.
type stack struct {
	*jobs.Component
	db     *sqldb.DB
	ledger *ledger.Ledger
	tasks  *tasks.Component
	kinds  *declare.Set
}

func build(ctx context.Context, db *sqldb.DB, agent jobs.AgentRunner, around *jobstest.Surroundings) (*stack, error) {
	for name, files := range map[string]fs.FS{"ledger": ledger.Migrations(), "tasks": tasks.Migrations(), "jobs": jobs.Migrations()} {
		if err := sqldb.Migrate(ctx, db, name, files); err != nil {
			return nil, err
		}
	}
	clock := core.SystemClock{}
	ids := core.NewIDs(clock, nil)
	log := slog.New(slog.DiscardHandler)
	if os.Getenv("JOBS_LOG") != "" {
		log = slog.New(slog.NewTextHandler(os.Stderr, nil))
	}
	cfg := tasks.Defaults()
	cfg.Node, cfg.Poll, cfg.Grace = "node", 50*time.Millisecond, 100*time.Millisecond
	queue, err := tasks.New(cfg, tasks.Dependencies{DB: db, Clock: clock, IDs: ids, Log: log})
	if err != nil {
		return nil, err
	}
	s := &stack{db: db, tasks: queue, ledger: ledger.New(ledger.Configuration{}, ledger.Dependencies{DB: db, Clock: clock, IDs: ids, Log: log})}
	own := jobs.Defaults()
	own.Settle = 0 // tests that let causes settle say so
	s.Component, err = jobs.New(own, jobs.Dependencies{
		DB: db, Ledger: s.ledger, Tasks: queue, Clock: clock, IDs: ids, Log: log, Agents: agent, Hosts: around, Items: around, Checks: around,
		Secrets: jobstest.Secrets{Surroundings: around}, Impact: around, Maintenance: around, Incidents: around, HTTP: http.DefaultClient,
	})
	if err != nil {
		return nil, err
	}
	s.kinds, err = declare.NewSet(db, s.Kinds()...)
	return s, err
}

func (s *stack) start(ctx context.Context) error {
	if err := s.ledger.Start(ctx); err != nil {
		return err
	}
	if err := s.tasks.Start(ctx); err != nil {
		return err
	}
	return s.Start(ctx)
}

func (s *stack) stop() error {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := s.tasks.Stop(ctx); err != nil {
		return err
	}
	return s.ledger.Stop(ctx)
}

// world is a running stack in a test.
type world struct {
	*stack
	t      *testing.T
	agent  *jobstest.Agent
	around *jobstest.Surroundings
}

func setup(t *testing.T, db *sqldb.DB, script jobstest.Script) *world {
	t.Helper()
	w := &world{t: t, agent: jobstest.NewAgent(script), around: jobstest.NewSurroundings()}
	w.boot(db)
	t.Cleanup(func() {
		if err := w.stop(); err != nil {
			t.Error(err)
		}
	})
	return w
}

func (w *world) boot(db *sqldb.DB) {
	w.t.Helper()
	s, err := build(w.t.Context(), db, w.agent, w.around)
	if err == nil {
		err = s.start(w.t.Context())
	}
	if err != nil {
		w.t.Fatal(err)
	}
	w.stack = s
}

// restart stops the server and begins anew; the agent lives on.
func (w *world) restart() {
	w.t.Helper()
	if err := w.stop(); err != nil {
		w.t.Fatal(err)
	}
	w.boot(w.db)
}

func system(ctx context.Context) context.Context { return auth.With(ctx, auth.System("test")) }

// apply declares documents; every one must be taken.
func (w *world) apply(documents string) {
	w.t.Helper()
	for _, o := range w.kinds.Apply(system(w.t.Context()), declare.Parse([]byte(documents)), false) {
		if o.Action == declare.Failed {
			text, _ := json.Marshal(o)
			w.t.Fatalf("%s", text)
		}
	}
}

func (w *world) run(req jobs.Request) *jobs.Run {
	w.t.Helper()
	if req.Actor.Kind == "" {
		req.Actor, req.Trigger = ana, jobs.ByPerson
	}
	r, err := w.Run(w.t.Context(), req)
	if err != nil {
		w.t.Fatal(err)
	}
	return r
}

func (w *world) read(id string) *jobs.Run {
	w.t.Helper()
	r, err := w.ReadRun(w.t.Context(), id)
	if err != nil {
		w.t.Fatal(err)
	}
	return r
}

// await waits until the run is over.
func (w *world) await(id string) *jobs.Run {
	w.t.Helper()
	var r *jobs.Run
	w.until("run is over", func() bool { r = w.read(id); return r.FinishedAt != nil })
	return r
}

func (w *world) until(what string, ok func() bool) {
	w.t.Helper()
	deadline := time.Now().Add(time.Minute)
	for !ok() {
		if time.Now().After(deadline) {
			w.t.Fatal("never happened: " + what)
		}
		time.Sleep(15 * time.Millisecond)
	}
}

func (w *world) output(id string) string {
	w.t.Helper()
	chunks, err := w.Output(w.t.Context(), id, 0, 1000)
	if err != nil {
		w.t.Fatal(err)
	}
	var b strings.Builder
	for _, k := range chunks {
		b.WriteString(k.Text)
	}
	return b.String()
}

// states is the state of each step, in order.
func states(r *jobs.Run) string {
	var out []string
	for _, s := range r.Steps {
		out = append(out, s.ID+"="+s.State)
	}
	return strings.Join(out, " ")
}

func types(t *testing.T, l *ledger.Ledger, prefix string) (out []string) {
	t.Helper()
	entries, err := l.List(t.Context(), ledger.Query{Types: []string{prefix}, Oldest: true, Limit: 1000})
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		out = append(out, strings.TrimPrefix(e.Type, "jobs."))
	}
	return out
}

// specOf turns a YAML spec into JSON.
func specOf(t testing.TB, text string) json.RawMessage {
	t.Helper()
	var v any
	if err := yaml.Unmarshal([]byte(text), &v); err != nil {
		t.Fatal(err)
	}
	out, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// refused applies a spec that must not be taken, and returns why.
func (w *world) refused(kind, spec string) string {
	w.t.Helper()
	o := w.kinds.Apply(system(w.t.Context()), []declare.Parsed{{Document: declare.Document{Kind: kind, Name: "x", Spec: specOf(w.t, spec)}}}, false)
	if o[0].Action != declare.Failed {
		w.t.Errorf("%s is taken", spec)
	}
	text, err := json.Marshal(o)
	if err != nil {
		w.t.Fatal(err)
	}
	return string(text)
}
