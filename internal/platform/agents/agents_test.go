package agents_test

import (
	"context"
	"encoding/json"
	"errors"
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
	w := &world{t: t, sink: &sink{}, events: &taken{}, ledger: ledger.New(ledger.Dependencies{DB: db, Clock: clock, IDs: core.NewIDs(clock, nil)})}
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
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		if done() {
			return
		}
	}
	w.t.Fatal("waited in vain for " + what)
}

func TestEnrolment(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		w := setup(t, db)
		if code := w.call(auth.Operator, "POST", "/enrolments", `{}`, nil); code != 403 {
			t.Errorf("an operator makes tokens: %d", code)
		}
		h := newHost()
		if code := w.enrol(h, "mse_wrong"); code != 403 {
			t.Errorf("a wrong token: %d", code)
		}
		_, token := w.token(`{"name":"for db1"}`)
		if code := w.enrol(h, token); code != 201 || h.name != "db1" {
			t.Fatalf("%d %+v", code, h)
		}
		// The answer was lost and the host asks again.
		first := h.id
		if code := w.enrol(h, token); code != 201 || h.id != first {
			t.Errorf("asked again: %d, %s became %s", code, first, h.id)
		}
		if code := w.enrol(newHost(), token); code != 403 {
			t.Errorf("a used token: %d", code)
		}
		_, spare := w.token(`{}`)
		if code := w.enrol(h, spare); code != 201 || h.id != first {
			t.Errorf("enrolled already: %d, %s became %s", code, first, h.id)
		}
		if code := w.enrol(newHost(), spare); code != 201 {
			t.Errorf("the token was left unused, and is refused: %d", code)
		}
		id, token := w.token(`{}`)
		if code := w.call(auth.Administrator, "POST", "/enrolments/"+id+"/revoke", "", nil); code != 200 {
			t.Errorf("revoke: %d", code)
		}
		if code := w.enrol(newHost(), token); code != 403 {
			t.Errorf("a revoked token: %d", code)
		}
		_, token = w.token(`{"expiresIn":"1h"}`)
		twin := newHost()
		if code := w.enrol(twin, token); code != 201 || twin.name != "db1-3" {
			t.Errorf("the same name again: %d %+v", code, twin)
		}
		for _, body := range []string{`{"expiresIn":"soon"}`, `{"expiresIn":"1s"}`, `{"expiresIn":"10000h"}`, `{"nonsense":1}`} {
			if code := w.call(auth.Administrator, "POST", "/enrolments", body, nil); code != 422 {
				t.Errorf("%s: %d", body, code)
			}
		}
		var list struct{ Items []agents.Enrolment }
		if code := w.call(auth.Administrator, "GET", "/enrolments", "", &list); code != 200 || len(list.Items) != 4 {
			t.Errorf("%d %+v", code, list)
		}
		if text, _ := json.Marshal(list); strings.Contains(string(text), "mse_") {
			t.Error("a token is shown again")
		}
	})
}

func TestGuessingIsThrottled(t *testing.T) {
	t.Parallel()
	w := setup(t, sqldbtest.SQLite(t))
	_, token := w.token(`{}`)
	refused := 0
	for range 60 {
		if w.enrol(newHost(), "mse_guess") == 429 {
			refused++
		}
	}
	if refused < 20 {
		t.Errorf("%d of 60 guesses were throttled", refused)
	}
	w.await("patience to return", func() bool { return w.enrol(newHost(), token) != 429 })
}

func TestPresence(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		w := setup(t, db)
		h := newHost()
		_, token := w.token(`{}`)
		w.enrol(h, token)
		nc, err := w.connect(h)
		if err != nil {
			t.Fatal(err)
		}
		beat, _ := json.Marshal(protocol.Beat{Instance: "i", Version: "0.0.1", Hostname: "db1\x00", OS: "linux", Arch: "amd64", Capabilities: []string{"checks"},
			Policy: protocol.PolicySummary{Checks: []string{"*"}, Runbooks: []string{}}, Queued: 3, Lag: 2 * time.Second})
		if _, err := nc.Request(protocol.BeatSubject(h.id), beat, 5*time.Second); err != nil {
			t.Fatal(err)
		}
		var a agents.Agent
		w.await("the beat to be written", func() bool {
			w.call(auth.Auditor, "GET", "/agents/"+h.id, "", &a)
			return a.Connected
		})
		if a.Queued != 3 || a.LagSeconds != 2 || a.Hostname != "db1" || a.Policy.Checks[0] != "*" {
			t.Errorf("%+v", a)
		}
		w.await("the agent to count as lost", func() bool {
			w.call(auth.Auditor, "GET", "/agents/"+h.id, "", &a)
			return !a.Connected
		})
		if late := a.ChangedAt.Sub(a.SeenAt); late < 2*time.Second || late > 5*time.Second {
			t.Errorf("lost after %s", late)
		}
		if _, err := nc.Request(protocol.BeatSubject(h.id), beat, 5*time.Second); err != nil {
			t.Fatal(err)
		}
		w.await("the agent to come back", func() bool { return len(w.entries(h)) == 4 })
		want := []string{"agents.agent.enrolled", "agents.agent.connected", "agents.agent.lost", "agents.agent.connected"}
		if got := w.entries(h); !slices.Equal(got, want) {
			t.Errorf("%v", got)
		}
	})
}

