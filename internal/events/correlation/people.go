package correlation

import (
	"fmt"
	"time"

	"mainstay/internal/core"
)

// Move puts an alert into another open situation, or into one of its own when
// to is empty. The alert stays where a person put it.
func (e *Engine) Move(alert, to, by string, now time.Time) error {
	a := e.alerts[alert]
	if a == nil {
		return core.Errorf(core.CodeConflict, "the alert is cleared and belongs to no live situation")
	}
	why := "Moved by " + by + "."
	a.Pinned = true
	var home *Situation
	if to == "" {
		home = &Situation{ID: e.newID(), State: Open, OpenedAt: now, Alerts: map[string]*Alert{}}
		e.situations[home.ID] = home
		c := e.touch(home)
		c.Opened = true
		c.Notes = append(c.Notes, Note{At: now, Kind: "opened", To: a.ID, Why: why})
	} else if home = e.situations[to]; home == nil || home.State != Open {
		return core.Errorf(core.CodeConflict, "the situation is not open")
	}
	if from := e.situations[a.Situation]; from != nil && from != home {
		c := e.touch(from)
		c.Material = true
		c.Notes = append(c.Notes, Note{At: now, Kind: "left", From: a.ID, To: home.ID, Why: why})
		c = e.touch(home)
		c.Material = true // who decided it is told, however small the change
		c.Notes = append(c.Notes, Note{At: now, Kind: "joined", From: from.ID, To: a.ID, Why: why})
	}
	if from := e.situations[a.Situation]; from != nil && from != home {
		e.decided(false, []*Alert{a}, sortedByOnset(from.Alerts), now)
	}
	e.decided(true, []*Alert{a}, sortedByOnset(home.Alerts), now)
	e.untwin(a)
	e.join(a, home, why)
	return nil
}

// Merge puts everything of one open situation into another.
func (e *Engine) Merge(from, into, by string, now time.Time) error {
	a, b := e.situations[from], e.situations[into]
	switch {
	case a == nil || b == nil || a.State != Open || b.State != Open:
		return core.Errorf(core.CodeConflict, "only open situations can be merged")
	case a == b:
		return core.Invalid("into", "must be another situation")
	}
	e.decided(true, sortedByOnset(a.Alerts), sortedByOnset(b.Alerts), now)
	e.merge(a, b, now, "Merged by "+by+".")
	e.touch(b).Material = true
	return nil
}

// Confirm records what a person knows to be the root cause: an item or an
// alert of the situation. An empty root takes an earlier confirmation back.
func (e *Engine) Confirm(situation, root, by string, now time.Time) error {
	s := e.situations[situation]
	if s == nil || s.State != Open {
		return core.Errorf(core.CodeConflict, "the situation is not open")
	}
	known := root == ""
	for _, c := range s.Candidates {
		known = known || c.Item == root || c.Alert == root
	}
	for id, a := range s.Alerts {
		known = known || id == root || a.Item == root
	}
	if !known {
		return core.Invalid("item", "must be an item or alert of the situation")
	}
	s.Confirmed, s.By = root, by
	c := e.touch(s)
	c.Material = true
	why := fmt.Sprintf("%s says so.", by)
	if root == "" {
		why = by + " took the confirmation back."
	}
	c.Notes = append(c.Notes, Note{At: now, Kind: "confirmed", To: root, Why: why})
	return nil
}

// Close ends an open situation whose alerts a person has just cleared.
func (e *Engine) Close(situation, by, note string, now time.Time) error {
	s := e.situations[situation]
	if s == nil || s.State != Open {
		return core.Errorf(core.CodeConflict, "the situation is not open")
	}
	why := "Closed by " + by + "."
	if note != "" {
		why += " " + note
	}
	s.State, s.ClosedAt, s.Due, s.Kept = Closed, now, time.Time{}, false
	c := e.touch(s)
	c.Closed, c.Material = true, true
	c.Notes = append(c.Notes, Note{At: now, Kind: "closed", Why: why})
	e.over(s, now)
	return nil
}

// Reopen opens a closed situation again by a person's decision. It stays open
// although nothing fails, until a person closes it, or something fails in it
// and clears.
func (e *Engine) Reopen(situation, by, note string, now time.Time) error {
	s := e.situations[situation]
	if s == nil || s.State != Closed {
		return core.Errorf(core.CodeConflict, "only a closed situation can be opened again")
	}
	why := "Opened again by " + by + "."
	if note != "" {
		why += " " + note
	}
	s.State, s.ClosedAt, s.QuietSince, s.Due, s.Kept = Open, time.Time{}, time.Time{}, time.Time{}, true
	c := e.touch(s)
	c.Reopened, c.Material = true, true
	c.Notes = append(c.Notes, Note{At: now, Kind: "reopened", Why: why})
	return nil
}

// Adopt takes a situation that the Engine has forgotten, with the alerts that
// are still its own.
func (e *Engine) Adopt(s *Situation, alerts []Alert) {
	if e.situations[s.ID] != nil {
		return
	}
	s.Alerts = map[string]*Alert{}
	e.situations[s.ID] = s
	for _, a := range alerts {
		known := e.alerts[a.ID]
		if known == nil {
			known = &a
			e.alerts[a.ID] = known
			e.index(known)
		}
		if e.situations[known.Situation] == nil {
			known.Situation = s.ID
		}
		if known.Situation == s.ID {
			s.Alerts[a.ID] = known
		}
	}
	e.time(s)
}
