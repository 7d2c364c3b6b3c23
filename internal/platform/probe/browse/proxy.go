package browse

import (
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httputil"
	"sync"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/probe"
)

// proxy is the browser's only way to the network.
type proxy struct {
	listener net.Listener
	server   *http.Server
	runner   probe.Runner
	outgoing *http.Transport
	tunnels  sync.WaitGroup

	mu      sync.Mutex
	open    map[net.Conn]bool
	refused error
	stopped bool
}

func startProxy(r probe.Runner) (*proxy, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	p := &proxy{listener: l, runner: r, open: map[net.Conn]bool{}, outgoing: &http.Transport{DialContext: r.Dial, DisableCompression: true}}
	forward := &httputil.ReverseProxy{
		Rewrite:      func(*httputil.ProxyRequest) {},
		Transport:    p.outgoing,
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, err error) { p.fail(w, err) },
	}
	p.server = &http.Server{ReadHeaderTimeout: 10 * time.Second, Handler: http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if req.Method == http.MethodConnect {
			p.tunnel(w, req)
			return
		}
		if req.URL.Host == "" {
			http.Error(w, "this is a proxy", http.StatusBadRequest)
			return
		}
		forward.ServeHTTP(w, req)
	})}
	go func() { _ = p.server.Serve(l) }()
	return p, nil
}

func (p *proxy) address() string { return p.listener.Addr().String() }

// refusal is why an address was not reached, when one was not allowed.
func (p *proxy) refusal() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.refused
}

func (p *proxy) fail(w http.ResponseWriter, err error) {
	var refused *core.Error
	if errors.As(err, &refused) {
		p.mu.Lock()
		p.refused = refused
		p.mu.Unlock()
		http.Error(w, refused.Message, http.StatusForbidden)
		return
	}
	http.Error(w, probe.Why(err), http.StatusBadGateway)
}

// tunnel joins the browser with a peer it speaks TLS or WebSocket to.
func (p *proxy) tunnel(w http.ResponseWriter, req *http.Request) {
	peer, err := p.runner.Dial(req.Context(), "tcp", req.Host)
	if err != nil {
		p.fail(w, err)
		return
	}
	ours, buffered, err := http.NewResponseController(w).Hijack()
	if err != nil {
		peer.Close()
		return
	}
	if !p.keep(ours, peer) {
		return
	}
	defer p.leave(ours, peer)
	if _, err := io.WriteString(ours, "HTTP/1.1 200 Connection established\r\n\r\n"); err != nil {
		return
	}
	done := make(chan struct{})
	go func() {
		_, _ = io.Copy(peer, buffered)
		closeWrite(peer)
		close(done)
	}()
	_, _ = io.Copy(ours, peer)
	closeWrite(ours)
	<-done
}

func closeWrite(c net.Conn) {
	if half, ok := c.(interface{ CloseWrite() error }); ok {
		_ = half.CloseWrite()
	}
}

func (p *proxy) keep(conns ...net.Conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range conns {
		if p.stopped {
			c.Close()
			continue
		}
		p.open[c] = true
	}
	if !p.stopped {
		p.tunnels.Add(1)
	}
	return !p.stopped
}

func (p *proxy) leave(conns ...net.Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range conns {
		c.Close()
		delete(p.open, c)
	}
	p.tunnels.Done()
}

// stop ends the proxy and every tunnel.
func (p *proxy) stop() {
	p.mu.Lock()
	p.stopped = true
	for c := range p.open {
		c.Close()
	}
	p.mu.Unlock()
	_ = p.server.Close()
	p.outgoing.CloseIdleConnections()
	p.tunnels.Wait()
}
