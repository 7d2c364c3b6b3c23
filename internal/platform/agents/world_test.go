package agents_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nkeys"

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

type world struct {
	t      *testing.T
	agents *agents.Component
	ledger *ledger.Ledger
	bus    *bus.Component
	sink   *sink
	http   *httptest.Server
	events *taken
}

// taken keeps the events it is given.
type taken struct {
	mu   sync.Mutex
	list []core.Event
}

func (e *taken) Accept(_ context.Context, list []core.Event) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.list = append(e.list, list...)
	return nil
}

// kinds are those of the events about a key, in order.
func (e *taken) kinds(key string) (out []core.EventKind) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, event := range e.list {
		if event.Key == key {
			out = append(out, event.Kind)
		}
	}
	return out
}

func (e *taken) last() core.Event {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.list[len(e.list)-1]
}

// sink keeps what it is given, and fails as it is told.
type sink struct {
	mu      sync.Mutex
	reports []string
	samples []agents.Sample
	fail    error
}

func (s *sink) Report(_ context.Context, _ string, report json.RawMessage) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fail == nil {
		s.reports = append(s.reports, string(report))
	}
	return s.fail
}

func (s *sink) Metrics(_ context.Context, _ string, samples []agents.Sample) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.samples = append(s.samples, samples...)
	return nil
}

func (s *sink) Events(context.Context, string, []core.Event) error { return nil }

func (s *sink) Logs(context.Context, string, protocol.LogBatch) (int, error) { return 0, nil }

func (s *sink) set(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fail = err
}

func setup(t *testing.T, db *sqldb.DB, change ...func(*agents.Configuration)) *world {
	t.Helper()
	ctx := t.Context()
	for name, files := range map[string]func() error{
		"ledger": func() error { return sqldb.Migrate(ctx, db, "ledger", ledger.Migrations()) },
		"agents": func() error { return sqldb.Migrate(ctx, db, "agents", agents.Migrations()) },
	} {
		if err := files(); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
	}
	clock := core.SystemClock{}
	w := &world{t: t, sink: &sink{}, events: &taken{}, ledger: ledger.New(ledger.Configuration{}, ledger.Dependencies{DB: db, Clock: clock, IDs: core.NewIDs(clock, nil)})}
	var err error
	if w.bus, err = bus.New(bus.Defaults(), bus.Dependencies{}); err != nil {
		t.Fatal(err)
	}
	if err := w.bus.Start(ctx); err != nil {
		t.Fatal(err)
	}
	cfg := agents.Defaults()
	cfg.LostAfter, cfg.StartWithin, cfg.GiveUpAfter = 2*time.Second, time.Second, 2*time.Second
	for _, f := range change {
		f(&cfg)
	}
	w.agents, err = agents.New(cfg, agents.Dependencies{DB: db, Ledger: w.ledger, Bus: w.bus, Sink: w.sink, Events: w.events})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.agents.Start(ctx); err != nil {
		t.Fatal(err)
	}
	api := httpapi.New("1.0.0", nil)
	w.agents.Routes(api)
	w.bus.Routes(api)
	roles := auth.BuiltinRoles()
	w.http = httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if role := r.Header.Get("X-Role"); role != "" {
			name, team, _ := strings.Cut(role, "/")
			p := auth.NewPrincipal(auth.KindUser, "u1", "ann", roles, auth.Grant{Role: name, Team: team})
			r = r.WithContext(auth.With(r.Context(), p))
		}
		api.Handler().ServeHTTP(rw, r)
	}))
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := w.agents.Stop(ctx); err != nil {
			t.Error(err)
		}
		if err := w.bus.Stop(ctx); err != nil {
			t.Error(err)
		}
		w.http.Close()
	})
	return w
}

// call uses the API as a role and decodes the answer into out.
func (w *world) call(role, method, path, body string, out any) int {
	w.t.Helper()
	request, err := http.NewRequest(method, w.http.URL+"/api/v1"+path, strings.NewReader(body))
	if err != nil {
		w.t.Fatal(err)
	}
	request.Header.Set("X-Role", role)
	if body != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		w.t.Fatal(err)
	}
	defer response.Body.Close()
	if out != nil {
		if err := json.NewDecoder(response.Body).Decode(out); err != nil {
			w.t.Fatalf("%s %s: %v", method, path, err)
		}
	}
	return response.StatusCode
}

func (w *world) token(body string) (id, token string) {
	w.t.Helper()
	var made agents.CreatedEnrolment
	if code := w.call(auth.Administrator, "POST", "/enrolments", body, &made); code != 201 || made.Token == "" {
		w.t.Fatalf("%d %+v", code, made)
	}
	return made.ID, made.Token
}

type host struct {
	key    nkeys.KeyPair
	public string
	id     string
	name   string
}

func newHost() *host {
	key, _ := nkeys.CreateUser()
	public, _ := key.PublicKey()
	return &host{key: key, public: public}
}

func (w *world) enrol(h *host, token string) int { return w.enrolAs(h, token, "db1") }

func (w *world) enrolAs(h *host, token, name string) int {
	w.t.Helper()
	body, _ := json.Marshal(protocol.EnrolRequest{Token: token, Key: h.public, Name: name, Hostname: "db1", OS: "linux", Arch: "amd64", Version: "0.0.1"})
	var reply protocol.EnrolReply
	code := w.call("", "POST", "/agents/enrol", string(body), &reply)
	if code == 201 {
		h.id, h.name = reply.Agent, reply.Name
	}
	return code
}

func (w *world) connect(h *host) (*nats.Conn, error) {
	return nats.Connect("ws"+strings.TrimPrefix(w.http.URL, "http"), nats.ProxyPath("bus"), nats.Nkey(h.public, h.key.Sign),
		nats.CustomInboxPrefix(protocol.InboxPrefix(h.id)), nats.IgnoreDiscoveredServers(), nats.NoReconnect())
}

// entries lists the types written to the ledger about an agent, oldest first.
func (w *world) entries(h *host) []string {
	w.t.Helper()
	list, err := w.ledger.List(w.t.Context(), ledger.Query{Subject: core.Ref{Kind: "agent", ID: h.id}, Limit: 100})
	if err != nil {
		w.t.Fatal(err)
	}
	var out []string
	for _, e := range list {
		out = append(out, e.Type)
	}
	slices.Reverse(out)
	return out
}

func (w *world) await(what string, done func() bool) {
	w.t.Helper()
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		if done() {
			return
		}
	}
	w.t.Fatal("waited in vain for " + what)
}
