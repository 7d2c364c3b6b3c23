package correlation

import (
	"slices"
	"time"
)

// storms notes that a situation opens, and says whether so many opened just now
// that it is gathered first: in a storm most of what opens is a part of
// something else a few seconds later, and nobody is to be called for it.
func (e *Engine) storms(now time.Time) bool {
	if e.settings.Burst <= 0 {
		return false
	}
	e.opened = slices.DeleteFunc(e.opened, func(at time.Time) bool { return now.Sub(at) >= e.settings.Gather })
	if len(e.opened) >= e.settings.Burst {
		return true
	}
	e.opened = append(e.opened, now)
	return false
}

// release tells a situation that was held long enough.
func (e *Engine) release(c *Change, now time.Time) {
	s := c.Situation
	if !s.Held {
		return
	}
	if until := s.OpenedAt.Add(e.settings.Gather); until.After(now) {
		if s.Due.IsZero() || until.Before(s.Due) {
			s.Due = until
		}
		return
	}
	e.Tell(s)
}

// Tell makes a situation that is held known now.
func (e *Engine) Tell(s *Situation) {
	if s.Held {
		s.Held = false
		e.touch(s).Opened = true
	}
}
