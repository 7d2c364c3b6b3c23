package probe

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"regexp"
	"slices"
	"strings"
	"time"
)

// Greeting is what the protocols have in common that begin with a line of the server.
type Greeting struct {
	Address      string   `json:"address" doc:"host or host:port"`
	TLS          bool     `json:"tls,omitempty" doc:"speak TLS from the first byte"`
	StartTLS     bool     `json:"startTLS,omitempty" doc:"change to TLS after the greeting"`
	Expect       string   `json:"expect,omitempty" doc:"regular expression that the greeting must match"`
	Capabilities []string `json:"capabilities,omitempty" doc:"what the server must offer; in TLS, when it is changed to"`
	Latency      *Limits  `json:"latency,omitempty" doc:"thresholds of the time until the greeting"`
	Peer
}

func (g *Greeting) validate(f *fields) {
	f.check(validAddress(withPort(g.Address, "1")), "address", "must be host or host:port")
	f.check(!g.TLS || !g.StartTLS, "startTLS", "cannot be used with tls: the connection is in TLS already")
	checkRegexp(f, "expect", g.Expect)
	for i, c := range g.Capabilities {
		f.check(c != "", fmt.Sprintf("capabilities[%d]", i), "must not be empty")
	}
	g.Latency.validate(f.below("latency"))
	g.Peer.validate(f)
}

// withPort adds the port to an address that has none.
func withPort(address, port string) string {
	if _, _, err := net.SplitHostPort(address); err == nil {
		return address
	}
	return net.JoinHostPort(strings.Trim(address, "[]"), port)
}

// protocol is what differs between them.
type protocol struct {
	port, securePort string
	greeting         func(*dialogue) (string, error)
	capabilities     func(*dialogue) ([]string, error)
	startTLS         func(*dialogue) error
	quit             string
}

// converse greets, changes to TLS where asked, reads what is offered and leaves.
func (g *Greeting) converse(ctx context.Context, r Runner, p protocol, res *Result) {
	port := p.port
	if g.TLS {
		port = p.securePort
	}
	address := withPort(g.Address, port)
	start := time.Now()
	conn, err := r.connect(ctx, "tcp", address)
	if err != nil {
		res.Failed(address, err)
		return
	}
	defer func() { conn.Close() }()
	if g.TLS {
		secured, err := g.secure(ctx, conn, address, res)
		if err != nil {
			res.Worsen(Critical, "%s: %s", address, Why(err))
			return
		}
		conn = secured
	}
	d := newDialogue(conn)
	greeting, err := p.greeting(d)
	took := time.Since(start)
	if err != nil {
		res.Worsen(Critical, "%s: %s", address, Why(err))
		return
	}
	res.Measure("time", "seconds", took.Seconds())
	bad := *res // what the certificate said
	res.Set(OK, "%s: %s in %v", address, clip(greeting, 200), took.Round(time.Microsecond))
	if bad.Output != "" {
		res.Worsen(bad.State, "%s", bad.Output)
	}
	if g.Expect != "" && !regexp.MustCompile(g.Expect).MatchString(greeting) {
		res.Worsen(Critical, "the greeting does not match %s", g.Expect)
	}
	g.Latency.judge(res, "the greeting", took)
	if d, err = g.offers(ctx, d, p, address, res); err != nil {
		res.Worsen(Critical, "%s", Why(err))
		return
	}
	_ = d.send(p.quit)
}

// offers changes to TLS and judges the capabilities.
func (g *Greeting) offers(ctx context.Context, d *dialogue, p protocol, address string, res *Result) (*dialogue, error) {
	if !g.StartTLS && len(g.Capabilities) == 0 {
		return d, nil
	}
	offered, err := p.capabilities(d)
	if err != nil {
		return d, err
	}
	if g.StartTLS {
		if err := p.startTLS(d); err != nil {
			return d, fmt.Errorf("STARTTLS: %w", err)
		}
		if d.in.Buffered() > 0 {
			return d, errors.New("the peer sent text ahead of TLS, which an attacker could have put there")
		}
		secured, err := g.secure(ctx, d.conn, address, res)
		if err != nil {
			return d, err
		}
		d = newDialogue(secured)
		if len(g.Capabilities) == 0 {
			return d, nil
		}
		if offered, err = p.capabilities(d); err != nil {
			return d, err
		}
	}
	res.Detail = strings.Join(offered, "\n")
	for _, wanted := range g.Capabilities {
		if !slices.ContainsFunc(offered, func(have string) bool { return offersAll(have, wanted) }) {
			res.Worsen(Critical, "%s is not offered", wanted)
		}
	}
	return d, nil
}

// offersAll says that a line such as "AUTH PLAIN LOGIN" has every word of wanted, and
// begins with its first.
func offersAll(have, wanted string) bool {
	h, w := strings.Fields(strings.ToUpper(have)), strings.Fields(strings.ToUpper(wanted))
	if len(h) == 0 || len(w) == 0 || h[0] != w[0] {
		return false
	}
	for _, word := range w {
		if !slices.Contains(h, word) {
			return false
		}
	}
	return true
}

// heard keeps the first bytes that are read from a connection.
type heard struct {
	net.Conn
	first bytes.Buffer
}

func (h *heard) Read(p []byte) (int, error) {
	n, err := h.Conn.Read(p)
	if room := 512 - h.first.Len(); room > 0 {
		h.first.Write(p[:min(n, room)])
	}
	return n, err
}
