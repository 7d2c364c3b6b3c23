package events

import (
	"sync"
	"time"
)

const (
	impactedFor  = time.Second
	impactedMost = 100_000
)

// impacted remembers for a moment which items are reached by faults, so that
// a map of thousands of items asks the graph once.
type impacted struct {
	c     *Component
	mu    sync.Mutex
	until time.Time
	items map[string]bool
}

func (i *impacted) set() map[string]bool {
	i.mu.Lock()
	defer i.mu.Unlock()
	now := i.c.deps.Clock.Now()
	if i.items != nil && now.Before(i.until) {
		return i.items
	}
	i.items = map[string]bool{}
	if failing := i.c.view.failing(); len(failing) > 0 {
		for _, item := range i.c.deps.Impact.Affected(failing, impactedMost) {
			i.items[item] = true
		}
	}
	i.until = now.Add(impactedFor)
	return i.items
}

// Health tells how each of the items is, in their order. It answers from memory.
func (c *Component) Health(items []string) []Health {
	reached := c.impacted.set()
	out := make([]Health, 0, len(items))
	for _, item := range items {
		h := c.view.of(item)
		h.Impacted = reached[item]
		out = append(out, h)
	}
	return out
}

// Unhealthy lists the items with an active alert.
func (c *Component) Unhealthy() []string {
	return c.view.items()
}
