package correlation

import (
	"cmp"
	"slices"
	"time"

	"mainstay/internal/events/learning"
)

// Settings tune the Engine.
type Settings struct {
	Window  time.Duration    // alerts join when they begin within this of each other
	Hold    time.Duration    // a situation closes when quiet for this long
	Reopen  time.Duration    // an alert that returns within this opens its situation again
	Changes time.Duration    // how long before a fault a change may explain it
	GroupBy []string         // labels by which alerts of one source without an item join
	Rules   []Rule           // of people
	Memory  *learning.Memory // what came together before; may be nil
	Burst   int              // of situations that open within Gather, these many are told at once; 0 for all
	Gather  time.Duration    // how long the others are gathered before they are told
}

// Change says what happened to one situation.
type Change struct {
	Situation *Situation
	Opened    bool // it is told now that it opened
	Reopened  bool
	Closed    bool
	Merged    bool
	Material  bool // worth telling others: its severity, root cause, state or decisions about it changed
	Grown     bool // alerts joined; worth telling too, but not more than once in a while
	Notes     []Note
}

// Move is an alert that changed its situation, and why.
type Move struct {
	Alert, To, Why string
	Pinned         bool
}

// Outcome is what one Settle changed, situations from old to new.
type Outcome struct {
	Changes []Change
	Moves   []Move
	Twins   []Twin
}

// Engine holds the live situations: the open ones and those that may reopen.
type Engine struct {
	settings Settings
	graph    Graph
	evidence Evidence
	newID    func() string

	alerts     map[string]*Alert
	situations map[string]*Situation
	byItem     map[string]map[string]*Alert // active alerts of an item
	reach      map[string]map[string]bool   // item -> failing items it would explain
	walked     map[string][]string          // failing item -> what was entered in reach for it
	broken     map[string]map[string]bool   // item -> active items that it alone would break
	brokenBy   map[string][]string          // active item -> what was entered in broken for it
	users      map[string]int               // item -> how many need it, as far as was asked
	opened     []time.Time                  // the latest openings that were told at once
	groups     map[string]map[string]*Alert // group of alerts without an item -> active ones
	timed      map[string]*Situation        // those that time alone may change
	unsettled  map[string]*Alert            // to be placed
	dirty      map[string]*Change           // touched since the last Settle
	moves      map[string]Move
	ruled      map[string]map[string]*Alert // side of a rule -> active alerts
	twins      map[string]Twin
	begun      []Alert
	facts      map[string][]Fact // changes already asked for, by item
}

// New returns an empty Engine. evidence may be nil.
func New(settings Settings, graph Graph, evidence Evidence, newID func() string) *Engine {
	e := &Engine{settings: settings, graph: graph, evidence: evidence, newID: newID}
	e.Load(nil, nil)
	return e
}

// Load replaces the Engine's state by situations that are open or may reopen,
// and the alerts that are active or belong to one of them.
func (e *Engine) Load(situations []*Situation, alerts []*Alert) {
	e.alerts, e.situations = map[string]*Alert{}, map[string]*Situation{}
	e.byItem, e.reach = map[string]map[string]*Alert{}, map[string]map[string]bool{}
	e.walked, e.groups = map[string][]string{}, map[string]map[string]*Alert{}
	e.unsettled, e.dirty, e.moves = map[string]*Alert{}, map[string]*Change{}, map[string]Move{}
	e.begun = nil
	e.ruled, e.twins = map[string]map[string]*Alert{}, map[string]Twin{}
	e.facts, e.timed = map[string][]Fact{}, map[string]*Situation{}
	e.broken, e.brokenBy, e.users = map[string]map[string]bool{}, map[string][]string{}, map[string]int{}
	for _, s := range situations {
		s.Alerts = map[string]*Alert{}
		e.situations[s.ID] = s
		e.time(s)
	}
	for _, a := range alerts {
		e.alerts[a.ID] = a
		if s := e.situations[a.Situation]; s != nil {
			s.Alerts[a.ID] = a
		} else {
			a.Situation = ""
		}
		e.index(a)
	}
}

