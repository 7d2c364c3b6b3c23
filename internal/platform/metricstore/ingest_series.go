package metricstore

import (
	"context"
	"sync"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/storage"
)

// How long what was found of a series holds: its item may become known, or be
// merged into another.
const (
	boundLasts   = 10 * time.Minute
	unboundLasts = 30 * time.Second
)

// entry is what is known of the series that received labels mean.
type entry struct {
	bound labels.Labels // with the item
	ref   storage.SeriesRef
	at    time.Time // when the item was asked for
}

func (e entry) lasts() time.Duration {
	if e.bound.Has(itemLabel) {
		return boundLasts
	}
	return unboundLasts
}

// seriesCache remembers received series, so that the item of each is asked for
// once in a while rather than with each sample, and the engine need not look
// the series up. References the engine has dropped are harmless: it then goes
// by the labels.
type seriesCache struct {
	binder Binder

	mu    sync.RWMutex
	known map[labels.Labels]entry
}

func (c *seriesCache) get(ls labels.Labels) (entry, bool) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	e, ok := c.known[ls]
	return e, ok
}

func (c *seriesCache) put(ls labels.Labels, e entry) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.known == nil || len(c.known) >= maxRefs {
		c.known = map[labels.Labels]entry{}
	}
	if labels.Equal(ls, e.bound) {
		ls = e.bound // one copy of the text
	}
	c.known[ls] = e
}

func (c *seriesCache) reset() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.known = nil
}

// bind adds the item to a series that does not name one.
func (c *seriesCache) bind(ctx context.Context, ls labels.Labels) labels.Labels {
	if c.binder == nil || ls.Has(itemLabel) {
		return ls
	}
	item := c.binder.Bind(ctx, ls.Get)
	if item == "" {
		return ls
	}
	b := labels.NewBuilder(ls)
	b.Set(itemLabel, item)
	return b.Labels()
}
