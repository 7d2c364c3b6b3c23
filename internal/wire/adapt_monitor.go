package wire

import (
	"context"
	"fmt"
	"net"

	"mainstay/internal/core"
	"mainstay/internal/graph"
	"mainstay/internal/monitor"
	"mainstay/internal/monitor/scraping"
	"mainstay/internal/platform/agents"
	"mainstay/internal/platform/secrets"
)

// graphForMonitor finds the items that checks watch.
type graphForMonitor struct {
	graph  *graph.Component
	agents *agents.Component
}

func (g graphForMonitor) ItemOf(ctx context.Context, identities []core.Identity) (string, error) {
	id, err := g.graph.Resolve(ctx, identities)
	if err == nil && id == "" {
		err = core.Errorf(core.CodeNotFound, "no item of the graph has these identities yet")
	}
	return id, err
}

func (g graphForMonitor) Item(ctx context.Context, id string) (monitor.Item, error) {
	facts, err := g.graph.Facts(ctx, []string{id})
	if err != nil {
		return monitor.Item{}, err
	}
	f, ok := facts[id]
	if !ok {
		return monitor.Item{}, core.NotFound("item", id)
	}
	item := monitor.Item{ID: f.ID, Name: f.Name, Class: f.Class, Team: f.Team, Attributes: map[string]string{}}
	for name, value := range f.Attributes {
		item.Attributes[name] = fmt.Sprint(value)
	}
	for _, kind := range []string{"fqdn", "ip", "hostname"} {
		if value := f.Identities[kind]; value != "" && item.Address == "" {
			item.Address = value
		}
	}
	agent, err := agentOf(ctx, g.graph, g.agents, id)
	if err != nil && core.CodeOf(err) != core.CodeNotFound {
		return monitor.Item{}, err
	}
	item.Agent = agent
	return item, nil
}

func (g graphForMonitor) Select(ctx context.Context, selector string) ([]string, error) {
	return g.graph.Select(ctx, selector)
}

// placesForMonitor finds the agents that checks name as locations.
type placesForMonitor struct{ agents *agents.Component }

func (p placesForMonitor) Place(ctx context.Context, idOrName string) (id, name string, err error) {
	a, err := p.agents.Find(ctx, idOrName)
	return a.ID, a.Name, err
}

// hostHops is how many steps down, from an application to the host it runs on,
// an agent is looked for.
const hostHops = 4

// agentOf returns the agent on the host that an item is, or runs on.
func agentOf(ctx context.Context, g *graph.Component, registry *agents.Component, item string) (string, error) {
	near := []string{item}
	seen := map[string]bool{item: true}
	for range hostHops + 1 {
		var next []string
		for _, id := range near {
			if a, err := registry.OfItem(ctx, id); err == nil {
				return a.ID, nil
			} else if core.CodeOf(err) != core.CodeNotFound {
				return "", err
			}
			for _, needed := range g.Index().Dependencies(id) {
				if !seen[needed] {
					seen[needed] = true
					next = append(next, needed)
				}
			}
		}
		near = next
	}
	return "", core.Errorf(core.CodeNotFound, "no agent runs on the item or on what it runs on")
}

// itemsForRules finds the item that the labels of an alert are about: as the
// metric store does for series, and by the labels that aggregations leave.
type itemsForRules struct{ series itemsForMetrics }

// Bind implements monitor.Binder.
func (b itemsForRules) Bind(ctx context.Context, label func(name string) string) string {
	if id := b.series.Bind(ctx, label); id != "" {
		return id
	}
	g := b.series.graph()
	if g == nil {
		return ""
	}
	var known []core.Identity
	// Where exporters and rules of the field name a host.
	for _, name := range []string{"host", "hostname", "host_name", "nodename", "node", "exported_instance", "exported_host", "server"} {
		if host := label(name); host != "" {
			known = append(known, core.Identity{Kind: "endpoint", Value: host}, hostIdentity(hostOf(host)))
		}
	}
	for _, identity := range known {
		if id, err := g.Resolve(ctx, []core.Identity{identity}); err == nil && id != "" {
			return id
		}
	}
	return ""
}

// hostOf is an address without its port.
func hostOf(address string) string {
	if host, _, err := net.SplitHostPort(address); err == nil {
		return host
	}
	return address
}

// secretsForMonitor reveals what checks sign in with.
type secretsForMonitor struct{ secrets *secrets.Component }

func (s secretsForMonitor) Reveal(ctx context.Context, reference string, check core.Ref, team string) (string, error) {
	return s.secrets.Resolve(ctx, reference, secrets.Use{By: check, Team: team})
}

// graphForScraping offers items as targets.
type graphForScraping struct{ graph *graph.Component }

func (g graphForScraping) Selected(ctx context.Context, selector string) ([]scraping.Item, error) {
	ids, err := g.graph.Select(ctx, selector)
	if err != nil {
		return nil, err
	}
	facts, err := g.graph.Facts(ctx, ids)
	if err != nil {
		return nil, err
	}
	out := make([]scraping.Item, 0, len(ids))
	for _, id := range ids {
		f, ok := facts[id]
		if !ok {
			continue
		}
		item := scraping.Item{ID: f.ID, Name: f.Name, Class: f.Class, Team: f.Team, Identities: f.Identities, Attributes: make(map[string]string, len(f.Attributes))}
		for name, value := range f.Attributes {
			item.Attributes[name] = fmt.Sprint(value)
		}
		out = append(out, item)
	}
	return out, nil
}
