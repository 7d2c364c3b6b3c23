package routing

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"time"
)

// RouteView is one route of the tree as people read it, with what it has from
// its parents.
type RouteView struct {
	ID             string      `json:"id" doc:"Its place: 0 is the root, 0.1 the second of its routes"`
	Matchers       []string    `json:"matchers" nullable:"false"`
	Receiver       string      `json:"receiver"`
	GroupBy        []string    `json:"groupBy" nullable:"false" doc:"Labels; ... for all"`
	GroupWait      string      `json:"groupWait"`
	GroupInterval  string      `json:"groupInterval"`
	RepeatInterval string      `json:"repeatInterval"`
	Continue       bool        `json:"continue,omitempty"`
	Mute           []string    `json:"mute,omitempty" doc:"Times at which it is mute"`
	Active         []string    `json:"active,omitempty" doc:"The only times at which it is active"`
	Routes         []RouteView `json:"routes,omitempty"`
}

// Tree shows the whole tree of routes.
func (p *Plan) Tree() RouteView { return p.root.view("0") }

func (n *node) view(id string) RouteView {
	v := RouteView{ID: id, Matchers: []string{}, Receiver: n.receiver, GroupBy: slices.Clone(n.groupBy), Continue: n.onward,
		GroupWait: n.groupWait.String(), GroupInterval: n.groupInterval.String(), RepeatInterval: n.repeatInterval.String(),
		Mute: n.mute, Active: n.active}
	for _, m := range n.matchers {
		v.Matchers = append(v.Matchers, m.String())
	}
	if n.groupByAll {
		v.GroupBy = []string{"..."}
	}
	if v.GroupBy == nil {
		v.GroupBy = []string{}
	}
	for i, child := range n.children {
		v.Routes = append(v.Routes, child.view(address(id, i)))
	}
	return v
}

// Destination is a route that an alert takes.
type Destination struct {
	Route    string            `json:"route" doc:"Its place in the tree"`
	Path     []string          `json:"path" nullable:"false" doc:"The places from the root to it"`
	Receiver string            `json:"receiver"`
	Group    map[string]string `json:"group" nullable:"false" doc:"The labels of the group it joins"`
	Mute     []string          `json:"mute,omitempty" doc:"Why the route is silent now: names of times"`
}

// Trace says which routes an alert with these labels takes, in their order.
func (p *Plan) Trace(set map[string]string, now time.Time) []Destination {
	wanted := p.root.match(set)
	var found []Destination
	var walk func(n *node, id string, path []string)
	walk = func(n *node, id string, path []string) {
		path = append(slices.Clone(path), id)
		if slices.Contains(wanted, n) {
			group := n.groupLabels(set)
			found = append(found, Destination{Route: id, Path: path, Receiver: n.receiver, Group: maps.Clone(group), Mute: p.mutedBy(n, now)})
		}
		for i, child := range n.children {
			walk(child, address(id, i), path)
		}
	}
	walk(p.root, "0", nil)
	return found
}

func address(parent string, at int) string { return parent + "." + strconv.Itoa(at) }

// Waiting is a group of alerts between two notifications.
type Waiting struct {
	Labels   map[string]string
	Receiver string
	Route    string
	Due      time.Time // when it is looked at next
	Flushing bool      // it is being told right now
	Alerts   []*Alert
}

// Waiting lists the groups, those that are due first in front.
func (r *Router) Waiting() []Waiting {
	r.mu.Lock()
	defer r.mu.Unlock()
	places := map[*node]string{}
	if r.plan != nil {
		var walk func(n *node, id string)
		walk = func(n *node, id string) {
			places[n] = id
			for i, child := range n.children {
				walk(child, address(id, i))
			}
		}
		walk(r.plan.root, "0")
	}
	all := make([]Waiting, 0, len(r.groups))
	for _, g := range r.groups {
		w := Waiting{Labels: g.labels, Receiver: g.node.receiver, Route: places[g.node], Due: g.due, Flushing: g.flushing}
		for _, a := range g.alerts {
			w.Alerts = append(w.Alerts, a)
		}
		all = append(all, w)
	}
	slices.SortFunc(all, func(a, b Waiting) int {
		return cmp.Or(a.Due.Compare(b.Due), cmp.Compare(a.Route, b.Route), cmp.Compare(labelText(a.Labels), labelText(b.Labels)))
	})
	return all
}
