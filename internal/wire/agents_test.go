package wire

import (
	"bytes"
	"context"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nkeys"

	"mainstay/internal/agent"
	"mainstay/internal/events"
	"mainstay/internal/platform/agents"
	"mainstay/internal/platform/agents/protocol"
	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/metricstore"
)

// TestTwoAgentsOnOneHost runs the server's own agent and another one: one of
// them measures, and nothing either of them sends is refused.
func TestTwoAgentsOnOneHost(t *testing.T) {
	t.Parallel()
	var log lockedBuffer
	cfg := configuration(t)
	cfg.Agent.MetricsEvery, cfg.Agent.BeatEvery = time.Second, time.Second
	s := buildWith(t, cfg, slog.New(slog.NewTextHandler(&log, nil)))
	start(t, s)
	_, token, err := s.agents.CreateEnrolment(auth.With(t.Context(), auth.System("test")), "the other", "", time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	second := agent.Defaults()
	second.Data, second.Server, second.Token = filepath.Join(t.TempDir(), "agent"), s.URL(), token
	second.MetricsEvery, second.BeatEvery = time.Second, time.Second
	other, err := agent.New(second, agent.Dependencies{Log: slog.New(slog.NewTextHandler(&log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	if err := other.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := other.Stop(context.Background()); err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(func() {
		if t.Failed() {
			t.Log(log.String())
		}
	})
	await(t, "the server's own agent to leave the measuring to the other", func() bool {
		return strings.Contains(log.String(), `"measured by"="the other"`)
	})
	count := func(query string) int {
		v, err := s.metrics.Query(t.Context(), query, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		return len(v.Series)
	}
	await(t, "both agents' own series", func() bool { return count(`mainstay_agent_queue_records{item!=""}`) == 2 })
	// The second before the other was bound to the host both may have measured.
	if text := log.String(); strings.Count(text, "are refused") > 1 || strings.Contains(text, "could not use") || strings.Contains(text, "unusable") {
		t.Error(text)
	}
}

// TestRefusedMeasurements says once what is not taken, and does not have it sent again.
func TestRefusedMeasurements(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	cfg := configuration(t)
	cfg.Agent.Enabled = false
	s := started(t, cfg)
	ctx := auth.With(t.Context(), auth.System("test"))
	pair, _ := nkeys.CreateUser()
	key, _ := pair.PublicKey()
	reply, err := s.agents.EnrolResident(ctx, protocol.EnrolRequest{Key: key, Hostname: "db1"})
	if err != nil {
		t.Fatal(err)
	}
	sink := &sink{graph: s.graph, events: func() *events.Component { return s.events }, metrics: func() metricstore.Store { return s.metrics },
		agents: func() *agents.Component { return s.agents }, log: slog.New(slog.NewTextHandler(&log, nil)), refused: refusals{clock: s.clock}}
	now := time.Now().UnixMilli()
	for v := range 3 {
		if err := sink.Metrics(ctx, reply.Agent, []agents.Sample{{Name: "load", T: now, V: float64(v)}}); err != nil {
			t.Fatal(err)
		}
	}
	if n := strings.Count(log.String(), "refused"); n != 2 || strings.Count(log.String(), "\n") != 1 || !strings.Contains(log.String(), "agent=db1") {
		t.Errorf("the log says:\n%s", log.String())
	}
}

// lockedBuffer is a log that may be read while it is written.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func await(t *testing.T, what string, done func() bool) {
	t.Helper()
	for deadline := time.Now().Add(120 * time.Second); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if done() {
			return
		}
	}
	t.Fatal("waited in vain for " + what)
}
