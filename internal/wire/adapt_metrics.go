package wire

import (
	"context"
	"net"
	"net/netip"
	"strings"

	"go.opentelemetry.io/collector/pdata/pmetric"

	"mainstay/internal/core"
	"mainstay/internal/graph"
)

// itemsForMetrics finds the item that a received series is of, by the labels
// that OpenTelemetry and Prometheus put on series.
type itemsForMetrics struct{ graph func() *graph.Component }

// Bind answers from the graph's memory, once the graph has seen the question.
func (b itemsForMetrics) Bind(ctx context.Context, label func(name string) string) string {
	g := b.graph()
	if g == nil {
		return ""
	}
	var known []core.Identity
	for _, name := range []string{"host_name", "host"} { // OpenTelemetry's, and Telegraf's
		if host := label(name); host != "" {
			known = append(known, hostIdentity(host))
		}
	}
	if instance := label("instance"); instance != "" {
		known = append(known, core.Identity{Kind: "endpoint", Value: instance})
		host, _, err := net.SplitHostPort(instance)
		if err != nil {
			host = instance
		}
		known = append(known, hostIdentity(host))
	}
	if len(known) == 0 {
		return ""
	}
	id, err := g.Resolve(ctx, known)
	if err != nil {
		return ""
	}
	return id
}

// hostIdentity is the kind of identifier that a host's name or address is.
func hostIdentity(host string) core.Identity {
	if _, err := netip.ParseAddr(host); err == nil {
		return core.Identity{Kind: "ip", Value: host}
	}
	if strings.Contains(host, ".") {
		return core.Identity{Kind: "fqdn", Value: host}
	}
	return core.Identity{Kind: "hostname", Value: host}
}

// takeOTLP stores metrics that came over gRPC.
func (s *System) takeOTLP(ctx context.Context, md pmetric.Metrics) (rejected int64, reason string, err error) {
	partial, err := s.metrics.OTLP(ctx, md)
	return partial.Rejected, partial.Reason, err
}
