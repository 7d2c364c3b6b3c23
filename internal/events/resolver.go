package events

import (
	"context"
	"log/slog"
	"strings"
	"sync"
	"time"

	"mainstay/internal/core"
)

const (
	resolvedFor   = time.Minute     // a found item is asked for again after this
	unresolvedFor = 5 * time.Second // and one that was not found
	resolvedMost  = 100_000
)

// resolver remembers which item identities name, so that a storm of events
// asks the graph once per sender and minute.
type resolver struct {
	items Items
	clock core.Clock
	log   *slog.Logger

	mu    sync.Mutex
	known map[string]resolution
}

type resolution struct {
	item  string
	until time.Time
}

func newResolver(deps Dependencies) *resolver {
	return &resolver{items: deps.Items, clock: deps.Clock, log: deps.Log, known: map[string]resolution{}}
}

// find returns the item, or "" while none is known: the alert is then bound later.
func (r *resolver) find(ctx context.Context, identities []core.Identity) string {
	key := identityKey(identities)
	now := r.clock.Now()
	r.mu.Lock()
	known, ok := r.known[key]
	r.mu.Unlock()
	if ok && now.Before(known.until) {
		return known.item
	}
	item, err := r.items.Resolve(ctx, identities)
	if err != nil && core.CodeOf(err) != core.CodeNotFound {
		r.log.Warn("an event's item could not be looked up; its alert is bound later", "error", err)
	}
	keep := resolvedFor
	if item == "" {
		keep = unresolvedFor
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.known) >= resolvedMost {
		clear(r.known)
	}
	r.known[key] = resolution{item, now.Add(keep)}
	return item
}

// forget makes the next find ask the graph: something changed there.
func (r *resolver) forget() {
	r.mu.Lock()
	defer r.mu.Unlock()
	clear(r.known)
}

func identityKey(identities []core.Identity) string {
	var b strings.Builder
	for _, id := range identities {
		b.WriteString(id.Class)
		b.WriteByte(0)
		b.WriteString(id.Kind)
		b.WriteByte(0)
		b.WriteString(id.Value)
		b.WriteByte(0)
	}
	return b.String()
}
