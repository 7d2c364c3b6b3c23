package bus

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nkeys"

	"mainstay/internal/core"
)

// Dependencies of the bus.
type Dependencies struct {
	Log *slog.Logger
}

// Admit says which agent a public user nkey belongs to. An error refuses the
// connection; its text goes to the log, never to the peer.
type Admit func(ctx context.Context, publicKey string) (agent string, err error)

// Component is the bus. It is safe for concurrent use after Start.
type Component struct {
	cfg    Configuration
	log    *slog.Logger
	issuer nkeys.KeyPair
	admit  atomic.Pointer[Admit]

	server *server.Server
	conn   *nats.Conn

	bridged sync.WaitGroup
	open    atomic.Int64
	closing context.Context
	close   context.CancelFunc

	mu      sync.Mutex
	clients map[string][]uint64 // agent id -> connection ids of the embedded server
}

// New checks the configuration; nothing runs before Start.
func New(cfg Configuration, deps Dependencies) (*Component, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	log := deps.Log
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	b := &Component{cfg: cfg, log: log.With("component", "bus"), clients: map[string][]uint64{}}
	b.closing, b.close = context.WithCancel(context.Background())
	return b, nil
}

// Start runs the embedded server, or connects to the external cluster, and
// answers authorisation requests. Until AdmitAgents is called every agent is refused.
func (b *Component) Start(ctx context.Context) error {
	var err error
	if b.cfg.URL != "" {
		err = b.startExternal(ctx)
	} else {
		err = b.startEmbedded()
	}
	if err != nil {
		b.shutdown()
		return fmt.Errorf("start the bus: %w", err)
	}
	if _, err := b.conn.QueueSubscribe(server.AuthCalloutSubject, "mainstay", b.authorise); err != nil {
		b.shutdown()
		return fmt.Errorf("answer authorisation requests: %w", err)
	}
	return b.conn.FlushTimeout(5 * time.Second)
}

func (b *Component) startEmbedded() error {
	self, err := nkeys.CreateUser()
	if err != nil {
		return err
	}
	if b.issuer, err = nkeys.CreateAccount(); err != nil {
		return err
	}
	selfPublic, _ := self.PublicKey()
	issuerPublic, _ := b.issuer.PublicKey()
	account := server.NewAccount(b.cfg.Account)
	b.server, err = server.NewServer(&server.Options{
		ServerName:        "mainstay",
		DontListen:        true,
		NoSigs:            true,
		MaxPayload:        b.cfg.MaxPayload,
		MaxPending:        64 << 20,
		MaxConn:           b.cfg.MaxConnections + 16,
		AuthTimeout:       10,
		PingInterval:      20 * time.Second,
		MaxPingsOut:       2,
		WriteDeadline:     10 * time.Second,
		AlwaysEnableNonce: true,
		Accounts:          []*server.Account{account},
		Nkeys:             []*server.NkeyUser{{Nkey: selfPublic, Account: account}},
		AuthCallout:       &server.AuthCallout{Issuer: issuerPublic, Account: b.cfg.Account, AuthUsers: []string{selfPublic}},
	})
	if err != nil {
		return err
	}
	b.server.SetLoggerV2(serverLog{b.log}, false, false, false)
	b.server.Start()
	if !b.server.ReadyForConnections(10 * time.Second) {
		return errors.New("the embedded server did not become ready")
	}
	b.conn, err = nats.Connect("", append(b.options(),
		nats.InProcessServer(b.server), nats.Nkey(selfPublic, self.Sign))...)
	return err
}

func (b *Component) startExternal(context.Context) error {
	var err error
	if b.issuer, err = nkeys.FromSeed([]byte(b.cfg.IssuerSeed)); err != nil {
		return err
	}
	b.conn, err = nats.Connect(b.cfg.URL, b.options()...)
	return err
}

func (b *Component) options() []nats.Option {
	return []nats.Option{
		nats.Name("mainstay"),
		nats.MaxReconnects(-1),
		nats.ReconnectWait(250 * time.Millisecond),
		nats.ErrorHandler(func(_ *nats.Conn, sub *nats.Subscription, err error) {
			subject := ""
			if sub != nil {
				subject = sub.Subject
			}
			b.log.Warn("bus error", "subject", subject, "error", err)
		}),
		nats.DisconnectErrHandler(func(_ *nats.Conn, err error) {
			if err != nil {
				b.log.Warn("bus connection lost", "error", err)
			}
		}),
		nats.ReconnectHandler(func(*nats.Conn) { b.log.Info("bus connection restored") }),
	}
}

// Stop ends the connections of agents, then the bus itself.
func (b *Component) Stop(ctx context.Context) error {
	b.close()
	done := make(chan struct{})
	go func() { defer close(done); b.bridged.Wait(); b.shutdown() }()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (b *Component) shutdown() {
	b.close()
	if b.conn != nil {
		b.conn.Close()
	}
	if b.server != nil {
		b.server.Shutdown()
		b.server.WaitForShutdown()
	}
}

// Conn is Mainstay's own connection, which may use every subject. Valid after Start.
func (b *Component) Conn() *nats.Conn { return b.conn }

// AdmitAgents sets who decides which agents may connect.
func (b *Component) AdmitAgents(admit Admit) { b.admit.Store(&admit) }

// InProcess returns the options with which an agent inside this process reaches
// the bus; it authenticates like any other.
func (b *Component) InProcess() []nats.Option {
	return []nats.Option{nats.InProcessServer(dialer{b})}
}

type dialer struct{ b *Component }

func (d dialer) InProcessConn() (net.Conn, error) { return d.b.dial(d.b.closing) }

// Reply answers a message of an agent. It refuses a reply subject outside the
// agent's own subjects, which would turn Mainstay's permissions against others.
func Reply(msg *nats.Msg, agent string, data []byte) error {
	if agent == "" || !strings.HasPrefix(msg.Reply, "agent."+agent+".") {
		return core.Errorf(core.CodeForbidden, "reply subject %q is not of agent %s", msg.Reply, agent)
	}
	return msg.Respond(data)
}

// Ready says whether the bus can carry messages.
func (b *Component) Ready() error {
	if b.conn == nil || !b.conn.IsConnected() {
		return core.Errorf(core.CodeUnavailable, "the bus is not connected")
	}
	return nil
}

var _ http.Handler = (*Component)(nil)
