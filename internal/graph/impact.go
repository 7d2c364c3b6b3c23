package graph

import (
	"context"

	"mainstay/internal/graph/index"
)

// Affected is an item that a failure reaches.
type Affected struct {
	ItemRef
	Team        string `json:"team,omitempty"`
	Criticality string `json:"criticality,omitempty"`
	Distance    int    `json:"distance" doc:"Relations between it and the nearest failed item"`
	Via         string `json:"via" doc:"Id of the item the failure comes through"`
	Degraded    bool   `json:"degraded,omitempty" doc:"It lost redundancy but still has what it needs"`
}

// Impact is what a failure reaches.
type Impact struct {
	// Services are the reached items that the business sees, the most critical first.
	Services []Affected `json:"services"`
	// Items are all reached items, nearest first.
	Items []Affected `json:"items"`
	// Total counts the reached items, also those beyond the limit.
	Total int `json:"total"`
}

// maxImpact bounds how far a failure is followed.
const maxImpact = 200_000

// maxServices bounds how many services are named.
const maxServices = 500

// Impact returns what the failure of items reaches; at most limit items are
// named, services always.
func (c *Component) Impact(ctx context.Context, ids []string, limit int) (Impact, error) {
	reached := c.index.Impact(c.living(ids), maxImpact)
	out := Impact{Services: []Affected{}, Items: []Affected{}, Total: len(reached)}
	var services []index.Affected
	for level := 4; level >= 0; level-- {
		for _, a := range reached {
			if a.BusinessFacing && int(a.Criticality) == level && len(services) < maxServices {
				services = append(services, a)
			}
		}
	}
	var err error
	if out.Services, err = c.name(ctx, services); err != nil {
		return out, err
	}
	out.Items, err = c.name(ctx, reached[:min(limit, len(reached))])
	return out, err
}

// living replaces the ids of merged items by those of the items they are now.
func (c *Component) living(ids []string) []string {
	living := make([]string, len(ids))
	for n, id := range ids {
		living[n] = c.resolver.survivor(id)
	}
	return living
}

// name gives reached items their names.
func (c *Component) name(ctx context.Context, reached []index.Affected) ([]Affected, error) {
	ids := make([]string, len(reached))
	for n, a := range reached {
		ids[n] = a.ID
	}
	found, err := records(ctx, c.db, ids)
	if err != nil {
		return nil, err
	}
	out := make([]Affected, 0, len(reached))
	for _, a := range reached {
		if r := found[a.ID]; r != nil {
			out = append(out, Affected{ItemRef: r.ref(), Team: r.team, Criticality: criticalityNames[r.criticality], Distance: a.Distance, Via: a.Via, Degraded: a.Degraded})
		}
	}
	return out, nil
}

// Dependencies returns the ids of the items that an item needs directly.
func (c *Component) Dependencies(id string) []string {
	return c.index.Dependencies(c.resolver.survivor(id))
}

// Dependents returns the ids of the items that need an item directly.
func (c *Component) Dependents(id string) []string {
	return c.index.Dependents(c.resolver.survivor(id))
}

// DependencyPath returns the shortest chain from an item to one it needs, both
// ends included; nil when there is none of at most maxHops hops.
func (c *Component) DependencyPath(from, to string, maxHops int) []string {
	return c.index.DependencyPath(c.resolver.survivor(from), c.resolver.survivor(to), maxHops)
}