func TestRemovedAgentIsRefused(t *testing.T) {
	t.Parallel()
	w := setup(t, sqldbtest.SQLite(t))
	h := newHost()
	_, token := w.token(`{}`)
	w.enrol(h, token)
	nc, err := w.connect(h)
	if err != nil {
		t.Fatal(err)
	}
	if code := w.call(auth.Manager, "DELETE", "/agents/"+h.id, "", nil); code != 403 {
		t.Errorf("a manager removes agents: %d", code)
	}
	if code := w.call(auth.Administrator, "DELETE", "/agents/"+h.id, "", nil); code != 204 {
		t.Fatalf("%d", code)
	}
	w.await("the connection to end", nc.IsClosed)
	if _, err := w.connect(h); err == nil {
		t.Fatal("a removed agent connects")
	}
	if code := w.enrol(h, token); code != 403 {
		t.Errorf("a removed agent enrols with its old token: %d", code)
	}
}

func TestTeamsAndNames(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		w := setup(t, db)
		h, other := newHost(), newHost()
		_, token := w.token(`{"team":"red"}`)
		w.enrol(h, token)
		_, token = w.token(`{"team":"blue"}`)
		w.enrol(other, token)
		var list struct{ Items []agents.Agent }
		w.call("operator/red", "GET", "/agents?sort=-name&where=connected=false", "", &list)
		if len(list.Items) != 1 || list.Items[0].ID != h.id {
			t.Errorf("%+v", list)
		}
		if code := w.call("operator/red", "GET", "/agents/"+other.id, "", nil); code != 404 {
			t.Errorf("another team's agent: %d", code)
		}
		if code := w.call(auth.Manager, "PATCH", "/agents/"+other.id, `{"name":"db1"}`, nil); code != 409 {
			t.Errorf("a taken name: %d", code)
		}
		var a agents.Agent
		if code := w.call(auth.Manager, "PATCH", "/agents/"+other.id, `{"name":"db2","team":""}`, &a); code != 200 || a.Name != "db2" || a.Team != "" {
			t.Errorf("%d %+v", code, a)
		}
		if a, err := w.agents.Find(t.Context(), "db2"); err != nil || a.ID != other.id {
			t.Errorf("%+v %v", a, err)
		}
		if err := w.agents.BindItem(t.Context(), h.id, "item1"); err != nil {
			t.Fatal(err)
		}
		if a, err := w.agents.OfItem(t.Context(), "item1"); err != nil || a.ID != h.id {
			t.Errorf("%+v %v", a, err)
		}
	})
}

