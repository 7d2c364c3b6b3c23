package receivers

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"sync"
	"time"

	"mainstay/internal/core"
)

const (
	handshakeLimit = 10 * time.Second
	acceptPause    = 50 * time.Millisecond
	backlogQuiet   = 20 * time.Millisecond  // for which connections that wait are taken when it ends
	closeQuiet     = 200 * time.Millisecond // without data after which a connection is read empty
)

// Streams is a listener for connections: bounded in number, over TLS if it has
// a configuration of it.
type Streams struct {
	Listener net.Listener
	TLS      *tls.Config // nil: plain TCP
	Most     int         // connections
	Meter    *Meter
	Clock    core.Clock
	// Serve reads one connection until it ends. When ctx has ended the sender has
	// been told, and reading fails once it has been quiet for a moment.
	Serve func(ctx context.Context, conn net.Conn, from netip.Addr)
	// Answers says that senders know by Serve's answers what was taken: when ctx
	// has ended reading fails at once, and Serve has its say before it returns.
	Answers bool
}

// Run takes connections until ctx ends, and returns when the last has been
// served. Those that the kernel had taken by then are served as well: their
// senders have no way to know that nobody read them.
func (s *Streams) Run(ctx context.Context) {
	var open sync.WaitGroup
	defer open.Wait()
	defer s.Listener.Close()
	defer context.AfterFunc(ctx, func() {
		if l, ok := s.Listener.(interface{ SetDeadline(time.Time) error }); !ok || l.SetDeadline(s.Clock.Now().Add(backlogQuiet)) != nil {
			_ = s.Listener.Close()
		}
	})()
	for {
		conn, err := s.Listener.Accept()
		if errors.Is(err, net.ErrClosed) || errors.Is(err, os.ErrDeadlineExceeded) {
			return
		}
		if err != nil {
			s.Meter.Refused(0, "a connection could not be accepted: "+err.Error())
			Pause(ctx, s.Clock, acceptPause) // out of files: that does not pass by trying
			continue
		}
		if s.Meter.Connected(1) > int64(s.Most) {
			s.Meter.Connected(-1)
			s.Meter.Refused(0, "a connection was refused: there are as many as maxConnections allows")
			_ = conn.Close()
			continue
		}
		open.Go(func() {
			defer s.Meter.Connected(-1)
			s.serve(ctx, conn)
		})
	}
}

func (s *Streams) serve(ctx context.Context, conn net.Conn) {
	defer conn.Close()
	from := AddressOf(conn.RemoteAddr())
	plain := conn
	if s.TLS != nil {
		secure := tls.Server(conn, s.TLS)
		limited, cancel := context.WithTimeout(ctx, handshakeLimit)
		err := secure.HandshakeContext(limited)
		cancel()
		if err != nil {
			s.Meter.Refused(0, "a connection from "+from.String()+" was refused: "+err.Error())
			return
		}
		conn = secure
	}
	defer context.AfterFunc(ctx, func() {
		if s.Answers {
			_ = conn.SetReadDeadline(s.Clock.Now())
			return
		}
		if half, ok := plain.(*net.TCPConn); ok && s.TLS == nil {
			_ = half.CloseWrite()
		}
		Quiet(conn, s.Clock)
	})()
	s.Serve(ctx, conn, from)
}

// Quiet lets reading fail when nothing comes for a moment from now.
func Quiet(conn net.Conn, clock core.Clock) {
	_ = conn.SetReadDeadline(clock.Now().Add(closeQuiet))
}

// Pause waits for a while or until ctx ends.
func Pause(ctx context.Context, clock core.Clock, d time.Duration) {
	timer := clock.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C():
	case <-ctx.Done():
	}
}

// Grace ends a while after ctx does: what has been read by then is stored, if
// the store takes it.
func Grace(ctx context.Context, clock core.Clock, while time.Duration) (context.Context, context.CancelFunc) {
	longer, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() {
		timer := clock.NewTimer(while)
		defer timer.Stop()
		select {
		case <-timer.C():
			cancel()
		case <-longer.Done():
		}
	})
	return longer, func() { stop(); cancel() }
}

// AddressOf is who is at the other end.
func AddressOf(a net.Addr) netip.Addr {
	switch a := a.(type) {
	case *net.TCPAddr:
		return a.AddrPort().Addr().Unmap().WithZone("")
	case *net.UDPAddr:
		return a.AddrPort().Addr().Unmap().WithZone("")
	}
	return netip.Addr{}
}

// TLSOf reads a certificate and its key; with clientCA senders must show a
// certificate of it. nil without a certificate.
func TLSOf(certificate, key, clientCA string) (*tls.Config, error) {
	if certificate == "" {
		return nil, nil
	}
	pair, err := tls.LoadX509KeyPair(certificate, key)
	if err != nil {
		return nil, err
	}
	cfg := &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12}
	if clientCA == "" {
		return cfg, nil
	}
	pem, err := os.ReadFile(clientCA)
	if err != nil {
		return nil, err
	}
	cfg.ClientAuth, cfg.ClientCAs = tls.RequireAndVerifyClientCert, x509.NewCertPool()
	if !cfg.ClientCAs.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("%s holds no certificate", clientCA)
	}
	return cfg, nil
}
