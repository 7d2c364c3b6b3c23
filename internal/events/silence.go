package events

import (
	"context"
	"fmt"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/ledger"
	"mainstay/internal/platform/sqldb"
)

// Silence holds back the alerts that its matchers fit, for a time.
type Silence struct {
	ID        string
	Name      string // of the document that declares it; empty for one a person made
	Matchers  []Matcher
	StartsAt  time.Time
	EndsAt    time.Time
	UpdatedAt time.Time
	CreatedBy string
	Comment   string
}

// State is pending, active or expired (Alertmanager API v2, silenceStatus).
func (s *Silence) State(now time.Time) string {
	switch {
	case !now.Before(s.EndsAt):
		return "expired"
	case now.Before(s.StartsAt):
		return "pending"
	}
	return "active"
}

func (s *Silence) check(now time.Time) error {
	var bad []core.Detail
	add := func(field, rule string) { bad = append(bad, core.Detail{Field: field, Rule: rule}) }
	if len(s.Matchers) == 0 || len(s.Matchers) > 100 {
		add("matchers", "must be 1 to 100")
	}
	empty := true
	for i := range s.Matchers {
		if err := s.Matchers[i].compile(); err != nil {
			add(fmt.Sprintf("matchers[%d]", i), err.Error())
			continue
		}
		if !s.Matchers[i].matches("") {
			empty = false
		}
	}
	if empty && len(bad) == 0 {
		add("matchers", "at least one must not match the empty label: this would silence everything")
	}
	if !s.EndsAt.After(s.StartsAt) {
		add("endsAt", "must be after startsAt")
	} else if !s.EndsAt.After(now) {
		add("endsAt", "must not be in the past")
	}
	if s.CreatedBy == "" || !plain(s.CreatedBy) || len(s.CreatedBy) > 200 {
		add("createdBy", "must have 1 to 200 bytes")
	}
	if !plain(s.Comment) || len(s.Comment) > maxDescription {
		add("comment", "is too long or not text")
	}
	return core.InvalidAll(bad)
}

const silenceColumns = "id, matchers, starts_at, ends_at, updated_at, created_by, comment, name"

func silencesWhere(ctx context.Context, q sqldb.Querier, where string, args ...any) ([]*Silence, error) {
	rows, err := q.Query(ctx, "SELECT "+silenceColumns+" FROM events_silence WHERE "+where, args...)
	return sqldb.Collect(rows, err, func(rows *sqldb.Rows) (*Silence, error) { return readSilence(rows.Scan) })
}

// readSilence reads silenceColumns; the matchers are ready to match.
func readSilence(scan func(...any) error) (*Silence, error) {
	s := &Silence{}
	var matchers string
	var starts, ends, updated int64
	if err := scan(&s.ID, &matchers, &starts, &ends, &updated, &s.CreatedBy, &s.Comment, &s.Name); err != nil {
		return nil, err
	}
	s.StartsAt, s.EndsAt, s.UpdatedAt = core.FromMicros(starts), core.FromMicros(ends), core.FromMicros(updated)
	if err := fromText(matchers, &s.Matchers); err != nil {
		return nil, err
	}
	return s, compileAll(s.Matchers)
}

// Silence creates a silence, or changes the one whose id it names. An expired
// one is not changed: a new one is made (Alertmanager's semantics).
func (c *Component) Silence(ctx context.Context, actor ledger.Actor, s Silence) (string, error) {
	now := c.deps.Clock.Now()
	if s.StartsAt.IsZero() {
		s.StartsAt = now
	}
	if err := s.check(now); err != nil {
		return "", err
	}
	wanted := s.ID
	err := c.deps.DB.Write(ctx, func(tx *sqldb.Tx) error {
		s.ID = wanted
		verb := "created"
		if s.ID != "" {
			known, err := silencesWhere(ctx, tx, "id = $1", s.ID)
			if err != nil {
				return err
			}
			if len(known) == 0 {
				return core.NotFound("silence", s.ID)
			}
			if verb = "changed"; known[0].State(now) == "expired" {
				s.ID, verb = "", "created"
			}
		}
		if s.ID == "" {
			s.ID = c.deps.IDs.New()
		}
		s.UpdatedAt = now
		if err := saveSilence(ctx, tx, &s); err != nil {
			return err
		}
		return c.tellSilence(ctx, tx, actor, &s, verb)
	})
	if err != nil {
		return "", err
	}
	return s.ID, c.silencesChanged(ctx)
}

// saveSilence writes a silence; whose it is and which document declares it stay.
func saveSilence(ctx context.Context, tx *sqldb.Tx, s *Silence) error {
	_, err := tx.Exec(ctx, "INSERT INTO events_silence ("+silenceColumns+") VALUES ($1,$2,$3,$4,$5,$6,$7,$8) ON CONFLICT (id) DO UPDATE SET "+
		"matchers = excluded.matchers, starts_at = excluded.starts_at, ends_at = excluded.ends_at, updated_at = excluded.updated_at, comment = excluded.comment",
		s.ID, jsonText(s.Matchers, false), core.Micros(s.StartsAt), core.Micros(s.EndsAt), core.Micros(s.UpdatedAt), s.CreatedBy, s.Comment, s.Name)
	return err
}

// Unsilence ends a silence now.
func (c *Component) Unsilence(ctx context.Context, actor ledger.Actor, id string) error {
	now := c.deps.Clock.Now()
	err := c.deps.DB.Write(ctx, func(tx *sqldb.Tx) error {
		known, err := silencesWhere(ctx, tx, "id = $1", id)
		if err != nil {
			return err
		}
		if len(known) == 0 {
			return core.NotFound("silence", id)
		}
		if known[0].State(now) == "expired" {
			return nil
		}
		if _, err := tx.Exec(ctx, "UPDATE events_silence SET ends_at = $2, updated_at = $2 WHERE id = $1", id, core.Micros(now)); err != nil {
			return err
		}
		return c.tellSilence(ctx, tx, actor, known[0], "expired")
	})
	if err != nil {
		return err
	}
	return c.silencesChanged(ctx)
}

func (c *Component) tellSilence(ctx context.Context, tx *sqldb.Tx, actor ledger.Actor, s *Silence, verb string) error {
	text := ""
	for i := range s.Matchers {
		text += " " + s.Matchers[i].String()
	}
	_, err := c.deps.Ledger.Append(ctx, tx, ledger.Entry{
		Actor: actor, Module: module, Type: "events.silence." + verb, Subject: core.Ref{Kind: "silence", ID: s.ID},
		Summary: "Silence" + text + ": " + s.Comment,
	})
	return err
}
