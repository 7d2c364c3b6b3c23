package wire

import (
	"context"
	"time"

	"mainstay/internal/events/pipeline"
	"mainstay/internal/graph"
)

// graphForPipeline is the graph as event rules ask it.
type graphForPipeline struct{ graph *graph.Component }

func (g graphForPipeline) Describe(ctx context.Context, item string) map[string]any {
	facts, err := g.graph.Facts(ctx, []string{item})
	f, known := facts[item]
	if err != nil || !known {
		return nil
	}
	out := map[string]any{"id": f.ID, "name": f.Name, "class": f.Class, "team": f.Team, "state": f.State, "attributes": f.Attributes}
	for _, name := range []string{"owner", "site"} {
		if text, ok := f.Attributes[name].(string); ok {
			out[name] = text
		}
	}
	if out["site"] == nil {
		if site, err := (graphForForesight{g.graph}).site(ctx, f.ID); err == nil && site != "" {
			out["site"] = site
		}
	}
	if out["owner"] == nil {
		if owner := g.owner(ctx, f.ID); owner != "" {
			out["owner"] = owner
		}
	}
	names := []string{}
	if services, err := g.graph.Services(ctx, []string{f.ID}); err == nil {
		for _, s := range services {
			names = append(names, s.Name)
		}
	}
	out["services"] = names
	if len(names) > 0 {
		out["service"] = names[0]
	}
	return out
}

func (g graphForPipeline) owner(ctx context.Context, item string) string {
	relations, err := g.graph.Relations(ctx, item, time.Time{})
	if err != nil {
		return ""
	}
	for _, r := range relations {
		if r.Type == "owned_by" && r.Direction == "out" {
			return r.Item.Name
		}
	}
	return ""
}

// buildPipeline makes what events pass before they act; events are made after it.
func (s *System) buildPipeline() (err error) {
	s.pipeline, err = pipeline.New(s.cfg.EventRules, pipeline.Dependencies{DB: s.db, Ledger: s.ledger, Clock: s.clock, IDs: s.ids, Log: s.log,
		Items: graphForPipeline{s.graph}, Events: func() pipeline.Events { return s.events }})
	return err
}
