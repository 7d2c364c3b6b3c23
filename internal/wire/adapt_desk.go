package wire

import (
	"context"

	"mainstay/internal/core"
	"mainstay/internal/desk"
	"mainstay/internal/graph"
	"mainstay/internal/platform/identity"
)

// graphForDesk tells the desk what an incident reaches.
type graphForDesk struct{ graph *graph.Component }

func (g graphForDesk) Services(ctx context.Context, items []string) ([]desk.Service, error) {
	reached, err := g.graph.Services(ctx, items)
	if err != nil {
		return nil, err
	}
	out := make([]desk.Service, len(reached))
	for i, s := range reached {
		out[i] = desk.Service{ID: s.ID, Name: s.Name, Criticality: level(s.Criticality)}
	}
	return out, nil
}

// level maps the graph's criticality (0 unknown, 1 low ... 4 critical).
func level(criticality int) desk.Level {
	switch {
	case criticality >= 3:
		return desk.High
	case criticality == 2:
		return desk.Medium
	case criticality == 1:
		return desk.Low
	}
	return ""
}

func (g graphForDesk) Facts(ctx context.Context, items []string) ([]desk.Facts, error) {
	facts, err := g.graph.Facts(ctx, items)
	if err != nil {
		return nil, err
	}
	out := make([]desk.Facts, 0, len(facts))
	for _, id := range items {
		if f, ok := facts[id]; ok {
			out = append(out, desk.Facts{ID: f.ID, Name: f.Name, Class: f.Class, Team: f.Team, Attributes: f.Attributes})
		}
	}
	return out, nil
}

// directory knows the teams and people of the installation.
type directory struct{ auth *identity.Component }

func (d directory) Team(ctx context.Context, idOrName string) (desk.Entity, bool, error) {
	teams, err := d.auth.Teams(ctx)
	if err != nil {
		return desk.Entity{}, false, err
	}
	for id, name := range teams {
		if id == idOrName || name == idOrName {
			return desk.Entity{ID: id, Name: name}, true, nil
		}
	}
	return desk.Entity{}, false, nil
}

func (d directory) User(ctx context.Context, id string) (desk.Entity, bool, error) {
	u, err := d.auth.User(ctx, id)
	if core.CodeOf(err) == core.CodeNotFound {
		return desk.Entity{}, false, nil
	}
	return desk.Entity{ID: u.ID, Name: u.Name}, err == nil, err
}
