package graph

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"sync"

	"mainstay/internal/graph/index"
)

// Facts is what other parts of Mainstay may want to know of an item.
type Facts struct {
	ID         string
	Class      string
	Name       string
	State      string
	Team       string
	Attributes map[string]any
	Identities map[string]string // the first value of each kind of identifier
}

// factsKept bounds how many items' facts are kept in memory.
const factsKept = 20_000

// memory keeps facts that were asked for, as long as the graph stands still.
type memory struct {
	mu      sync.Mutex
	version int64
	facts   map[string]Facts
}

// Facts describes living and gone items by their ids; those it does not know
// are left out. The id of a merged item gives the survivor's facts.
func (c *Component) Facts(ctx context.Context, ids []string) (map[string]Facts, error) {
	version := c.seenVersion()
	out := make(map[string]Facts, len(ids))
	var missing []string
	c.known.mu.Lock()
	if c.known.version != version || len(c.known.facts) > factsKept {
		c.known.version, c.known.facts = version, map[string]Facts{}
	}
	for _, id := range ids {
		if f, ok := c.known.facts[id]; ok {
			out[id] = f
		} else if id != "" {
			missing = append(missing, id)
		}
	}
	c.known.mu.Unlock()
	if len(missing) == 0 {
		return out, nil
	}
	survivors := make([]string, len(missing))
	for i, id := range missing {
		survivors[i] = c.resolver.survivor(id)
	}
	found, err := c.readFacts(ctx, survivors)
	if err != nil {
		return nil, err
	}
	c.known.mu.Lock()
	defer c.known.mu.Unlock()
	for i, id := range missing {
		f, ok := found[survivors[i]]
		if !ok {
			continue
		}
		out[id] = f
		if c.known.version == version {
			c.known.facts[id] = f
		}
	}
	return out, nil
}

func (c *Component) seenVersion() int64 {
	c.following.Lock()
	defer c.following.Unlock()
	return c.version
}

func (c *Component) readFacts(ctx context.Context, ids []string) (map[string]Facts, error) {
	found, err := records(ctx, c.db, slices.Compact(slices.Sorted(slices.Values(ids))))
	if err != nil {
		return nil, err
	}
	out := make(map[string]Facts, len(found))
	for id, r := range found {
		f := Facts{ID: id, Class: r.class, Name: r.name, State: r.state, Team: r.team, Attributes: map[string]any{}, Identities: map[string]string{}}
		for name, value := range r.values {
			var v any
			if err := json.Unmarshal(value, &v); err != nil {
				return nil, err
			}
			f.Attributes[name] = v
		}
		out[id] = f
	}
	named, err := identitiesOf(ctx, c.db, slices.Sorted(maps.Keys(out)))
	if err != nil {
		return nil, err
	}
	for id, known := range named {
		for kind, values := range known {
			out[id].Identities[kind] = values[0]
		}
	}
	return out, nil
}

// Service is an item that people notice when it fails.
type Service struct {
	ID, Name, Class string
	Criticality     int // 0 unknown, 1 low ... 4 critical
}

// servicesReached bounds how far a fault is followed for the services it reaches.
const servicesReached = 20_000

// Services returns the business-facing items that the failure of items
// reaches, and those among the items themselves, nearest first.
func (c *Component) Services(ctx context.Context, items []string) ([]Service, error) {
	items = c.living(items)
	reached := map[string]int{}
	var order []string
	add := func(id string, criticality uint8) {
		if _, ok := reached[id]; !ok {
			reached[id] = int(criticality)
			order = append(order, id)
		}
	}
	for _, a := range c.index.Describe(items) {
		if a.BusinessFacing {
			add(a.ID, a.Criticality)
		}
	}
	for _, a := range c.index.Impact(items, servicesReached) {
		if a.BusinessFacing && !a.Degraded {
			add(a.ID, a.Criticality)
		}
	}
	facts, err := c.Facts(ctx, order)
	if err != nil {
		return nil, err
	}
	out := make([]Service, 0, len(order))
	for _, id := range order {
		out = append(out, Service{ID: id, Name: facts[id].Name, Class: facts[id].Class, Criticality: reached[id]})
	}
	return out, nil
}

// Needs returns what an item needs directly, from memory.
func (c *Component) Needs(item string) []index.Need { return c.index.Needs(item) }
