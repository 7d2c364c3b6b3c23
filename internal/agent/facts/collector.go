package facts

import (
	"context"
	"log/slog"
)

// Collector collects again and again; it keeps what is costly to find out.
type Collector struct {
	agent string
	log   *slog.Logger
	root  string // "/" but in tests

	packages packageCache
	settled  map[processKey]bool // seen in the round before
	sockets  map[string]bool     // inodes that listened on ephemeral ports in the round before
	first    bool
}

// New returns a collector for the agent of this id.
func New(agent string, log *slog.Logger) *Collector {
	return &Collector{agent: agent, log: log, root: "/", first: true}
}

// Collect looks at everything once.
func (c *Collector) Collect(ctx context.Context) *Report {
	r := &Report{Source: "agent", Scope: c.agent}
	c.host(ctx, r)
	c.storage(ctx, r)
	c.network(ctx, r)
	c.software(ctx, r)
	c.workload(ctx, r)
	c.first = false
	return r
}