func TestDeliveries(t *testing.T) {
	t.Parallel()
	w := setup(t, sqldbtest.SQLite(t))
	h := newHost()
	_, token := w.token(`{}`)
	w.enrol(h, token)
	nc, err := w.connect(h)
	if err != nil {
		t.Fatal(err)
	}
	deliver := func(b protocol.Batch) protocol.Receipt {
		t.Helper()
		data, err := b.Pack()
		if err != nil {
			t.Fatal(err)
		}
		msg, err := nc.Request(protocol.UpSubject(h.id), data, 10*time.Second)
		if err != nil {
			t.Fatal(err)
		}
		var r protocol.Receipt
		_ = json.Unmarshal(msg.Data, &r)
		return r
	}
	record := func(seq uint64, kind, data string) protocol.Record {
		return protocol.Record{Seq: seq, Kind: kind, Data: json.RawMessage(data)}
	}
	sample := `[{"n":"up","t":1,"v":1}]`
	batch := protocol.Batch{Epoch: "e", Records: []protocol.Record{
		record(1, protocol.KindMetrics, sample), record(2, protocol.KindMetrics, `"nonsense"`), record(3, "unheard of", `{}`), record(4, protocol.KindReport, `{"a":1}`)}}
	if r := deliver(batch); r.Accepted != 4 || r.Rejected != 2 || r.Error != "" {
		t.Errorf("%+v", r)
	}
	if r := deliver(batch); r.Accepted != 4 || len(w.sink.samples) != 1 || len(w.sink.reports) != 1 {
		t.Errorf("sent again: %+v, %+v", r, w.sink)
	}
	w.sink.set(core.Errorf(core.CodeUnavailable, "disk full"))
	more := protocol.Batch{Epoch: "e", Records: []protocol.Record{record(5, protocol.KindMetrics, sample), record(6, protocol.KindReport, `{"a":2}`), record(7, protocol.KindMetrics, sample)}}
	if r := deliver(more); r.Accepted != 5 || r.Error == "" || strings.Contains(r.Error, "disk") {
		t.Errorf("a failing sink: %+v", r)
	}
	w.sink.set(nil)
	if r := deliver(more); r.Accepted != 7 || len(w.sink.samples) != 3 || len(w.sink.reports) != 2 {
		t.Errorf("after the failure: %+v, %+v", r, w.sink)
	}
	if msg, err := nc.Request(protocol.UpSubject(h.id), []byte("no gzip"), 10*time.Second); err != nil || !strings.Contains(string(msg.Data), "cannot be read") {
		t.Errorf("%s %v", msg.Data, err)
	}
}

func TestCalls(t *testing.T) {
	t.Parallel()
	w := setup(t, sqldbtest.SQLite(t))
	h, other := newHost(), newHost()
	_, token := w.token(`{}`)
	w.enrol(h, token)
	_, token = w.token(`{}`)
	w.enrol(other, token)
	began := time.Now()
	if err := w.agents.Call(t.Context(), h.id, "x", nil, nil); core.CodeOf(err) != core.CodeUnavailable || time.Since(began) > 2*time.Second {
		t.Errorf("an agent that is away: %v after %s", err, time.Since(began))
	}
	var away *agents.AwayError
	if _, err := w.agents.Run(t.Context(), h.id, agents.Command{Execution: "1", Script: "id"}, nil); core.CodeOf(err) != core.CodeUnavailable ||
		!errors.As(err, &away) || away.Name != "db1" || away.Error() != "agent db1 has not connected yet" {
		t.Errorf("a command for an agent that is away: %v", err)
	}
	nc, err := w.connect(h)
	if err != nil {
		t.Fatal(err)
	}
	intruder, err := w.connect(other)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = nc.Subscribe(protocol.CallsSubject(h.id), func(msg *nats.Msg) {
		switch protocol.MethodOf(msg.Subject) {
		case "good":
			// Another agent tries to answer first.
			_ = intruder.Publish(msg.Reply, []byte(`{"result":"forged"}`))
			_ = intruder.Flush()
			data, _ := json.Marshal(protocol.Succeed("genuine"))
			_ = msg.Respond(data)
		case "bad":
			data, _ := json.Marshal(protocol.Fail(core.Invalid("field", "is wrong")))
			_ = msg.Respond(data)
		}
	})
	_ = nc.Flush()
	var out string
	if err := w.agents.Call(t.Context(), h.id, "good", nil, &out); err != nil || out != "genuine" {
		t.Errorf("%q %v", out, err)
	}
	if err := w.agents.Call(t.Context(), h.id, "bad", nil, nil); core.CodeOf(err) != core.CodeInvalid || !strings.Contains(err.Error(), "field: is wrong") {
		t.Errorf("%v", err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := w.agents.Call(ctx, h.id, "silent", nil, nil); core.CodeOf(err) != core.CodeUnavailable {
		t.Errorf("%v", err)
	}
}

func FuzzUnpack(f *testing.F) {
	good, _ := protocol.Batch{Epoch: "e", Records: []protocol.Record{{Seq: 1, Kind: "metrics", Data: json.RawMessage(`[]`)}}}.Pack()
	f.Add(good)
	f.Add([]byte("nonsense"))
	f.Fuzz(func(t *testing.T, data []byte) { _, _ = protocol.Unpack(data) })
}
