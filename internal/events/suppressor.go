package events

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/prometheus/alertmanager/pkg/labels"

	"mainstay/internal/core"
	"mainstay/internal/events/matching"
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
	index    *matching.Index[*Silence]
	mirror   *mirror
}

type window struct {
	in    bool
	why   string
	until time.Time
}

func newSuppressor(deps Dependencies, m *mirror) *suppressor {
	return &suppressor{maintenance: deps.Maintenance, clock: deps.Clock, windows: map[string]window{}, mirror: m, index: &matching.Index[*Silence]{}}
}

// judge says what holds an alert back, if anything: maintenance of its item, a
// silence that fits its labels, or another alert that inhibits it.
func (s *suppressor) judge(ctx context.Context, item string, set func() map[string]string, at time.Time) Suppression {
	if item != "" {
		if in, why := s.inMaintenance(ctx, item, at); in {
			return Suppression{By: "maintenance", Why: why}
		}
	}
	s.mu.Lock()
	silences := s.index
	s.mu.Unlock()
	engine := s.mirror.inhibitor()
	if silences.Len() == 0 && engine.Rules() == 0 {
		return Suppression{}
	}
	matchable := set()
	for _, one := range silences.Find(matchable) {
		if one.State(at) == "active" {
			return Suppression{By: "silence", ID: one.ID, Why: one.Comment}
		}
	}
	if id, rule, held := engine.By(matchable, at); held {
		return Suppression{By: byInhibition, ID: id, Why: rule}
	}
	return Suppression{}
}

const byInhibition = "inhibition"

// silencedBy lists the active silences that fit.
func (s *suppressor) silencedBy(set map[string]string, at time.Time) []string {
	s.mu.Lock()
	silences := s.index
	s.mu.Unlock()
	var ids []string
	for _, one := range silences.Find(set) {
		if one.State(at) == "active" {
			ids = append(ids, one.ID)
		}
	}
	return ids
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
	if !same {
		index := &matching.Index[*Silence]{}
		for _, one := range list {
			ready := make(labels.Matchers, 0, len(one.Matchers))
			for i := range one.Matchers {
				if m, err := one.Matchers[i].ready(); err == nil { // they were checked before they were stored
					ready = append(ready, m)
				}
			}
			index.Add(ready, one)
		}
		s.index = index
	}
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

// reason words a suppression for an alert's history.
func (s Suppression) reason() string {
	switch s.By {
	case "maintenance":
		return sentenceOf("maintenance", s.Why)
	case "silence":
		return sentenceOf("silence", s.Why)
	case bySnooze:
		return sentenceOf("a snooze", s.Why)
	case byPerson:
		return sentenceOf("a person", s.Why)
	case byInhibition:
		return sentenceOf("another alert that inhibits it", s.Why)
	}
	return ""
}

func sentenceOf(what, why string) string {
	if why == "" {
		return what
	}
	return what + ": " + why
}
