package wire

import (
	"context"

	"mainstay/internal/events/health"
)

// buildHealth makes what tells how services and sites stand.
func (s *System) buildHealth() (err error) {
	s.health, err = health.New(s.cfg.Health, health.Dependencies{DB: s.db, Ledger: s.ledger, Graph: graphForHealth{graphForMonitor{s.graph, s.agents}},
		Alerts: s.events, Checks: s.monitor, Maintenance: s.monitor, Clock: s.clock, IDs: s.ids, Log: s.log})
	return err
}

// graphForHealth is the graph as service health asks it.
type graphForHealth struct{ graphForMonitor }

func (g graphForHealth) Needs(item string) []health.Need {
	needs := g.graph.Needs(item)
	out := make([]health.Need, len(needs))
	for i, n := range needs {
		out[i] = health.Need{Items: n.Items, Require: n.Require}
	}
	return out
}

func (g graphForHealth) Services(ctx context.Context) ([]string, error) { return g.graph.Facing(ctx) }

func (g graphForHealth) Sites(ctx context.Context) ([]health.Site, error) {
	list, err := g.graph.Sites(ctx)
	out := make([]health.Site, len(list))
	for i, s := range list {
		out[i] = health.Site(s)
	}
	return out, err
}

func (g graphForHealth) Items(ctx context.Context, ids []string) (map[string]health.Item, error) {
	facts, err := g.graph.Facts(ctx, ids)
	if err != nil {
		return nil, err
	}
	catalogue := g.graph.Catalogue()
	out := make(map[string]health.Item, len(facts))
	for id, f := range facts {
		item := health.Item{ID: f.ID, Name: f.Name, Class: f.Class, Label: f.Class, Ancestors: []string{f.Class}, Team: f.Team}
		item.Criticality, _ = f.Attributes["criticality"].(string)
		if class, ok := catalogue.Class(f.Class); ok {
			item.Label, item.Ancestors = class.Label, class.Ancestors
		}
		out[id] = item
	}
	return out, nil
}
