package wire

import (
	"context"

	"mainstay/internal/core"
	"mainstay/internal/graph"
	"mainstay/internal/monitor/dashboard"
)

// graphForDashboards finds the items that dashboards are about.
type graphForDashboards struct{ graph *graph.Component }

func (g graphForDashboards) Item(ctx context.Context, id string) (dashboard.Item, error) {
	facts, err := g.graph.Facts(ctx, []string{id})
	if err != nil {
		return dashboard.Item{}, err
	}
	f, ok := facts[id]
	if !ok {
		return dashboard.Item{}, core.NotFound("item", id)
	}
	item := dashboard.Item{ID: f.ID, Name: f.Name, Class: f.Class, Team: f.Team, Parent: f.Identities["parent"], Classes: []string{f.Class}}
	if class, ok := g.graph.Catalogue().Class(f.Class); ok {
		item.Classes = class.Ancestors
	}
	return item, nil
}

func (g graphForDashboards) Select(ctx context.Context, selector string) ([]string, error) {
	return g.graph.Select(ctx, selector)
}