// Sync tells the Engine what an alert is now. Its Situation is the Engine's to
// keep: the given one counts only for an alert the Engine does not know.
func (e *Engine) Sync(now Alert) {
	known := e.alerts[now.ID]
	place := now.failing()
	if known != nil && (!place || known.Item != now.Item) {
		e.untwin(known)
	}
	if known == nil {
		if !now.Active && e.situations[now.Situation] == nil {
			e.untwin(&now)
			return
		}
		if s := e.situations[now.Situation]; s == nil {
			now.Situation = ""
		}
		known = &now
		e.alerts[now.ID] = known
		if s := e.situations[now.Situation]; s != nil {
			s.Alerts[now.ID] = known
		}
	} else {
		e.unindex(known)
		now.Situation, now.SameAs, now.remembered = known.Situation, known.SameAs, known.remembered
		// One that fails in a closed situation returned before the Engine was loaded.
		home := e.situations[known.Situation]
		place = place && (!known.failing() || known.Item != now.Item || home == nil || home.State == Closed)
		*known = now
	}
	e.index(known)
	if place && e.settings.Memory != nil {
		e.begun = append(e.begun, *known)
	}
	if place {
		e.unsettled[known.ID] = known
	}
	if s := e.situations[known.Situation]; s != nil {
		e.touch(s)
	} else if !known.Active {
		delete(e.alerts, known.ID)
	}
	if known.Item != "" && known.Suppressed != "" {
		e.touchDependents(known.Item)
	}
}

// Reconsider looks again at everything an item takes part in: the graph
// around it changed, or something happened to it that may be evidence.
func (e *Engine) Reconsider(item string) {
	delete(e.facts, item)
	clear(e.users)
	for _, a := range e.byItem[item] {
		e.unindex(a)
		e.index(a)
		if a.failing() {
			e.unsettled[a.ID] = a
		}
		if s := e.situations[a.Situation]; s != nil {
			e.touch(s)
		}
	}
	e.touchDependents(item)
}

// touchDependents marks the situations of items that item would explain.
func (e *Engine) touchDependents(item string) {
	for other := range e.reach[item] {
		for _, a := range e.byItem[other] {
			if s := e.situations[a.Situation]; s != nil {
				e.touch(s)
			}
		}
	}
}

// Situation returns a live situation, or nil.
func (e *Engine) Situation(id string) *Situation { return e.situations[id] }

// Settle places alerts, ranks, closes and reopens, and returns what changed.
func (e *Engine) Settle(now time.Time) Outcome {
	placed := sortedByOnset(e.unsettled)
	for _, a := range placed {
		e.place(a, now)
	}
	e.joinCommon(placed, now)
	clear(e.unsettled)
	e.remember()
	for _, s := range e.timed {
		if !s.Due.IsZero() && !s.Due.After(now) {
			e.touch(s).Material = true // what was held back is told now
		}
	}
	e.foresee()
	for _, c := range e.dirty {
		if c.Situation.State != Merged {
			e.refresh(c, now)
		}
	}
	var out Outcome
	for _, c := range e.dirty {
		e.time(c.Situation)
		out.Changes = append(out.Changes, *c)
	}
	slices.SortFunc(out.Changes, func(a, b Change) int { return older(a.Situation, b.Situation) })
	for _, m := range e.moves {
		out.Moves = append(out.Moves, m)
	}
	slices.SortFunc(out.Moves, func(a, b Move) int { return cmp.Compare(a.Alert, b.Alert) })
	for _, t := range e.twins {
		out.Twins = append(out.Twins, t)
	}
	slices.SortFunc(out.Twins, func(a, b Twin) int { return cmp.Compare(a.Alert, b.Alert) })
	clear(e.twins)
	clear(e.dirty)
	clear(e.moves)
	e.forget(now)
	return out
}

// time notes whether time alone may change a situation.
func (e *Engine) time(s *Situation) {
	if s.State != Open || !s.Due.IsZero() {
		e.timed[s.ID] = s
	} else {
		delete(e.timed, s.ID)
	}
}

func (e *Engine) touch(s *Situation) *Change {
	c := e.dirty[s.ID]
	if c == nil {
		c = &Change{Situation: s}
		e.dirty[s.ID] = c
	}
	return c
}

func sortedByOnset(set map[string]*Alert) []*Alert {
	list := make([]*Alert, 0, len(set))
	for _, a := range set {
		list = append(list, a)
	}
	slices.SortFunc(list, func(a, b *Alert) int {
		return cmp.Or(a.Onset.Compare(b.Onset), cmp.Compare(a.ID, b.ID))
	})
	return list
}
