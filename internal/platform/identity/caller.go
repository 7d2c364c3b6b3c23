package identity

import (
	"context"
	"net/http"
	"net/netip"
	"strings"
)

// caller is where a request comes from.
type caller struct {
	address netip.Addr
	agent   string
	secure  bool // the browser speaks HTTPS, to us or to the proxy before us
}

type callerKey struct{}

func callerFrom(ctx context.Context) caller {
	c, _ := ctx.Value(callerKey{}).(caller)
	return c
}

// callerOf believes X-Forwarded-For and X-Forwarded-Proto of trusted proxies
// alone: from the right, the first address that is not one of them.
func (c *Component) callerOf(r *http.Request) caller {
	from := caller{agent: clip(r.UserAgent(), 200), secure: r.TLS != nil || c.cfg.https()}
	if peer, err := netip.ParseAddrPort(r.RemoteAddr); err == nil {
		from.address = peer.Addr().Unmap()
	}
	if !c.trusted(from.address) {
		return from
	}
	if strings.EqualFold(r.Header.Get("X-Forwarded-Proto"), "https") {
		from.secure = true
	}
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(hops) - 1; i >= 0 && c.trusted(from.address); i-- {
		hop, err := netip.ParseAddr(strings.TrimSpace(hops[i]))
		if err != nil {
			break
		}
		from.address = hop.Unmap()
	}
	return from
}

func (c *Component) trusted(a netip.Addr) bool {
	for _, p := range c.cfg.TrustedProxies {
		if p.Contains(a) {
			return true
		}
	}
	return false
}

func clip(s string, most int) string {
	if len(s) > most {
		s = s[:most]
	}
	return strings.ToValidUTF8(s, "")
}
