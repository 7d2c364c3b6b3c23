package wire

import (
	"context"

	"mainstay/internal/graph"
	"mainstay/internal/monitor"
	"mainstay/internal/monitor/availability"
	"mainstay/internal/monitor/availability/figures"
)

// graphForAvailability is the graph as availability asks it.
type graphForAvailability struct {
	graphForMonitor
}

func (g graphForAvailability) Needs(item string) []figures.Need {
	needs := g.graph.Needs(item)
	out := make([]figures.Need, len(needs))
	for i, n := range needs {
		out[i] = figures.Need{Items: n.Items, Require: n.Require}
	}
	return out
}

func (g graphForAvailability) Dependents(item string) []string { return g.graph.Dependents(item) }

func (g graphForAvailability) Services(ctx context.Context) ([]string, error) {
	return g.graph.Facing(ctx)
}

func (g graphForAvailability) Items(ctx context.Context, ids []string) (map[string]availability.Item, error) {
	facts, err := g.graph.Facts(ctx, ids)
	if err != nil {
		return nil, err
	}
	out := make(map[string]availability.Item, len(facts))
	for id, f := range facts {
		out[id] = availability.Item{ID: f.ID, Name: f.Name, Class: f.Class, Team: f.Team}
	}
	return out, nil
}

// checksForAvailability is monitoring as availability asks it; it is made first.
type checksForAvailability struct{ *monitor.Component }

func (c checksForAvailability) Measured(ctx context.Context) ([]availability.Measured, error) {
	list, err := c.Confirmed(ctx)
	out := make([]availability.Measured, 0, len(list))
	for _, m := range list {
		out = append(out, availability.Measured{Target: m.Target, Item: m.Item, State: availability.StateOf(string(m.Status)), Since: m.Since})
	}
	return out, err
}

// needsOf gives the items that one needs directly.
func needsOf(g *graph.Component) func(string) []string { return g.Dependencies }
