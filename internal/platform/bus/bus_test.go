package bus_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nkeys"

	"mainstay/internal/platform/bus"
)

type bench struct {
	bus    *bus.Component
	server *httptest.Server
	agents map[string]string // public key -> agent
}

func setup(t *testing.T) *bench {
	t.Helper()
	b, err := bus.New(bus.Defaults(), bus.Dependencies{})
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	world := &bench{bus: b, agents: map[string]string{}}
	b.AdmitAgents(func(_ context.Context, key string) (string, error) {
		if id, ok := world.agents[key]; ok {
			return id, nil
		}
		return "", errors.New("unknown key")
	})
	mux := http.NewServeMux()
	mux.Handle("/bus", b)
	world.server = httptest.NewServer(mux)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := b.Stop(ctx); err != nil {
			t.Error(err)
		}
		world.server.Close()
	})
	return world
}

func (w *bench) enrol(t *testing.T, id string) nkeys.KeyPair {
	t.Helper()
	key, err := nkeys.CreateUser()
	if err != nil {
		t.Fatal(err)
	}
	public, _ := key.PublicKey()
	w.agents[public] = id
	return key
}

// connect opens a real WebSocket. refused gets what the server objects to.
func (w *bench) connect(t *testing.T, key nkeys.KeyPair, id string, more ...nats.Option) (*nats.Conn, chan error, error) {
	t.Helper()
	public, _ := key.PublicKey()
	refused := make(chan error, 16)
	nc, err := nats.Connect("ws"+strings.TrimPrefix(w.server.URL, "http"), append([]nats.Option{
		nats.ProxyPath("bus"), nats.Nkey(public, key.Sign), nats.CustomInboxPrefix("agent." + id + ".inbox"),
		nats.IgnoreDiscoveredServers(), nats.NoReconnect(),
		nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) { refused <- err }),
	}, more...)...)
	if err == nil {
		t.Cleanup(nc.Close)
	}
	return nc, refused, err
}

func TestAgentSpeaksOverWebSocket(t *testing.T) {
	t.Parallel()
	w := setup(t)
	nc, _, err := w.connect(t, w.enrol(t, "a1"), "a1")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := nc.Subscribe("agent.a1.call.echo", func(m *nats.Msg) { _ = m.Respond(m.Data) }); err != nil {
		t.Fatal(err)
	}
	_ = nc.Flush()
	reply := nats.NewMsg("agent.a1.call.echo")
	reply.Data = []byte(strings.Repeat("x", 3<<20))
	// The answer must come back on a subject the agent may publish to.
	inbox := "agent.a1.answer.1"
	sub, _ := w.bus.Conn().SubscribeSync(inbox)
	reply.Reply = inbox
	if err := w.bus.Conn().PublishMsg(reply); err != nil {
		t.Fatal(err)
	}
	got, err := sub.NextMsg(30 * time.Second)
	if err != nil || len(got.Data) != 3<<20 {
		t.Fatalf("got %v, %v", got, err)
	}
	// And the other way round.
	_, _ = w.bus.Conn().Subscribe("agent.*.up", func(m *nats.Msg) { _ = bus.Reply(m, "a1", []byte("ok")) })
	_ = w.bus.Conn().Flush()
	answer, err := nc.Request("agent.a1.up", []byte("hello"), 30*time.Second)
	if err != nil || string(answer.Data) != "ok" {
		t.Fatalf("got %v, %v", answer, err)
	}
}

func TestForeignKeysAreRefused(t *testing.T) {
	t.Parallel()
	w := setup(t)
	stranger, _ := nkeys.CreateUser()
	if _, _, err := w.connect(t, stranger, "a1"); !errors.Is(err, nats.ErrAuthorization) {
		t.Fatalf("a stranger got in: %v", err)
	}
	// A known public key with a signature made by another private key.
	known := w.enrol(t, "a1")
	public, _ := known.PublicKey()
	if _, _, err := w.connect(t, known, "a1", nats.Nkey(public, stranger.Sign)); !errors.Is(err, nats.ErrAuthorization) {
		t.Fatalf("a forged signature got in: %v", err)
	}
	// A valid signature over something other than this connection's nonce.
	replay := func([]byte) ([]byte, error) { return known.Sign([]byte("an earlier nonce")) }
	if _, _, err := w.connect(t, known, "a1", nats.Nkey(public, replay)); !errors.Is(err, nats.ErrAuthorization) {
		t.Fatalf("a replayed signature got in: %v", err)
	}
	for name, option := range map[string]nats.Option{"password": nats.UserInfo("mainstay", "x"), "token": nats.Token("x")} {
		_, err := nats.Connect("ws"+strings.TrimPrefix(w.server.URL, "http"), nats.ProxyPath("bus"), option, nats.NoReconnect())
		if !errors.Is(err, nats.ErrAuthorization) {
			t.Fatalf("a %s got in: %v", name, err)
		}
	}
}

