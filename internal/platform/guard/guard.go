package guard

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"syscall"
	"time"

	"mainstay/internal/core"
)

// Configuration says what is allowed besides the public Internet.
type Configuration struct {
	Private  bool           `yaml:"private" json:"private"`   // private networks: RFC 1918, RFC 6598, RFC 4193
	Loopback bool           `yaml:"loopback" json:"loopback"` // this host
	Allow    []netip.Prefix `yaml:"allow" json:"allow"`       // these networks, whatever they are
	Deny     []netip.Prefix `yaml:"deny" json:"deny"`         // never these, even when allowed above
}

// Defaults allow private networks, which is where most of what is watched
// lives, and refuse this host, the link and metadata services.
func Defaults() Configuration { return Configuration{Private: true} }

// Guard decides about addresses. It holds no state and is safe for concurrent use.
type Guard struct{ cfg Configuration }

// New makes a guard.
func New(cfg Configuration) *Guard { return &Guard{cfg} }

// Check returns an error with code forbidden when the address may not be called.
func (g *Guard) Check(address netip.Addr) error {
	for _, a := range carried(address) {
		if reason := g.refuse(a); reason != "" {
			return core.Errorf(core.CodeForbidden, "outgoing calls to %s are not allowed: %s", address, reason)
		}
	}
	return nil
}

func (g *Guard) refuse(a netip.Addr) string {
	for _, p := range g.cfg.Deny {
		if p.Contains(a) {
			return "the configuration denies " + p.String()
		}
	}
	for _, p := range g.cfg.Allow {
		if p.Contains(a) {
			return ""
		}
	}
	kind := classify(a)
	switch {
	case kind == loopback && g.cfg.Loopback, kind == private && g.cfg.Private:
		return ""
	}
	return string(kind)
}

// Control is for net.Dialer: it is called with the resolved address.
func (g *Guard) Control(network, address string, _ syscall.RawConn) error {
	if strings.HasPrefix(network, "unix") {
		return core.Errorf(core.CodeForbidden, "outgoing calls to sockets of this host are not allowed")
	}
	host, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("guard: address %q: %w", address, err)
	}
	return g.Check(host.Addr())
}

// Dialer returns a dialer whose every connection is checked.
func (g *Guard) Dialer(timeout time.Duration) *net.Dialer {
	return &net.Dialer{Timeout: timeout, KeepAlive: 30 * time.Second, Control: g.Control}
}

// Transport returns an HTTP transport whose every connection, also of
// redirects, is checked.
func (g *Guard) Transport(timeout time.Duration) *http.Transport {
	return &http.Transport{
		DialContext:           g.Dialer(timeout).DialContext,
		ForceAttemptHTTP2:     true,
		MaxIdleConns:          64,
		MaxIdleConnsPerHost:   2,
		IdleConnTimeout:       60 * time.Second,
		TLSHandshakeTimeout:   timeout,
		ResponseHeaderTimeout: timeout,
		ExpectContinueTimeout: time.Second,
	}
}

// Client returns an HTTP client over Transport, with at most ten redirects.
func (g *Guard) Client(timeout time.Duration) *http.Client {
	return &http.Client{Transport: g.Transport(timeout), Timeout: timeout}
}

// CheckHost resolves a name and returns an error when none of its addresses
// may be called. It is for telling a person early; the connection is checked
// again when it is made.
func (g *Guard) CheckHost(ctx context.Context, host string) error {
	if a, err := netip.ParseAddr(host); err == nil {
		return g.Check(a)
	}
	addresses, err := net.DefaultResolver.LookupNetIP(ctx, "ip", host)
	if err != nil {
		return core.Errorf(core.CodeInvalid, "cannot resolve %s: %v", host, err)
	}
	var refused error
	for _, a := range addresses {
		if refused = g.Check(a); refused == nil {
			return nil
		}
	}
	return refused
}
