package events

import (
	"context"
	"slices"
	"sync"
)

// placer remembers where items belong. What it remembers may be older than the
// graph by as long as the sweep takes to come around: asking for thousands of
// items must not wait for the graph each time.
type placer struct {
	deps Places

	mu    sync.Mutex
	known map[string]Place
	stale bool
}

// placesMost bounds what is remembered.
const placesMost = 200_000

func newPlacer(deps Places) *placer { return &placer{deps: deps, known: map[string]Place{}} }

// values are the groups an item belongs to by what the graph tells; one
// without a name when there is none.
func (p Place) values(by string) []Service {
	switch by {
	case "service":
		if len(p.Services) > 0 {
			return p.Services
		}
	case "site":
		return []Service{{ID: p.Site}}
	case "class":
		return []Service{{ID: p.Class, Name: p.ClassLabel}}
	}
	return []Service{{}}
}

// places returns where items belong.
func (p *placer) places(ctx context.Context, items []string) (map[string]Place, error) {
	out := make(map[string]Place, len(items))
	var missing []string
	p.mu.Lock()
	for _, item := range items {
		if place, ok := p.known[item]; ok {
			out[item] = place
		} else if item != "" {
			missing = append(missing, item)
		}
	}
	p.mu.Unlock()
	if len(missing) == 0 {
		return out, nil
	}
	slices.Sort(missing)
	missing = slices.Compact(missing)
	found, err := p.deps.Places(ctx, missing)
	if err != nil {
		return nil, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.known)+len(missing) > placesMost {
		clear(p.known)
	}
	for _, item := range missing {
		out[item] = found[item]
		p.known[item] = found[item]
	}
	return out, nil
}

// members lists those of the items that are in a group.
func (p *placer) members(ctx context.Context, items []string, g Grouped) ([]string, error) {
	places, err := p.places(ctx, items)
	members := []string{}
	for _, item := range items {
		if slices.ContainsFunc(places[item].values(g.By), func(s Service) bool { return s.ID == g.Value }) {
			members = append(members, item)
		}
	}
	return members, err
}

// forget says that the graph changed.
func (p *placer) forget() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.stale = true
}

// refresh looks anew where the items belong, when the graph changed.
func (p *placer) refresh(ctx context.Context, items []string) error {
	p.mu.Lock()
	stale := p.stale
	p.stale = false
	p.mu.Unlock()
	if !stale {
		return nil
	}
	found, err := p.deps.Places(ctx, items)
	if err != nil {
		p.forget()
		return err
	}
	fresh := make(map[string]Place, len(items))
	for _, item := range items {
		fresh[item] = found[item]
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.known = fresh
	return nil
}
