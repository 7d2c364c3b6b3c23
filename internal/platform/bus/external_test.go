package bus_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nkeys"

	"mainstay/internal/platform/bus"
)

// external runs a NATS server of its own, configured the way a cluster that
// serves Mainstay is: Mainstay's user may do everything, all others are
// decided by the auth callout.
func external(t *testing.T) (url, seed string) {
	t.Helper()
	issuer, err := nkeys.CreateAccount()
	if err != nil {
		t.Fatal(err)
	}
	public, _ := issuer.PublicKey()
	secret, _ := issuer.Seed()
	account := server.NewAccount("MAINSTAY")
	s, err := server.NewServer(&server.Options{Host: "127.0.0.1", Port: -1, NoSigs: true, NoLog: true, AlwaysEnableNonce: true,
		Accounts:    []*server.Account{account},
		Users:       []*server.User{{Username: "mainstay", Password: "secret", Account: account}},
		AuthCallout: &server.AuthCallout{Issuer: public, Account: "MAINSTAY", AuthUsers: []string{"mainstay"}}})
	if err != nil {
		t.Fatal(err)
	}
	s.Start()
	t.Cleanup(func() { s.Shutdown(); s.WaitForShutdown() })
	if !s.ReadyForConnections(10 * time.Second) {
		t.Fatal("the server does not start")
	}
	return fmt.Sprintf("nats://mainstay:secret@%s", s.Addr()), string(secret)
}

func TestExternalCluster(t *testing.T) {
	t.Parallel()
	url, seed := external(t)
	cfg := bus.Defaults()
	cfg.URL, cfg.IssuerSeed = url, seed
	w := &bench{agents: map[string]string{}}
	// Two replicas: the agent connects through the one, the other reaches it.
	var replicas []*bus.Component
	for range 2 {
		b, err := bus.New(cfg, bus.Dependencies{})
		if err != nil {
			t.Fatal(err)
		}
		if err := b.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = b.Stop(context.Background()) })
		b.AdmitAgents(func(_ context.Context, key string) (string, error) {
			if id, ok := w.agents[key]; ok {
				return id, nil
			}
			return "", errors.New("unknown key")
		})
		replicas = append(replicas, b)
	}
	mux := http.NewServeMux()
	mux.Handle("/bus", replicas[0])
	w.server = httptest.NewServer(mux)
	t.Cleanup(w.server.Close)

	stranger, _ := nkeys.CreateUser()
	if _, _, err := w.connect(t, stranger, "a1"); !errors.Is(err, nats.ErrAuthorization) {
		t.Fatalf("a stranger got in: %v", err)
	}
	nc, refused, err := w.connect(t, w.enrol(t, "a1"), "a1")
	if err != nil {
		t.Fatal(err)
	}
	_ = nc.Publish("agent.a2.up", nil)
	_ = nc.Flush()
	expectRefusal(t, refused, "publish to another agent's subject")
	_, _ = nc.Subscribe("agent.a1.call.echo", func(m *nats.Msg) { _ = m.Respond(m.Data) })
	_ = nc.Flush()
	inbox, _ := replicas[1].Conn().SubscribeSync("agent.a1.answer.1")
	_ = replicas[1].Conn().PublishMsg(&nats.Msg{Subject: "agent.a1.call.echo", Reply: "agent.a1.answer.1", Data: []byte("hi")})
	if got, err := inbox.NextMsg(5 * time.Second); err != nil || string(got.Data) != "hi" {
		t.Fatalf("%v %v", got, err)
	}
}
