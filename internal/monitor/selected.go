package monitor

import (
	"context"
	"sync"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/monitor/rules"
)

const (
	// itemsFor is how long an answer of the graph to a rule's selector counts.
	itemsFor = time.Minute
	// maxItemSets bounds the answers that are kept.
	maxItemSets = 256
)

// selected keeps which items the selectors of rules match.
type selected struct {
	mu    sync.Mutex
	known map[string]*selection
}

// selection is one selector's answer; mu is held while the graph is asked, so
// that rules that ask for the same ask once.
type selection struct {
	mu  sync.Mutex
	at  time.Time
	ids map[string]bool
}

func (s *selected) of(selector string) *selection {
	s.mu.Lock()
	defer s.mu.Unlock()
	one := s.known[selector]
	if one == nil {
		if s.known == nil || len(s.known) >= maxItemSets {
			s.known = map[string]*selection{}
		}
		one = &selection{}
		s.known[selector] = one
	}
	return one
}

// itemsOf tells the items that a rule's selector matches, as of a minute ago at most.
func (c *Component) itemsOf(ctx context.Context, selector string) (rules.Holds, error) {
	one := c.items.of(selector)
	one.mu.Lock()
	defer one.mu.Unlock()
	if now := c.deps.Clock.Now(); one.ids == nil || now.Sub(one.at) >= itemsFor || now.Before(one.at) {
		ids, err := c.deps.Items.Select(ctx, selector)
		if err != nil {
			return nil, err
		}
		one.at, one.ids = now, make(map[string]bool, len(ids))
		for _, id := range ids {
			one.ids[id] = true
		}
	}
	ids := one.ids
	return func(ctx context.Context, label func(string) string) bool {
		id := label("item")
		if id == "" && c.deps.Binder != nil {
			id = c.deps.Binder.Bind(ctx, label)
		}
		return ids[id]
	}, nil
}

// selects asks the graph whether it can read a rule's selector.
func (c *Component) selects(ctx context.Context, selector string) error {
	if selector == "" {
		return nil
	}
	if _, err := c.deps.Items.Select(ctx, selector); core.CodeOf(err) == core.CodeInvalid {
		return core.Invalid("spec.items", ruleOf(err))
	}
	return nil
}
