package routing

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"
)

// flush tells the receiver of a group what is news, and takes out of the group
// what is resolved and told of.
func (r *Router) flush(ctx context.Context, plan *Plan, g *group, now time.Time) {
	ctx, cancel := context.WithTimeout(ctx, max(g.node.groupInterval, minimumFlush))
	defer cancel()
	defer func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		g.flushing = false
	}()
	taken := r.contents(g)
	if len(taken) == 0 {
		return
	}
	if ids := runOut(taken, now); len(ids) > 0 {
		if err := r.deps.Alerts.Confirm(ctx, ids); err != nil {
			r.deps.Log.Warn("events: alerts that ran out cannot be looked up; their receivers are told later", "error", err)
			return
		}
		taken = r.contents(g)
	}
	var resolved []*Alert
	for _, a := range taken {
		if a.ResolvedAt(now) {
			resolved = append(resolved, a)
		}
	}
	if !r.tell(ctx, plan, g, r.heard(plan, g, taken, now), now) {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if g.gone {
		return
	}
	for _, a := range resolved {
		if g.alerts[a.Key] == a { // not if it fired again meanwhile
			r.leave(g, a.Key)
		}
	}
}

// minimumFlush is what a delivery is given even where groups are flushed more often.
const minimumFlush = 10 * time.Second

func (r *Router) contents(g *group) []*Alert {
	r.mu.Lock()
	defer r.mu.Unlock()
	if g.gone {
		return nil
	}
	return slices.SortedFunc(maps.Values(g.alerts), func(a, b *Alert) int {
		for _, name := range []string{"job", "instance"} {
			if order := strings.Compare(a.Labels[name], b.Labels[name]); order != 0 {
				return order
			}
		}
		return cmp.Or(strings.Compare(labelText(a.Labels), labelText(b.Labels)), strings.Compare(a.Key, b.Key))
	})
}

// runOut lists alerts whose end is past though nobody cleared them.
func runOut(list []*Alert, now time.Time) []string {
	var ids []string
	for _, a := range list {
		if a.ResolvedAt(now) && !a.Cleared {
			ids = append(ids, a.ID)
		}
	}
	return ids
}

// heard leaves out what is held back, in Alertmanager's order: inhibition,
// the route's times, silences.
func (r *Router) heard(plan *Plan, g *group, list []*Alert, now time.Time) []*Alert {
	if len(plan.mutedBy(g.node, now)) > 0 {
		return nil
	}
	var heard []*Alert
	for _, a := range list {
		if a.Held {
			continue
		}
		if inhibited, silenced := r.deps.Alerts.Muted(a.Labels, now); !inhibited && !silenced {
			heard = append(heard, a)
		}
	}
	return heard
}

// mutedBy names the time intervals that mute a route at a time.
func (p *Plan) mutedBy(n *node, now time.Time) []string {
	if len(n.active) > 0 {
		if active, _, err := p.times.Mutes(n.active, now); err == nil && !active {
			return n.active
		}
	}
	if len(n.mute) > 0 {
		if muted, by, err := p.times.Mutes(n.mute, now); err == nil && muted {
			return by
		}
	}
	return nil
}

// tell hands the alerts to every integration of the receiver; it reports
// whether all of them have been told what they have to be.
func (r *Router) tell(ctx context.Context, plan *Plan, g *group, list []*Alert, now time.Time) bool {
	if len(list) == 0 {
		return true
	}
	var failed sync.Map
	var all sync.WaitGroup
	for _, i := range plan.receivers[g.node.receiver].integrations {
		all.Go(func() {
			d := &delivery{r: r, g: g, i: i, now: now, list: list, place: place{g.key, g.node.receiver, i.kind, i.index}}
			if err := d.run(ctx); err != nil {
				failed.Store(i, err)
				if ctx.Err() != context.Canceled {
					r.deps.Log.Warn("events: a receiver was not told", "receiver", g.node.receiver, "integration", i.kind, "group", g.key, "error", err)
				}
			}
		})
	}
	all.Wait()
	ok := true
	failed.Range(func(any, any) bool { ok = false; return false })
	return ok
}
