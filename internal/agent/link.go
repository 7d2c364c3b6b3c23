package agent

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/url"
	"strings"
	"time"

	"github.com/nats-io/nats.go"

	"mainstay/internal/core"
	"mainstay/internal/platform/agents/protocol"
)

// The agent tries to come back soon at first, every few seconds for some
// minutes, then twice a minute; the spread keeps a thousand agents from coming
// back at once.
const (
	reconnectFirst = 200 * time.Millisecond
	reconnectSoon  = 4 * time.Second
	soonAttempts   = 60
	reconnectLater = 30 * time.Second
	maxCalls       = 128 // at once
)

// connect opens the bus. It succeeds also while the server is away: the
// connection then establishes itself later, and again after every loss.
func (a *Component) connect() error {
	id := a.identity.Agent
	options := []nats.Option{
		nats.Name("mainstay agent " + id),
		nats.Nkey(a.keys.public, a.keys.pair.Sign),
		nats.CustomInboxPrefix(protocol.InboxPrefix(id)),
		nats.IgnoreDiscoveredServers(),
		nats.IgnoreAuthErrorAbort(), // a server may refuse for a while, as when it restores a backup
		nats.RetryOnFailedConnect(true),
		nats.MaxReconnects(-1),
		nats.CustomReconnectDelay(reconnectDelay),
		nats.ReconnectBufSize(-1), // what is to last is in the queue on disk
		nats.PingInterval(15 * time.Second),
		nats.MaxPingsOutstanding(2),
		nats.ConnectHandler(func(*nats.Conn) { a.log.Info("connected"); a.connected() }),
		nats.ReconnectHandler(func(*nats.Conn) { a.log.Info("connected again"); a.connected() }),
		nats.DisconnectErrHandler(func(_ *nats.Conn, err error) {
			a.disconnected()
			if err != nil {
				a.log.Warn("connection lost", "error", err)
			}
		}),
		nats.ReconnectErrHandler(func(_ *nats.Conn, err error) { a.log.Debug("no connection", "error", err) }),
		nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) {
			if errors.Is(err, nats.ErrAuthorization) {
				a.log.Error("the server refuses this agent: it is not enrolled there, or was removed")
				return
			}
			a.log.Warn("bus error", "error", err)
		}),
	}
	target := ""
	if a.deps.Transport != nil {
		options = append(options, a.deps.Transport...)
	} else {
		address, more, err := a.webSocket()
		if err != nil {
			return err
		}
		target, options = address, append(options, more...)
	}
	conn, err := nats.Connect(target, options...)
	if err != nil {
		return err
	}
	a.mu.Lock()
	a.conn = conn
	a.mu.Unlock()
	slots := make(chan struct{}, maxCalls)
	// A queue group: of two connections of one agent only one hears a call.
	_, err = conn.QueueSubscribe(protocol.CallsSubject(id), "agent", func(msg *nats.Msg) {
		select {
		case slots <- struct{}{}:
			go func() { defer func() { <-slots }(); a.answer(msg) }()
		default:
			respond(msg, protocol.Fail(core.Errorf(core.CodeTooMany, "the agent is busy")))
		}
	})
	return err
}

// webSocket is the address of the bus on the server's HTTP port.
func (a *Component) webSocket() (string, []nats.Option, error) {
	u, err := url.Parse(a.cfg.Server)
	if err != nil {
		return "", nil, err
	}
	port := u.Port()
	scheme := "ws"
	if u.Scheme == "https" {
		scheme = "wss"
		if port == "" {
			port = "443"
		}
	} else if port == "" {
		port = "80"
	}
	options := []nats.Option{nats.ProxyPath(strings.TrimRight(u.Path, "/") + "/bus")}
	if scheme == "wss" {
		config, err := a.tlsConfig()
		if err != nil {
			return "", nil, err
		}
		config.ServerName = u.Hostname()
		options = append(options, nats.Secure(config))
	}
	host := u.Hostname()
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	return fmt.Sprintf("%s://%s:%s", scheme, host, port), options, nil
}

func reconnectDelay(attempts int) time.Duration {
	d := reconnectLater
	if attempts < soonAttempts {
		d = min(reconnectFirst<<min(attempts, 8), reconnectSoon)
	}
	return d/2 + rand.N(d)
}

// connected wakes what waits for a connection.
func (a *Component) connected() {
	poke(a.beatNow)
	poke(a.uploadNow)
}

// disconnected ends requests under way: their answers are lost with the connection.
func (a *Component) disconnected() {
	a.mu.Lock()
	defer a.mu.Unlock()
	close(a.session)
	a.session = make(chan struct{})
}

var errNotConnected = errors.New("not connected")

// request asks the server. It fails as soon as the connection does.
func (a *Component) request(ctx context.Context, subject string, data []byte, limit time.Duration) (*nats.Msg, error) {
	a.mu.Lock()
	session := a.session
	a.mu.Unlock()
	if !a.conn.IsConnected() {
		return nil, errNotConnected
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	stop := make(chan struct{})
	defer close(stop)
	go func() {
		select {
		case <-session:
			cancel()
		case <-stop:
		}
	}()
	return a.conn.RequestWithContext(ctx, subject, data)
}

// poke wakes a loop unless it is about to wake anyway.
func poke(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// answer serves one call of the server.
func (a *Component) answer(msg *nats.Msg) {
	method := protocol.MethodOf(msg.Subject)
	serve, ok := a.methods()[method]
	if !ok {
		respond(msg, protocol.Fail(core.Errorf(core.CodeNotFound, "this agent does not know the method %q; it may need an upgrade", method)))
		return
	}
	defer func() {
		if cause := recover(); cause != nil {
			a.log.Error("a call failed", "method", method, "panic", cause)
			respond(msg, protocol.Fail(core.Errorf(core.CodeInternal, "the agent failed: %v", cause)))
		}
	}()
	ctx, cancel := context.WithTimeout(context.Background(), callLimit)
	defer cancel()
	result, err := serve(ctx, msg.Data)
	if err != nil {
		respond(msg, protocol.Fail(err))
		return
	}
	respond(msg, protocol.Succeed(result))
}

func respond(msg *nats.Msg, reply protocol.Reply) {
	data, err := json.Marshal(reply)
	if err == nil {
		_ = msg.Respond(data) // when the connection is gone the server asks again
	}
}
