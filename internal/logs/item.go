package logs

import (
	"context"
	"strings"
	"sync"
	"time"

	"mainstay/internal/core"
)

// itemAttribute names the item outright; Mainstay's agents set it.
const itemAttribute = "mainstay.item"

// memory keeps the items of resources for a while, so that the graph is not
// asked for every request. When it is full it forgets everything.
type memory struct {
	mu    sync.Mutex
	known map[string]remembered
}

type remembered struct {
	item  string
	until time.Time
}

// ItemOf finds the item of a resource for receivers of other protocols.
func (c *Component) ItemOf(ctx context.Context, attributes map[string]string) string {
	return c.itemOf(ctx, attributes)
}

// itemOf finds the item of a resource: the one it names, or that of its host.
// Where the graph knows none, or does not answer, the record has none.
func (c *Component) itemOf(ctx context.Context, attributes map[string]string) string {
	if item := attributes[itemAttribute]; core.ValidID(item) {
		return item
	}
	identities := identitiesOf(attributes)
	if len(identities) == 0 {
		return ""
	}
	var key strings.Builder
	for _, id := range identities {
		key.WriteString(id.Kind + "\x00" + id.Value + "\x00")
	}
	now := c.deps.Clock.Now()
	c.items.mu.Lock()
	found, ok := c.items.known[key.String()]
	c.items.mu.Unlock()
	if ok && now.Before(found.until) {
		return found.item
	}
	item, err := c.deps.Items.Resolve(ctx, identities)
	if err != nil {
		if core.CodeOf(err) != core.CodeNotFound {
			c.deps.Log.Debug("graph does not find the item of a log resource", "identities", identities, "error", err)
		}
		item = found.item
	}
	c.items.mu.Lock()
	defer c.items.mu.Unlock()
	if c.items.known == nil || len(c.items.known) >= c.cfg.Resources {
		c.items.known = map[string]remembered{}
	}
	c.items.known[key.String()] = remembered{item, now.Add(c.cfg.Remember)}
	return item
}

// identitiesOf reads the host of a resource (OpenTelemetry semantic
// conventions, host resource).
func identitiesOf(attributes map[string]string) []core.Identity {
	var out []core.Identity
	add := func(kind, value string) {
		if value != "" {
			out = append(out, core.Identity{Kind: kind, Value: value})
		}
	}
	if id := attributes["host.id"]; core.ValidID(id) {
		add("id", id)
	} else {
		add("machine_id", id)
	}
	if name := attributes["host.name"]; strings.Contains(name, ".") {
		add("fqdn", name)
	} else {
		add("hostname", name)
		add("name", name)
	}
	add("ip", attributes["host.ip"])
	return out
}
