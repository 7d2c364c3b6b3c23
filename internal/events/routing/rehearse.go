package routing

import (
	"slices"
	"time"

	"mainstay/internal/events/inhibition"
)

const (
	rehearsedGroups  = 50_000
	rehearsedFlushes = 5_000_000
	briefest         = time.Second // between two looks at a group
)

// Rehearsal counts what receivers would be told of alerts, the way a Router
// tells them, with times that it is given as its clock. Nobody is told. It
// groups, inhibits, mutes and repeats; of silences and of what people hold back
// it knows nothing. It is for one goroutine.
type Rehearsal struct {
	router  *Router // its groups; it does not run
	plan    *Plan
	inhibit *inhibition.Engine
	log     map[place]*entry
	now     time.Time
	flushes int

	Sent map[string]int64 // messages by receiver
}

// Rehearse begins with no alert and nobody told. The rules are all that inhibit.
func (p *Plan) Rehearse(rules []inhibition.Rule) *Rehearsal {
	r := New(Configuration{MaxGroups: rehearsedGroups}, Dependencies{})
	r.plan = p
	return &Rehearsal{router: r, plan: p, inhibit: inhibition.New(rules), log: map[place]*entry{}, Sent: map[string]int64{}}
}

// Whole says that everything was counted: there was room for every group, and
// not too much to do.
func (h *Rehearsal) Whole() bool {
	return h.router.refused.Load() == 0 && h.flushes < rehearsedFlushes
}

// Put makes an alert known as it is at a time. Times do not go back.
func (h *Rehearsal) Put(a *Alert, at time.Time) {
	h.Pass(at)
	if a.ResolvedAt(h.now) {
		h.inhibit.Drop(a.Key)
	} else {
		h.inhibit.Put(a.Key, a.Labels, a.EndsAt)
	}
	h.router.place(a, h.now, false)
}

// Pass lets time pass: what is due until then is told.
func (h *Rehearsal) Pass(until time.Time) {
	for len(h.router.queue) > 0 && h.flushes < rehearsedFlushes {
		g := h.router.queue[0]
		if g.due.After(until) {
			break
		}
		at := g.due
		h.router.schedule(g, at.Add(max(g.node.groupInterval, briefest)))
		h.flush(g, at)
	}
	if until.After(h.now) {
		h.now = until
	}
}

// flush is Router.flush, without anybody to tell.
func (h *Rehearsal) flush(g *group, at time.Time) {
	h.flushes++
	var firing, resolved []string
	over := []string{}
	muted := len(h.plan.mutedBy(g.node, at)) > 0
	for _, a := range g.alerts {
		_, _, inhibited := h.inhibit.By(a.Labels, at)
		done := a.ResolvedAt(at)
		if done {
			over = append(over, a.Key)
		}
		switch {
		case muted || inhibited || a.Held:
		case done:
			resolved = append(resolved, a.Fingerprint)
		default:
			firing = append(firing, a.Fingerprint)
		}
	}
	slices.Sort(firing)
	slices.Sort(resolved)
	if len(firing)+len(resolved) > 0 {
		for _, i := range h.plan.receivers[g.node.receiver].integrations {
			h.tell(place{g.key, g.node.receiver, i.kind, i.index}, i, firing, resolved, g.node.repeatInterval, at)
		}
	}
	for _, key := range over {
		h.router.leave(g, key)
	}
	if !g.gone {
		return
	}
	for _, i := range h.plan.receivers[g.node.receiver].integrations {
		at := place{g.key, g.node.receiver, i.kind, i.index}
		if e := h.log[at]; e != nil && len(e.firing) == 0 {
			delete(h.log, at) // as good as never told
		}
	}
}

func (h *Rehearsal) tell(at place, i *integration, firing, resolved []string, repeat time.Duration, now time.Time) {
	why := h.log[at].news(firing, resolved, i.sendResolved, repeat, now)
	if why == nothingNew {
		return
	}
	h.log[at] = &entry{firing: firing, resolved: resolved, at: now}
	if i.sendResolved || len(firing) > 0 {
		h.Sent[at.receiver]++
	}
}
