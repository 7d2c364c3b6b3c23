package events

import (
	"encoding/json"
	"net/http"
	"time"

	"mainstay/internal/core"
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
	filter, err := amFilter(r.URL.Query())
	if err != nil {
		return nil, err
	}
	list, err := silencesWhere(r.Context(), c.deps.DB, "id <> '' ORDER BY ends_at DESC LIMIT 5000")
	if err != nil {
		return nil, err
	}
	shown := []amSilence{}
	for _, s := range list {
		if silenceFits(filter, s) {
			shown = append(shown, c.amShowSilence(s))
		}
	}
	return shown, nil
}

// silenceFits says whether each condition is met by a matcher of the silence
// (Alertmanager, CheckSilenceMatchesFilterLabels: values are compared as text).
func silenceFits(filter []Matcher, s *Silence) bool {
	return matchAll(filter, func(name string) string {
		for _, m := range s.Matchers {
			if m.Name == name {
				return m.Value
			}
		}
		return ""
	})
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
	id, err := c.silenceAs(r.Context(), s)
	if err != nil {
		return nil, err
	}
	return map[string]string{"silenceID": id}, nil
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
