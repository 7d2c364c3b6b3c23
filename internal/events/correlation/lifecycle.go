package correlation

import (
	"fmt"
	"time"

	"mainstay/internal/core"
)

func (e *Engine) reopen(s *Situation, a *Alert, now time.Time) {
	s.State, s.ClosedAt, s.QuietSince, s.Due = Open, time.Time{}, time.Time{}, time.Time{}
	e.Tell(s)
	c := e.touch(s)
	c.Reopened, c.Closed, c.Material = true, false, true
	c.Notes = append(c.Notes, Note{At: now, Kind: "reopened", To: a.ID, Why: fmt.Sprintf("%q returned.", a.Title)})
}

// refresh brings what is derived from the alerts of a situation up to date.
func (e *Engine) refresh(c *Change, now time.Time) {
	s := c.Situation
	if s.State != Open {
		return
	}
	if !s.active() {
		e.quiet(c, now)
		return
	}
	s.Kept = false // from here on it closes when what fails has cleared
	if !s.QuietSince.IsZero() {
		s.QuietSince, c.Material = time.Time{}, true
	}
	if worst := worstOf(s.Alerts); worst != s.Severity {
		s.Severity, c.Material = worst, true
	}
	before := s.Root()
	s.Candidates, s.Due = e.rank(s, now)
	after := s.Root()
	if !before.Same(after) {
		c.Material = true
		if before.Name != "" {
			c.Notes = append(c.Notes, Note{At: now, Kind: "moved", From: reference(before), To: reference(after), Why: e.whyMoved(s, before, after)})
		}
	}
	if title := titleOf(s); title != s.Title {
		s.Title, c.Grown = title, true
	}
	e.release(c, now)
	e.restrain(c, now)
}

// growthTold is how often others hear that a situation grows: a storm that
// brings a thousand alerts is told a few times, not a thousand.
const growthTold = time.Second

// restrain holds growth back when others heard of the situation just now.
func (e *Engine) restrain(c *Change, now time.Time) {
	s := c.Situation
	next := s.told.Add(growthTold)
	switch {
	case c.Material, c.Opened:
	case !c.Grown:
		return
	case now.Before(next):
		if s.Due.IsZero() || next.Before(s.Due) {
			s.Due = next
		}
		return
	default:
		c.Material = true
	}
	s.told = now
}

// quiet closes a situation without failing alerts once the hold time is over.
func (e *Engine) quiet(c *Change, now time.Time) {
	s := c.Situation
	if s.Kept && len(s.Alerts) > 0 {
		s.Due = time.Time{}
		return
	}
	if s.QuietSince.IsZero() {
		s.QuietSince = now
	}
	s.Due = s.QuietSince.Add(e.settings.Hold)
	if s.Due.After(now) && len(s.Alerts) > 0 {
		return
	}
	s.State, s.ClosedAt, s.Due = Closed, now, time.Time{}
	c.Closed, c.Material = true, true
	why := "Every alert of it has cleared."
	for _, a := range s.Alerts {
		if a.Active {
			why = "What still fails is suppressed: " + a.Suppressed + "."
			break
		}
	}
	c.Notes = append(c.Notes, Note{At: now, Kind: "closed", Why: why})
	e.over(s, now)
}

// forget drops situations that can no longer change, and their alerts.
func (e *Engine) forget(now time.Time) {
	for id, s := range e.timed {
		gone := s.State == Merged || s.State == Closed && now.Sub(s.ClosedAt) >= e.settings.Reopen
		if !gone {
			continue
		}
		delete(e.situations, id)
		delete(e.timed, id)
		for _, a := range s.Alerts {
			a.Situation = ""
			if !a.Active {
				delete(e.alerts, a.ID)
			}
		}
	}
}

func worstOf(alerts map[string]*Alert) core.Severity {
	worst := core.Clear
	for _, a := range alerts {
		if a.failing() && a.Severity > worst {
			worst = a.Severity
		}
	}
	return worst
}

func reference(c Candidate) string {
	if c.Item != "" {
		return core.Ref{Kind: "item", ID: c.Item}.String()
	}
	return core.Ref{Kind: "alert", ID: c.Alert}.String()
}

// titleOf names a situation after its root cause and how far it reaches.
func titleOf(s *Situation) string {
	root := s.Root()
	others := map[string]bool{}
	title := root.Name
	for id, a := range s.Alerts {
		if id == root.Alert {
			title = a.Title
		}
		if a.Item != root.Item {
			others[a.Item] = true
		}
	}
	switch len(others) {
	case 0:
		return title
	case 1:
		return title + " (1 more item affected)"
	}
	return fmt.Sprintf("%s (%d more items affected)", title, len(others))
}
