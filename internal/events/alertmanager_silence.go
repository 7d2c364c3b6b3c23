package events

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"time"

	"github.com/prometheus/alertmanager/pkg/labels"

	"mainstay/internal/core"
	"mainstay/internal/events/matching"
)

// amSilence is gettableSilence and postableSilence of the Alertmanager API.
type amSilence struct {
	ID        string           `json:"id,omitempty"`
	Matchers  []amMatcher      `json:"matchers"`
	StartsAt  time.Time        `json:"startsAt"`
	EndsAt    time.Time        `json:"endsAt"`
	CreatedBy string           `json:"createdBy"`
	Comment   string           `json:"comment"`
	UpdatedAt *time.Time       `json:"updatedAt,omitempty"`
	Status    *amSilenceStatus `json:"status,omitempty"`
}

type amMatcher struct {
	Name    string `json:"name"`
	Value   string `json:"value"`
	IsRegex bool   `json:"isRegex"`
	IsEqual *bool  `json:"isEqual,omitempty"` // true when absent
}

type amSilenceStatus struct {
	State string `json:"state"`
}

func (c *Component) amShowSilence(s *Silence) amSilence {
	shown := amSilence{ID: s.ID, StartsAt: s.StartsAt, EndsAt: s.EndsAt, CreatedBy: s.CreatedBy, Comment: s.Comment,
		UpdatedAt: &s.UpdatedAt, Status: &amSilenceStatus{s.State(c.deps.Clock.Now())}}
	for _, m := range s.Matchers {
		shown.Matchers = append(shown.Matchers, amMatcher{m.Name, m.Value, m.IsRegex, &m.IsEqual})
	}
	return shown
}

func (c *Component) amSilences(_ http.ResponseWriter, r *http.Request) (any, error) {
	query := r.URL.Query()
	filter, err := amMatchers(query["filter"])
	if err != nil {
		return nil, err
	}
	now := c.deps.Clock.Now()
	list, err := silencesWhere(r.Context(), c.deps.DB, "id <> '' ORDER BY ends_at DESC LIMIT 5000")
	if err != nil {
		return nil, err
	}
	var kept []*Silence
	for _, s := range list {
		if amFlag(query, s.State(now)) && silenceFits(filter, s) {
			kept = append(kept, s)
		}
	}
	slices.SortStableFunc(kept, amSilenceOrder(now))
	shown := make([]amSilence, 0, len(kept))
	for _, s := range kept {
		shown = append(shown, c.amShowSilence(s))
	}
	return shown, nil
}

// amSilenceOrder lists active silences first, those that end soonest before
// others, then pending ones, then expired ones, the latest first.
func amSilenceOrder(now time.Time) func(a, b *Silence) int {
	rank := map[string]int{"active": 1, "pending": 2, "expired": 3}
	return func(a, b *Silence) int {
		if order := rank[a.State(now)] - rank[b.State(now)]; order != 0 {
			return order
		}
		switch a.State(now) {
		case "active":
			return a.EndsAt.Compare(b.EndsAt)
		case "pending":
			return a.StartsAt.Compare(b.StartsAt)
		}
		return b.EndsAt.Compare(a.EndsAt)
	}
}

// silenceFits says whether each condition is one of the silence's own matchers
// (Alertmanager compares them, and does not match labels here).
func silenceFits(filter labels.Matchers, s *Silence) bool {
	for _, want := range filter {
		found := false
		for i := range s.Matchers {
			m, err := s.Matchers[i].ready()
			found = found || err == nil && m.Name == want.Name && m.Type == want.Type && m.Value == want.Value
		}
		if !found {
			return false
		}
	}
	return true
}

func (c *Component) amSilence(_ http.ResponseWriter, r *http.Request) (any, error) {
	id := r.PathValue("id")
	list, err := silencesWhere(r.Context(), c.deps.DB, "id = $1", id)
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, core.NotFound("silence", id)
	}
	return c.amShowSilence(list[0]), nil
}

func (c *Component) amPostSilence(_ http.ResponseWriter, r *http.Request) (any, error) {
	body, err := amBody(r)
	if err != nil {
		return nil, err
	}
	s, err := readAMSilence(body)
	if err != nil {
		return nil, err
	}
	if c.classicNames() {
		for _, m := range s.Matchers {
			if !matching.ClassicName(m.Name) {
				return nil, core.Errorf(core.CodeInvalid, "invalid silence: invalid label matcher: invalid label name %q", m.Name)
			}
		}
	}
	id, err := c.replaceSilence(r.Context(), s)
	if err != nil {
		return nil, err
	}
	return map[string]string{"silenceID": id}, nil
}

// replaceSilence creates a silence or changes the one it names the way
// Alertmanager does: what other matchers or another start would change of one
// that is active is a new silence, and the old one ends.
func (c *Component) replaceSilence(ctx context.Context, s Silence) (string, error) {
	if err := maySilence(ctx); err != nil {
		return "", err
	}
	now := c.deps.Clock.Now()
	if s.StartsAt.Before(now) && s.ID == "" {
		s.StartsAt = now
	}
	if s.ID == "" {
		return c.Silence(ctx, actorOf(ctx), s)
	}
	known, err := silencesWhere(ctx, c.deps.DB, "id = $1", s.ID)
	if err != nil {
		return "", err
	}
	if len(known) == 0 {
		return "", core.NotFound("silence", s.ID)
	}
	old := known[0]
	var same bool
	switch old.State(now) {
	case "active":
		same = old.StartsAt.Unix() == s.StartsAt.Unix() && s.EndsAt.After(now)
		if same {
			s.StartsAt = old.StartsAt
		}
	case "pending":
		same = !s.StartsAt.Before(now)
	}
	if same && equalMatchers(old.Matchers, s.Matchers) {
		return c.Silence(ctx, actorOf(ctx), s)
	}
	if s.ID = ""; s.StartsAt.Before(now) {
		s.StartsAt = now
	}
	if err := s.check(now); err != nil {
		return "", err // before the old one ends
	}
	if err := c.Unsilence(ctx, actorOf(ctx), old.ID); err != nil {
		return "", err
	}
	return c.Silence(ctx, actorOf(ctx), s)
}

func equalMatchers(a, b []Matcher) bool {
	return slices.EqualFunc(a, b, func(a, b Matcher) bool {
		return a.Name == b.Name && a.Value == b.Value && a.IsRegex == b.IsRegex && a.IsEqual == b.IsEqual
	})
}

func readAMSilence(body []byte) (Silence, error) {
	var in amSilence
	if err := json.Unmarshal(body, &in); err != nil {
		return Silence{}, core.Errorf(core.CodeMalformed, "the body must be a JSON silence: %v", err)
	}
	s := Silence{ID: in.ID, StartsAt: in.StartsAt, EndsAt: in.EndsAt, CreatedBy: in.CreatedBy, Comment: in.Comment}
	for _, m := range in.Matchers {
		s.Matchers = append(s.Matchers, Matcher{Name: m.Name, Value: m.Value, IsRegex: m.IsRegex, IsEqual: m.IsEqual == nil || *m.IsEqual})
	}
	return s, nil
}

func (c *Component) amDeleteSilence(_ http.ResponseWriter, r *http.Request) (any, error) {
	return nil, c.unsilenceAs(r.Context(), r.PathValue("id"))
}
