package syslog

import (
	"context"
	"net/netip"
	"strings"
	"sync"
)

// sourcesMost bounds the senders that are remembered; when there are more all
// are forgotten.
const sourcesMost = 10_000

// items finds whose messages are. A sender's address tells it only as long as
// the sender speaks for one host: one that names several is a relay.
type items struct {
	of Items

	mu      sync.Mutex
	sources map[netip.Addr]*source
}

type source struct {
	text  string // the address
	host  string // the first it named
	relay bool
}

func newItems(of Items) *items { return &items{of: of, sources: map[netip.Addr]*source{}} }

func (i *items) source(from netip.Addr) *source {
	s := i.sources[from]
	if s == nil {
		if len(i.sources) >= sourcesMost {
			clear(i.sources)
		}
		s = &source{text: from.String()}
		i.sources[from] = s
	}
	return s
}

// text is the address in words.
func (i *items) text(from netip.Addr) string {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.source(from).text
}

// find asks for the host that a message names, then for the address it came from.
func (i *items) find(ctx context.Context, s sender) string {
	if s.host != "" {
		name := "host.name"
		if isAddress(s.host) {
			name = "host.ip"
		}
		if item := i.of.ItemOf(ctx, map[string]string{name: s.host}); item != "" {
			i.relays(s)
			return item
		}
	}
	if !s.from.IsValid() || s.from.IsLoopback() || i.relays(s) && s.host != "" {
		return ""
	}
	return i.of.ItemOf(ctx, map[string]string{"host.ip": s.from.String()})
}

// relays notes whom a sender speaks for, and says whether it is a relay.
func (i *items) relays(s sender) bool {
	if !s.from.IsValid() {
		return false
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	known := i.source(s.from)
	switch {
	case s.host == "":
	case known.host == "":
		known.host = strings.Clone(s.host)
	case known.host != s.host:
		known.relay = true
	}
	return known.relay
}
