package events

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/declare"
	"mainstay/internal/platform/sqldb"
)

// SilenceSpec is a silence as a document declares it.
type SilenceSpec struct {
	Matchers []string   `json:"matchers" minItems:"1" maxItems:"100" doc:"name=\"value\", name!=\"value\", name=~\"pattern\" or name!~\"pattern\"; all must fit"`
	StartsAt *time.Time `json:"startsAt,omitempty" doc:"Now when not said"`
	EndsAt   time.Time  `json:"endsAt"`
	Comment  string     `json:"comment,omitempty"`
}

// silence reads the spec; known is the silence that the document declares already.
func (s SilenceSpec) silence(name string, known *Silence, now time.Time) (Silence, error) {
	out := Silence{StartsAt: now, EndsAt: s.EndsAt, Comment: s.Comment}
	switch {
	case s.StartsAt != nil:
		out.StartsAt = *s.StartsAt
	case known != nil:
		out.StartsAt = known.StartsAt
	}
	var bad []core.Detail
	if name == "" || len(name) > 200 || !plain(name) {
		bad = append(bad, core.Detail{Field: "name", Rule: "must have 1 to 200 bytes"})
	}
	for _, text := range s.Matchers {
		m, err := ParseMatcher(text)
		var coded *core.Error
		if errors.As(err, &coded) {
			bad = append(bad, core.Detail{Field: "spec.matchers", Rule: coded.Details[0].Rule})
		}
		out.Matchers = append(out.Matchers, m)
	}
	return out, core.InvalidAll(bad)
}

// spec is the silence as its document would have it.
func (s *Silence) spec() json.RawMessage {
	spec := SilenceSpec{StartsAt: &s.StartsAt, EndsAt: s.EndsAt, Comment: s.Comment}
	for i := range s.Matchers {
		spec.Matchers = append(spec.Matchers, s.Matchers[i].String())
	}
	text, err := json.Marshal(spec)
	if err != nil {
		panic("events: " + err.Error()) // times of the year 10000 are refused
	}
	return text
}

func (c *Component) applySilence(ctx context.Context, tx *sqldb.Tx, name string, text json.RawMessage) (bool, error) {
	var spec SilenceSpec
	if err := errors.Join(declare.Decode(text, &spec), permitAll(ctx)); err != nil {
		return false, err
	}
	known, err := silenceNamed(ctx, tx, name)
	if err != nil {
		return false, err
	}
	now := core.FromMicros(core.Micros(c.deps.Clock.Now()))
	s, err := spec.silence(name, known, now)
	if err != nil {
		return false, err
	}
	s.ID, s.Name, s.UpdatedAt, s.CreatedBy = c.deps.IDs.New(), name, now, "documents"
	if p := auth.From(ctx); p != nil && p.Name != "" {
		s.CreatedBy = p.Name
	}
	verb := "created"
	if known != nil {
		if declare.Equal(known.spec(), s.spec()) {
			return false, nil
		}
		s.ID, s.CreatedBy, verb = known.ID, known.CreatedBy, "changed"
	}
	if err := s.check(now); err != nil {
		var coded *core.Error
		if errors.As(err, &coded) {
			for i := range coded.Details {
				coded.Details[i].Field = "spec." + coded.Details[i].Field
			}
		}
		return false, err
	}
	if err := saveSilence(ctx, tx, &s); err != nil {
		return false, err
	}
	tx.OnCommit(c.kick)
	return true, c.tellSilence(ctx, tx, actorOf(ctx), &s, verb)
}

func silenceNamed(ctx context.Context, q sqldb.Querier, name string) (*Silence, error) {
	list, err := silencesWhere(ctx, q, "name = $1 AND name <> ''", name)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	return list[0], nil
}

func (c *Component) getSilence(ctx context.Context, q sqldb.Querier, name string) (json.RawMessage, bool, error) {
	s, err := silenceNamed(ctx, q, name)
	if err != nil || s == nil {
		return nil, false, err
	}
	return s.spec(), true, nil
}

func (c *Component) listSilences(ctx context.Context, q sqldb.Querier) ([]declare.Document, error) {
	list, err := silencesWhere(ctx, q, "name <> '' ORDER BY name")
	if err != nil {
		return nil, err
	}
	docs := make([]declare.Document, 0, len(list))
	for _, s := range list {
		docs = append(docs, declare.Document{Kind: silenceKind, Name: s.Name, Spec: s.spec()})
	}
	return docs, nil
}

func (c *Component) deleteSilence(ctx context.Context, tx *sqldb.Tx, name string) (bool, error) {
	s, err := silenceNamed(ctx, tx, name)
	if err == nil {
		err = permitAll(ctx)
	}
	if err != nil || s == nil {
		return false, err
	}
	if _, err := tx.Exec(ctx, "DELETE FROM events_silence WHERE id = $1", s.ID); err != nil {
		return false, err
	}
	tx.OnCommit(c.kick)
	return true, c.tellSilence(ctx, tx, actorOf(ctx), s, "deleted")
}
