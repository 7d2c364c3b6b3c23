package events

import (
	"sync"

	"mainstay/internal/core"
)

// Standing is how an item stands by its own active alerts.
type Standing struct {
	Severity core.Severity // the worst that is open, acknowledged or snoozed; clear when none
	Planned  bool          // maintenance holds alerts of it back
	Alerts   int           // those that Severity is the worst of
}

// Standings tells how items stand; those without an active alert are left out.
// All items with one when items is nil. It answers from memory.
func (c *Component) Standings(items []string) map[string]Standing {
	v := c.view
	v.mu.RLock()
	defer v.mu.RUnlock()
	out := map[string]Standing{}
	of := func(item string, ids map[string]bool) {
		var s Standing
		for id := range ids {
			switch a := v.alerts[id]; a.suppressed.By {
			case "", bySnooze: // a snooze changes who is told, not what is wrong
				s.Severity = max(s.Severity, a.severity)
				s.Alerts++
			case "maintenance":
				s.Planned = true
			}
		}
		out[item] = s
	}
	if items == nil {
		for item, ids := range v.byItem {
			of(item, ids)
		}
		return out
	}
	for _, item := range items {
		if ids := v.byItem[item]; len(ids) > 0 {
			of(item, ids)
		}
	}
	return out
}

// standingListeners are told which items may stand otherwise.
type standingListeners struct {
	mu  sync.Mutex
	fns []func(items []string)
}

// OnStanding has fn called, briefly, with items whose alerts changed. Call it before Start.
func (c *Component) OnStanding(fn func(items []string)) {
	c.standing.mu.Lock()
	defer c.standing.mu.Unlock()
	c.standing.fns = append(c.standing.fns, fn)
}

func (l *standingListeners) tell(alerts []*Alert) {
	l.mu.Lock()
	fns := l.fns
	l.mu.Unlock()
	if len(fns) == 0 {
		return
	}
	items := make([]string, 0, len(alerts))
	for _, a := range alerts {
		if a.Item != "" {
			items = append(items, a.Item)
		}
	}
	for _, fn := range fns {
		fn(items)
	}
}
