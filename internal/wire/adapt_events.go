package wire

import (
	"context"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/events"
	"mainstay/internal/events/correlation"
	"mainstay/internal/graph"
	"mainstay/internal/monitor"
	"mainstay/internal/platform/secrets"
)

// graphForEvents is the graph as events ask it. Its methods have no context,
// because they answer from memory once an item was asked for.
type graphForEvents struct {
	graph   *graph.Component
	watches func(ctx context.Context, item string) (bool, error)
}

func (g graphForEvents) Resolve(ctx context.Context, identities []core.Identity) (string, error) {
	return g.graph.Resolve(ctx, identities)
}

func (g graphForEvents) facts(item string) graph.Facts {
	facts, err := g.graph.Facts(context.Background(), []string{item})
	if err != nil {
		return graph.Facts{}
	}
	return facts[item]
}

func (g graphForEvents) Team(item string) string { return g.facts(item).Team }

func (g graphForEvents) Name(item string) string {
	if name := g.facts(item).Name; name != "" {
		return name
	}
	return item
}

func (g graphForEvents) Class(item string) string { return g.facts(item).Class }

func (g graphForEvents) Measured(item string) bool {
	watched, err := g.watches(context.Background(), item)
	return err == nil && watched
}

func (g graphForEvents) Needs(item string) []correlation.Need {
	needs := g.graph.Needs(item)
	out := make([]correlation.Need, len(needs))
	for i, n := range needs {
		out[i] = correlation.Need{Items: n.Items, Require: n.Require}
	}
	return out
}

func (g graphForEvents) Users(item string) []string { return g.graph.Index().Dependents(item) }

func (g graphForEvents) Services(items []string) []events.Service {
	reached, err := g.graph.Services(context.Background(), items)
	if err != nil {
		return nil
	}
	out := make([]events.Service, len(reached))
	for i, s := range reached {
		out[i] = events.Service{ID: s.ID, Name: s.Name}
	}
	return out
}

func (g graphForEvents) Affected(items []string, limit int) []string {
	reached := g.graph.Index().Impact(items, limit)
	out := make([]string, 0, len(reached))
	for _, a := range reached {
		if !a.Degraded {
			out = append(out, a.ID)
		}
	}
	return out
}

// secretsForEvents reveals what receivers are called with.
type secretsForEvents struct{ secrets *secrets.Component }

func (s secretsForEvents) Reveal(ctx context.Context, reference string) (string, error) {
	return s.secrets.Resolve(ctx, reference, secrets.Use{By: core.Ref{Kind: "setting", ID: "AlertRouting"}})
}

// maintenanceForEvents asks monitoring, which is made after events.
type maintenanceForEvents struct{ monitor func() *monitor.Component }

func (m maintenanceForEvents) InMaintenance(ctx context.Context, item string, at time.Time) (bool, string) {
	return m.monitor().InMaintenance(ctx, item, at)
}
