package bus

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"time"

	"github.com/coder/websocket"

	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/httpapi"
)

// ServeHTTP joins an agent's WebSocket to the bus. The route is public: the
// peer proves who it is in the NATS protocol, within the server's time limit,
// and before that may send nothing but its CONNECT.
func (b *Component) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if b.open.Add(1) > int64(b.cfg.MaxConnections) {
		b.open.Add(-1)
		http.Error(w, "too many agents are connected to this server", http.StatusServiceUnavailable)
		return
	}
	defer b.open.Add(-1)
	if b.closing.Err() != nil {
		http.Error(w, "stopping", http.StatusServiceUnavailable)
		return
	}
	b.bridged.Add(1)
	defer b.bridged.Done()
	// A browser sends Origin, and Accept refuses one that is not this host's.
	socket, err := websocket.Accept(w, r, &websocket.AcceptOptions{CompressionMode: websocket.CompressionDisabled})
	if err != nil {
		b.log.Debug("no websocket", "remote", r.RemoteAddr, "error", err)
		return
	}
	defer socket.CloseNow()
	upstream, err := b.dial(r.Context())
	if err != nil {
		b.log.Warn("join agent to the bus", "remote", r.RemoteAddr, "error", err)
		_ = socket.Close(websocket.StatusTryAgainLater, "the bus is not available")
		return
	}
	b.join(websocket.NetConn(b.closing, socket, websocket.MessageBinary), upstream)
}

// join copies in both directions until either side ends, then ends both.
func (b *Component) join(agent, upstream net.Conn) {
	done := make(chan error, 2)
	go func() { _, err := io.Copy(upstream, agent); done <- err }()
	go func() { _, err := io.Copy(agent, upstream); done <- err }()
	select {
	case err := <-done:
		if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrClosedPipe) {
			b.log.Debug("agent connection", "error", err)
		}
	case <-b.closing.Done():
	}
	_ = upstream.Close()
	_ = agent.Close()
	<-done
}

// dial opens one connection to the embedded server, or to the external cluster.
func (b *Component) dial(ctx context.Context) (net.Conn, error) {
	if b.server != nil {
		return b.server.InProcessConn()
	}
	u, err := url.Parse(b.cfg.URL)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	switch u.Scheme {
	case "ws", "wss":
		u.User = nil // the credentials are Mainstay's own
		socket, _, err := websocket.Dial(ctx, u.String(), nil)
		if err != nil {
			return nil, err
		}
		return websocket.NetConn(b.closing, socket, websocket.MessageBinary), nil
	case "tls": // the cluster's listener has handshake_first
		d := tls.Dialer{Config: &tls.Config{ServerName: u.Hostname(), MinVersion: tls.VersionTLS12}}
		return d.DialContext(ctx, "tcp", withPort(u))
	default:
		var d net.Dialer
		return d.DialContext(ctx, "tcp", withPort(u))
	}
}

func withPort(u *url.URL) string {
	if u.Port() == "" {
		return net.JoinHostPort(u.Hostname(), "4222")
	}
	return u.Host
}

// Routes mounts the WebSocket of agents.
func (b *Component) Routes(api *httpapi.API) { api.Mount("GET /bus", auth.Public, b) }