func TestAgentStaysWithinItsSubjects(t *testing.T) {
	t.Parallel()
	w := setup(t)
	nc, refused, err := w.connect(t, w.enrol(t, "a1"), "a1")
	if err != nil {
		t.Fatal(err)
	}
	overheard, _ := w.bus.Conn().SubscribeSync("agent.a2.>")
	_ = w.bus.Conn().Flush()
	for _, subject := range []string{"agent.a2.up", "agent.a2.call.x", "$SYS.REQ.USER.AUTH", "_INBOX.x", "agent.a1"} {
		_ = nc.Publish(subject, nil)
		_ = nc.Flush()
		expectRefusal(t, refused, "publish to "+subject)
	}
	for _, subject := range []string{">", "agent.>", "agent.*.up", "agent.a2.>", "$SYS.>", "_INBOX.>"} {
		_, _ = nc.SubscribeSync(subject)
		_ = nc.Flush()
		expectRefusal(t, refused, "subscribe to "+subject)
	}
	if n, _, _ := overheard.Pending(); n != 0 {
		t.Fatalf("%d messages reached another agent", n)
	}
}

func expectRefusal(t *testing.T, refused chan error, what string) {
	t.Helper()
	select {
	case err := <-refused:
		if !errors.Is(err, nats.ErrPermissionViolation) {
			t.Fatalf("%s: %v", what, err)
		}
	case <-time.After(5 * time.Second):
		t.Fatalf("%s was not refused", what)
	}
}

// An agent that names another's subject as its reply subject must not make
// Mainstay publish there.
func TestReplyStaysWithTheSender(t *testing.T) {
	t.Parallel()
	for _, subject := range []string{"agent.a2.call.run", "agent.a1", "", "agent.a12.inbox.x"} {
		if err := bus.Reply(&nats.Msg{Reply: subject}, "a1", nil); err == nil || !strings.Contains(err.Error(), "is not of agent") {
			t.Errorf("reply to %q: %v", subject, err)
		}
	}
}

func TestNewerConnectionEndsTheOlder(t *testing.T) {
	t.Parallel()
	w := setup(t)
	key := w.enrol(t, "a1")
	ended := make(chan struct{})
	if _, _, err := w.connect(t, key, "a1", nats.ClosedHandler(func(*nats.Conn) { close(ended) })); err != nil {
		t.Fatal(err)
	}
	second, _, err := w.connect(t, key, "a1")
	if err != nil {
		t.Fatal(err)
	}
	await(t, ended, "the older connection to end")
	if err := second.FlushTimeout(5 * time.Second); err != nil {
		t.Fatal(err)
	}
}

func TestDisconnect(t *testing.T) {
	t.Parallel()
	w := setup(t)
	key := w.enrol(t, "a1")
	ended := make(chan struct{})
	if _, _, err := w.connect(t, key, "a1", nats.ClosedHandler(func(*nats.Conn) { close(ended) })); err != nil {
		t.Fatal(err)
	}
	w.bus.Disconnect("a1")
	await(t, ended, "the connection to end")
}

func await(t *testing.T, c <-chan struct{}, what string) {
	t.Helper()
	select {
	case <-c:
	case <-time.After(10 * time.Second):
		t.Fatal("waited in vain for " + what)
	}
}

func TestBrowsersOfOtherSitesAreRefused(t *testing.T) {
	t.Parallel()
	w := setup(t)
	request, _ := http.NewRequest("GET", w.server.URL+"/bus", nil)
	for k, v := range map[string]string{"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13",
		"Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==", "Origin": "https://evil.example"} {
		request.Header.Set(k, v)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if response.StatusCode != http.StatusForbidden {
		t.Fatalf("status %d", response.StatusCode)
	}
}

func TestConfiguration(t *testing.T) {
	t.Parallel()
	c := bus.Defaults()
	c.URL = "http://x"
	c.MaxPayload = 1
	err := c.Validate()
	for _, field := range []string{"bus.url", "bus.issuerSeed", "bus.maxPayload"} {
		if err == nil || !strings.Contains(err.Error(), field) {
			t.Errorf("no word about %s in %v", field, err)
		}
	}
}

func BenchmarkStart(b *testing.B) {
	for b.Loop() {
		c, _ := bus.New(bus.Defaults(), bus.Dependencies{})
		if err := c.Start(b.Context()); err != nil {
			b.Fatal(err)
		}
		b.StopTimer()
		_ = c.Stop(b.Context())
		b.StartTimer()
	}
}
