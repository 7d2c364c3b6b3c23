package routing

import (
	"container/heap"
	"time"
)

// group is alerts of one route that share the labels it groups by.
type group struct {
	node   *node
	key    string // as receivers see it
	labels map[string]string
	alerts map[string]*Alert // by key

	due      time.Time
	position int // in the queue; -1 when it is not
	flushing bool
	gone     bool
}

// queue orders groups by when they are due.
type queue []*group

func (q queue) Len() int           { return len(q) }
func (q queue) Less(i, j int) bool { return q[i].due.Before(q[j].due) }
func (q queue) Swap(i, j int) {
	q[i], q[j] = q[j], q[i]
	q[i].position, q[j].position = i, j
}
func (q *queue) Push(x any) {
	g := x.(*group)
	g.position = len(*q)
	*q = append(*q, g)
}
func (q *queue) Pop() any {
	old := *q
	g := old[len(old)-1]
	old[len(old)-1] = nil
	*q = old[:len(old)-1]
	g.position = -1
	return g
}

// schedule makes a group due at a time.
func (r *Router) schedule(g *group, at time.Time) {
	if at.Before(r.begins) {
		at = r.begins
	}
	g.due = at
	if g.position >= 0 {
		heap.Fix(&r.queue, g.position)
	} else {
		heap.Push(&r.queue, g)
	}
	r.wake()
}

// join puts an alert into the group of a route, which is made when it is not there.
func (r *Router) join(n *node, a *Alert, now time.Time) *group {
	set := n.groupLabels(a.Labels)
	id := n.id + ":" + labelText(set)
	g := r.groups[id]
	if g == nil {
		if len(r.groups) >= r.config.MaxGroups {
			r.refused.Add(1)
			return nil
		}
		g = &group{node: n, key: n.key + ":" + labelText(set), labels: set, alerts: map[string]*Alert{}, position: -1}
		r.groups[id] = g
		at := now.Add(n.groupWait)
		if a.StartsAt.Add(n.groupWait).Before(now) {
			at = now // it has waited elsewhere
		}
		r.schedule(g, at)
	}
	g.alerts[a.Key] = a
	return g
}

// leave takes an alert out of a group; an empty group is gone.
func (r *Router) leave(g *group, key string) {
	delete(g.alerts, key)
	if list := r.member[key]; len(list) > 0 {
		kept := list[:0:0]
		for _, other := range list {
			if other != g {
				kept = append(kept, other)
			}
		}
		if len(kept) == 0 {
			delete(r.member, key)
		} else {
			r.member[key] = kept
		}
	}
	if len(g.alerts) > 0 || g.gone {
		return
	}
	g.gone = true
	delete(r.groups, g.node.id+":"+labelText(g.labels))
	if g.position >= 0 {
		heap.Remove(&r.queue, g.position)
	}
}
