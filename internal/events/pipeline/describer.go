package pipeline

import (
	"context"
	"sync"
	"time"

	"mainstay/internal/core"
)

const (
	describedFor  = 30 * time.Second
	describedMost = 50_000
)

// describer remembers for a moment what the graph knows of items.
type describer struct {
	items Items
	clock core.Clock
	known *described
}

type described struct {
	mu   sync.Mutex
	byID map[string]description
}

type description struct {
	facts map[string]any
	until time.Time
}

func newDescriber(items Items, clock core.Clock) describer {
	return describer{items: items, clock: clock, known: &described{byID: map[string]description{}}}
}

func (d describer) describe(item string) map[string]any {
	if d.items == nil {
		return nil
	}
	now := d.clock.Now()
	d.known.mu.Lock()
	one, ok := d.known.byID[item]
	d.known.mu.Unlock()
	if ok && now.Before(one.until) {
		return one.facts
	}
	facts := d.items.Describe(context.Background(), item)
	d.known.mu.Lock()
	defer d.known.mu.Unlock()
	if len(d.known.byID) >= describedMost {
		clear(d.known.byID)
	}
	d.known.byID[item] = description{facts, now.Add(describedFor)}
	return facts
}
