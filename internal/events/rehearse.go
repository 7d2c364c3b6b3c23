package events

import (
	"maps"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/events/pipeline/rulebook"
	"mainstay/internal/events/routing"
)

// rehearsal shows the conditions of a replay to routing as receivers would see them.
type rehearsal struct {
	routing *routing.Rehearsal
	last    map[string]*described // by key
}

// described is the labels of an alert, worked out again only when it changes.
type described struct {
	from        core.Event
	labels      map[string]string
	fingerprint string
}

// Rehearse begins to count what routing as it is now would send; nil when
// nothing is routed.
func (c *Component) Rehearse() rulebook.Rehearsal {
	plan := c.router.Plan()
	if plan == nil {
		return nil
	}
	return &rehearsal{plan.Rehearse(c.mirror.ruling()), map[string]*described{}}
}

func (r *rehearsal) Hear(c rulebook.Condition) {
	e := c.Event.Event
	d := r.last[e.Key]
	if d == nil || d.from.Severity != e.Severity || d.from.Title != e.Title || d.from.Item != e.Item || d.from.Source != e.Source || !maps.Equal(d.from.Labels, e.Labels) {
		set := labelsShown(e)
		d = &described{e, set, fingerprint(set)}
		r.last[e.Key] = d
	}
	if c.Over {
		delete(r.last, e.Key)
	}
	onset := c.Event.Onset
	if onset.IsZero() {
		onset = c.Opened
	}
	r.routing.Put(&routing.Alert{Key: e.Key, Labels: d.labels, Fingerprint: d.fingerprint, StartsAt: onset, EndsAt: c.Ends, UpdatedAt: c.At, Cleared: c.Over}, c.At)
}

func (r *rehearsal) Sent(until time.Time) (map[string]int64, bool) {
	r.routing.Pass(until)
	return r.routing.Sent, r.routing.Whole()
}
