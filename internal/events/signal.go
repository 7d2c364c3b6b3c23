package events

import (
	"context"
	"net"
	"strings"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/sqldb"
)

// Signal is an event with what only some senders know of it.
type Signal struct {
	core.Event
	Annotations map[string]string
	URL         string
	Onset       time.Time // when the condition began
	ExpiresAt   time.Time // when it ends unless it is repeated
}

// Take is Accept with a result for each signal: when it returns no error, all
// that were not refused are durable.
func (c *Component) Take(ctx context.Context, list []Signal) ([]Result, error) {
	observations := make([]observation, len(list))
	for i, s := range list {
		observations[i] = observation{Event: s.Event, Annotations: s.Annotations, URL: webAddress(s.URL), Onset: s.Onset, ExpiresAt: s.ExpiresAt}
	}
	return c.accept(ctx, observations, "events")
}

// ActOnKeys is Act for the active alerts that keys name; a key without one is
// no error: what it named may have ended.
func (c *Component) ActOnKeys(ctx context.Context, action Action, keys []string, text string) ([]Outcome, error) {
	if len(keys) == 0 {
		return nil, nil
	}
	alerts, err := alertsWhere(ctx, c.deps.DB, "latest AND active AND alert_key IN ("+sqldb.In(len(keys), 1)+") ORDER BY id", false, anys(keys)...)
	if err != nil || len(alerts) == 0 {
		return nil, err
	}
	ids := make([]string, len(alerts))
	for i, a := range alerts {
		ids[i] = a.ID
	}
	return c.Act(ctx, action, ids, text)
}

// HostIdentities makes of what a sender calls a host what the graph can find
// it by: an address, a name with a domain, or a short name; a port is dropped.
func HostIdentities(host string) []core.Identity {
	host = strings.TrimSpace(host)
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	switch {
	case host == "" || len(host) > 500 || !plain(host):
		return nil
	case net.ParseIP(host) != nil:
		return []core.Identity{{Kind: "ip", Value: host}}
	case strings.Contains(host, "."):
		return []core.Identity{{Kind: "fqdn", Value: strings.ToLower(host)}}
	}
	return []core.Identity{{Kind: "hostname", Value: host}, {Kind: "name", Value: host}}
}
