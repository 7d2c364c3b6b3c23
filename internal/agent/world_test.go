//go:build unix

package agent_test

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"mainstay/internal/agent"
	"mainstay/internal/core"
	"mainstay/internal/platform/agents"
	"mainstay/internal/platform/agents/protocol"
	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/bus"
	"mainstay/internal/platform/httpapi"
	"mainstay/internal/platform/ledger"
	"mainstay/internal/platform/sqldb"
	"mainstay/internal/platform/sqldb/sqldbtest"
)

func TestMain(m *testing.M) { sqldbtest.Main(m) }

// world is a server that can be stopped and started again on the same address.
type world struct {
	t       *testing.T
	db      *sqldb.DB
	address string
	sink    *sink

	agents *agents.Component
	bus    *bus.Component
	http   *http.Server
}

// sink keeps what agents deliver.
type sink struct {
	mu      sync.Mutex
	reports []json.RawMessage
	samples []agents.Sample
	logs    []protocol.LogRecord
	full    bool
	latest  map[[2]string]int64 // by agent and name: when it was measured last
}

func (s *sink) Report(_ context.Context, _ string, report json.RawMessage) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.reports = append(s.reports, append(json.RawMessage(nil), report...))
	return nil
}

func (s *sink) Metrics(_ context.Context, agent string, samples []agents.Sample) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.samples = append(s.samples, samples...)
	for _, sample := range samples {
		s.latest[[2]string{agent, sample.Name}] = sample.T
	}
	return nil
}

// measured is when the agent delivered a sample of this name last.
func (s *sink) measured(agent, name string) time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return time.UnixMilli(s.latest[[2]string{agent, name}])
}

func (s *sink) Events(context.Context, string, []core.Event) error { return nil }

func (s *sink) Logs(_ context.Context, _ string, batch protocol.LogBatch) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.full {
		return 0, errors.New("the log store is full")
	}
	s.logs = append(s.logs, batch.Records...)
	return 0, nil
}

// lines are the messages of the logs that came, in order.
func (s *sink) lines() (out []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range s.logs {
		out = append(out, r.M)
	}
	return out
}

func (s *sink) counts() (reports, samples int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.reports), len(s.samples)
}

// times lists the moments at which uptime was measured, in the order of arrival.
func (s *sink) times() []int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []int64
	for _, sample := range s.samples {
		if sample.Name == "system_uptime_seconds" {
			out = append(out, sample.T)
		}
	}
	return out
}

func setup(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, db: sqldbtest.SQLite(t), address: "127.0.0.1:0", sink: &sink{latest: map[[2]string]int64{}}}
	if err := sqldb.Migrate(t.Context(), w.db, "ledger", ledger.Migrations()); err != nil {
		t.Fatal(err)
	}
	if err := sqldb.Migrate(t.Context(), w.db, "agents", agents.Migrations()); err != nil {
		t.Fatal(err)
	}
	w.start()
	t.Cleanup(w.stop)
	return w
}

func (w *world) start() {
	w.t.Helper()
	check := func(err error) {
		w.t.Helper()
		if err != nil {
			w.t.Fatal(err)
		}
	}
	clock := core.SystemClock{}
	var err error
	w.bus, err = bus.New(bus.Defaults(), bus.Dependencies{})
	check(err)
	check(w.bus.Start(context.Background()))
	cfg := agents.Defaults()
	cfg.StartWithin, cfg.GiveUpAfter = 20*time.Second, 30*time.Second
	w.agents, err = agents.New(cfg, agents.Dependencies{DB: w.db, Bus: w.bus, Sink: w.sink,
		Ledger: ledger.New(ledger.Configuration{}, ledger.Dependencies{DB: w.db, Clock: clock, IDs: core.NewIDs(clock, nil)})})
	check(err)
	check(w.agents.Start(context.Background()))
	api := httpapi.New("1.0.0", slog.New(slog.DiscardHandler))
	w.agents.Routes(api)
	w.bus.Routes(api)
	listener, err := net.Listen("tcp", w.address)
	check(err)
	w.address = listener.Addr().String()
	w.http = &http.Server{Handler: api.Handler()}
	go w.http.Serve(listener)
}

func (w *world) stop() {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	if err := w.agents.Stop(ctx); err != nil {
		w.t.Error(err)
	}
	if err := w.bus.Stop(ctx); err != nil {
		w.t.Error(err)
	}
	_ = w.http.Close()
}

func (w *world) url() string { return "http://" + w.address }

func (w *world) token() string {
	w.t.Helper()
	ctx := auth.With(w.t.Context(), auth.System("test"))
	_, token, err := w.agents.CreateEnrolment(ctx, "", "", time.Hour)
	if err != nil {
		w.t.Fatal(err)
	}
	return token
}

const allowAll = "checks: [\"*\"]\nplugins: [\"/bin/*\"]\ncommands:\n  - runbooks: [\"*\"]\n    scripts: true\n    paths: [\"/bin/*\", \"/usr/bin/*\"]\n"

// configuration is that of a quick agent with a data directory of its own.
func (w *world) configuration(policy string) agent.Configuration {
	w.t.Helper()
	cfg := agent.Defaults()
	cfg.Data, cfg.Server, cfg.Token = filepath.Join(w.t.TempDir(), "agent"), w.url(), w.token()
	cfg.BeatEvery, cfg.MetricsEvery, cfg.FactsEvery = time.Second, time.Second, 2*time.Second
	if err := os.MkdirAll(cfg.Data, 0o700); err != nil {
		w.t.Fatal(err)
	}
	if policy != "" {
		if err := os.WriteFile(filepath.Join(cfg.Data, "policy.yaml"), []byte(policy), 0o600); err != nil {
			w.t.Fatal(err)
		}
	}
	return cfg
}

func (w *world) run(cfg agent.Configuration) *agent.Component {
	w.t.Helper()
	a, err := agent.New(cfg, agent.Dependencies{})
	if err != nil {
		w.t.Fatal(err)
	}
	if err := a.Start(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { stop(w.t, a) })
	return a
}

func stop(t *testing.T, a *agent.Component) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	if err := a.Stop(ctx); err != nil {
		t.Error(err)
	}
}

func await(t *testing.T, what string, done func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		if done() {
			return
		}
	}
	t.Fatal("waited in vain for " + what)
}
