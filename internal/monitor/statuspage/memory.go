package statuspage

import (
	"context"
	"encoding/json"
	"maps"
	"sync"
	"time"
)

// foundFor is how long the items of a component, and its history, are used
// before they are looked up again: both are dear, and neither moves fast.
const foundFor = time.Minute

// found is what was looked up for a component.
type found struct {
	items  []string
	days   []ShownDay
	uptime *float64
	at     time.Time
}

// memory keeps what was found, by what was declared.
type memory struct {
	mu  sync.Mutex
	all map[string]found
}

func (m *memory) of(ctx context.Context, c *Component, spec *Spec, part Part) (found, error) {
	key, err := json.Marshal([]any{part, spec.TimeZone, spec.NoHistory})
	if err != nil {
		return found{}, err
	}
	now := c.deps.Clock.Now()
	m.mu.Lock()
	f, ok := m.all[string(key)]
	m.mu.Unlock()
	if ok && now.Sub(f.at) < foundFor {
		return f, nil
	}
	f = found{at: now}
	if f.items, err = c.itemsOf(ctx, part); err != nil {
		return f, err
	}
	if !spec.NoHistory && len(f.items) > 0 {
		zone, err := spec.zone()
		if err != nil {
			return f, err
		}
		if f.days, f.uptime, err = c.history(ctx, f.items, zone, now); err != nil {
			return f, err
		}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.all == nil {
		m.all = map[string]found{}
	}
	m.all[string(key)] = f
	return f, nil
}

// forget drops what is too old.
func (m *memory) forget(now time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	maps.DeleteFunc(m.all, func(_ string, f found) bool { return now.Sub(f.at) >= foundFor })
}
