package events

import (
	"context"
	"slices"
	"sync"
	"time"

	"mainstay/internal/core"
)

const (
	maintenanceFor  = 2 * time.Second // how long an answer about maintenance is used
	maintenanceMost = 100_000
)

// suppressor knows what holds alerts back: maintenance windows and silences.
type suppressor struct {
	maintenance Maintenance
	clock       core.Clock

	mu       sync.Mutex
	windows  map[string]window
	silences []*Silence // those that have not ended
}

type window struct {
	in    bool
	why   string
	until time.Time
}

func newSuppressor(deps Dependencies) *suppressor {
	return &suppressor{maintenance: deps.Maintenance, clock: deps.Clock, windows: map[string]window{}}
}

// judge says what holds an alert with these labels back, if anything.
func (s *suppressor) judge(ctx context.Context, item string, label func(string) string, at time.Time) Suppression {
	if item != "" {
		if in, why := s.inMaintenance(ctx, item, at); in {
			return Suppression{By: "maintenance", Why: why}
		}
	}
	s.mu.Lock()
	silences := s.silences
	s.mu.Unlock()
	for _, one := range silences {
		if one.State(at) == "active" && matchAll(one.Matchers, label) {
			return Suppression{By: "silence", ID: one.ID, Why: one.Comment}
		}
	}
	return Suppression{}
}

func (s *suppressor) inMaintenance(ctx context.Context, item string, at time.Time) (bool, string) {
	s.mu.Lock()
	known, ok := s.windows[item]
	s.mu.Unlock()
	if ok && at.Before(known.until) {
		return known.in, known.why
	}
	in, why := s.maintenance.InMaintenance(ctx, item, at)
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.windows) >= maintenanceMost {
		clear(s.windows)
	}
	s.windows[item] = window{in, why, at.Add(maintenanceFor)}
	return in, why
}

// forgetWindows makes the next judge ask again: maintenance changed.
func (s *suppressor) forgetWindows() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.windows)
}

// setSilences replaces the silences and reports whether they differ.
func (s *suppressor) setSilences(list []*Silence) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	same := slices.EqualFunc(s.silences, list, func(a, b *Silence) bool {
		return a.ID == b.ID && a.UpdatedAt.Equal(b.UpdatedAt)
	})
	s.silences = list
	return !same
}

// boundary reports whether a silence began or ended in (after, until].
func (s *suppressor) boundary(after, until time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	within := func(t time.Time) bool { return t.After(after) && !t.After(until) }
	return slices.ContainsFunc(s.silences, func(one *Silence) bool { return within(one.StartsAt) || within(one.EndsAt) })
}

// matching lists the ids of active silences that fit, for display.
func (s *suppressor) matching(label func(string) string, at time.Time) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	ids := []string{}
	for _, one := range s.silences {
		if one.State(at) == "active" && matchAll(one.Matchers, label) {
			ids = append(ids, one.ID)
		}
	}
	return ids
}

// reason words a suppression for an alert's history.
func (s Suppression) reason() string {
	switch s.By {
	case "maintenance":
		return sentenceOf("maintenance", s.Why)
	case "silence":
		return sentenceOf("silence", s.Why)
	}
	return ""
}

func sentenceOf(what, why string) string {
	if why == "" {
		return what
	}
	return what + ": " + why
}
