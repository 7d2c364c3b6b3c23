package correlation

import (
	"fmt"
	"slices"
	"time"
)

// place puts a failing alert into the situation it belongs to, opening,
// reopening or merging as its links demand.
func (e *Engine) place(a *Alert, now time.Time) {
	if !a.failing() {
		return
	}
	own := e.situations[a.Situation]
	found, why := e.linkedSituations(a, now, e.provenLinks)
	if own != nil && own.State == Closed {
		if len(found) == 0 && e.returned(own, a, now) {
			e.reopen(own, a, now)
		} else {
			e.leave(a)
			own = nil
		}
	}
	if len(found) == 0 && own == nil {
		found, why = e.linkedSituations(a, now, e.likelyLinks)
		found = first(found, 1) // it may join, but brings nothing together
	}
	if own != nil && !slices.Contains(found, own) {
		found = append(found, own)
	}
	slices.SortFunc(found, older)
	if len(found) == 0 {
		e.open(a, now)
		return
	}
	home := found[0]
	for _, other := range found[1:] {
		if e.forbids(other, home) {
			continue
		}
		e.merge(other, home, now, why[other.ID].text)
	}
	if a.Situation != home.ID && (own == nil || own.State == Merged || !e.forbids(own, home)) {
		e.join(a, home, why[home.ID].text)
		a.remembered = why[home.ID].memory
	}
	e.pairUp(a)
}

// reason is why an alert belongs to another one's situation.
type reason struct {
	text   string
	memory bool // it is that the two came together before
}

// adder takes an alert that another one belongs to.
type adder func(*Alert, reason)

// within passes on what began within the window of a.
func (e *Engine) within(a *Alert, add adder) adder {
	return func(other *Alert, why reason) {
		if a.Onset.Sub(other.Onset).Abs() <= e.settings.Window {
			add(other, why)
		}
	}
}

// provenLinks adds what is linked to a by topology, labels, rules of people, or
// because the two came together too often for chance.
func (e *Engine) provenLinks(a *Alert, now time.Time, add adder) {
	near := e.within(a, add)
	if a.Item == "" {
		for _, g := range e.groupsOf(a) {
			for _, other := range sortedByOnset(e.groups[g]) {
				near(other, reason{text: fmt.Sprintf("%q comes from the same source with the same labels.", other.Title)})
			}
		}
	} else {
		for _, link := range e.links(a.Item) {
			for _, other := range e.byItem[link.item] {
				near(other, reason{text: link.why})
			}
		}
	}
	e.ruledLinks(a, add)
	e.rememberedLinks(a, now, near)
}

// likelyLinks adds what may belong to a; asked only when nothing else does.
func (e *Engine) likelyLinks(a *Alert, now time.Time, add adder) {
	e.weakLinks(a, now, e.within(a, add))
	e.textLinks(a, now, e.within(a, add))
}

// returned says that a is the cause of a closed situation and failed again soon:
// it was not over. A consequence that fails alone now has another cause, and
// an alert that is linked to what fails now belongs there.
func (e *Engine) returned(s *Situation, a *Alert, now time.Time) bool {
	return now.Sub(s.ClosedAt) < e.settings.Reopen && s.Root().Same(Candidate{Item: a.Item, Alert: a.ID})
}

// linkedSituations lists the open situations of alerts that began close in
// time and are linked to a, and says for each why.
func (e *Engine) linkedSituations(a *Alert, now time.Time, links func(*Alert, time.Time, adder)) ([]*Situation, map[string]reason) {
	why := map[string]reason{}
	var found []*Situation
	if a.Pinned {
		return nil, why
	}
	refused := map[string]bool{}
	links(a, now, func(other *Alert, because reason) {
		s := e.situations[other.Situation]
		if s == nil || s.State != Open || other.Pinned || !other.failing() || refused[s.ID] {
			return
		}
		if _, known := why[s.ID]; known {
			return
		}
		if e.forbidden(a, s) != "" {
			refused[s.ID] = true
			return
		}
		why[s.ID] = because
		found = append(found, s)
	})
	return found, why
}

type link struct{ item, why string }

// links lists the failing items that item is connected to: itself, what it
// needs, what needs it, and what else a need that it breaks consists of.
func (e *Engine) links(item string) []link {
	name := e.graph.Name
	found := []link{{item, fmt.Sprintf("Both are about %s.", name(item))}}
	for _, c := range causes(e.graph, item, e.itemFails) {
		found = append(found, link{c.item, e.needs(item, c) + ", which fails too."})
	}
	for other := range e.reach[item] {
		if !e.itemFails(other) {
			continue
		}
		behind := causes(e.graph, other, e.itemFails)
		at := slices.IndexFunc(behind, func(c cause) bool { return c.item == item })
		if at < 0 {
			continue
		}
		found = append(found, link{other, e.needs(other, behind[at]) + ", and both fail."})
		for _, c := range behind {
			if c.item != item {
				found = append(found, link{c.item, fmt.Sprintf("%s needs both %s and %s.", name(other), name(item), name(c.item))})
			}
		}
	}
	return found
}

// needs words one edge: "web needs db", or "web needs db through pool".
func (e *Engine) needs(item string, c cause) string {
	s := e.graph.Name(item) + " needs " + e.graph.Name(c.item)
	if c.via != "" {
		s += " through " + e.graph.Name(c.via)
	}
	return s
}

func (e *Engine) open(a *Alert, now time.Time) {
	s := &Situation{ID: e.newID(), State: Open, OpenedAt: now, Alerts: map[string]*Alert{}}
	e.situations[s.ID] = s
	s.Held = e.storms(now)
	c := e.touch(s)
	c.Opened = !s.Held
	c.Notes = append(c.Notes, Note{At: now, Kind: "opened", To: a.ID, Why: fmt.Sprintf("%q began, and nothing connected to it was failing.", a.Title)})
	e.join(a, s, "It opened the situation.")
}

func (e *Engine) join(a *Alert, s *Situation, why string) {
	e.leave(a)
	a.Situation = s.ID
	s.Alerts[a.ID] = a
	e.moves[a.ID] = Move{a.ID, s.ID, why, a.Pinned}
	e.touch(s).Grown = true
}

func (e *Engine) leave(a *Alert) {
	if s := e.situations[a.Situation]; s != nil {
		delete(s.Alerts, a.ID)
		if s.State != Closed { // a closed situation stays as people know it
			e.touch(s).Material = true
		}
	}
	a.Situation = ""
}

// merge moves everything of from to into; from lives on in into.
func (e *Engine) merge(from, into *Situation, now time.Time, why string) {
	if why == "" {
		why = "An alert connects them."
	}
	for _, a := range sortedByOnset(from.Alerts) {
		e.join(a, into, "Its situation was merged: "+why)
	}
	from.State, from.Into, from.ClosedAt, from.Due = Merged, into.ID, now, time.Time{}
	if into.Confirmed == "" {
		into.Confirmed, into.By = from.Confirmed, from.By
	}
	c := e.touch(from)
	c.Merged, c.Material = true, true
	c.Notes = append(c.Notes, Note{At: now, Kind: "merged", From: from.ID, To: into.ID, Why: why})
	if !from.Held {
		e.Tell(into)
	}
	c = e.touch(into)
	c.Notes = append(c.Notes, Note{At: now, Kind: "merged", From: from.ID, To: into.ID, Why: why})
}
