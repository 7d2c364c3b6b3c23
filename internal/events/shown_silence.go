package events

import (
	"context"
	"fmt"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/listing"
	"mainstay/internal/platform/sqldb"
)

// SilenceView is a silence as the API shows it.
type SilenceView struct {
	ID        string    `json:"id"`
	State     string    `json:"state" enum:"pending,active,expired"`
	Matchers  []Matcher `json:"matchers" nullable:"false"`
	StartsAt  time.Time `json:"startsAt"`
	EndsAt    time.Time `json:"endsAt"`
	UpdatedAt time.Time `json:"updatedAt"`
	CreatedBy string    `json:"createdBy"`
	Comment   string    `json:"comment"`
	HeldBack  int64     `json:"heldBack" doc:"Active alerts it holds back now"`
}

// SilencePreview tells what matchers fit now.
type SilencePreview struct {
	Count  int         `json:"count" doc:"Active alerts that fit"`
	Alerts []AlertView `json:"alerts" nullable:"false" doc:"The first of them"`
}

// previewShown is how many alerts a preview names.
const previewShown = 20

func (c *Component) silenceFields() (listing.Fields, func(string, func(any) string) (listing.Field, bool)) {
	now := core.Micros(c.deps.Clock.Now())
	state := func(name string, bind func(any) string) (listing.Field, bool) {
		if name != "state" {
			return listing.Field{}, false
		}
		return listing.Field{Unsorted: true,
			Column: fmt.Sprintf("CASE WHEN ends_at <= %s THEN 'expired' WHEN starts_at > %s THEN 'pending' ELSE 'active' END", bind(now), bind(now))}, true
	}
	return listing.Fields{
		"id": {Column: "id"}, "startsAt": {Column: "starts_at", Kind: listing.Time}, "endsAt": {Column: "ends_at", Kind: listing.Time},
		"updatedAt": {Column: "updated_at", Kind: listing.Time}, "createdBy": {Column: "created_by"}, "comment": {Column: "comment"},
	}, state
}

// Silences lists silences, also those that are over.
func (c *Component) Silences(ctx context.Context, p listing.Params) (listing.Page[SilenceView], error) {
	fields, state := c.silenceFields()
	st, err := fields.Build(p, listing.Base{Select: silenceColumns, From: "events_silence", Search: []string{"matchers", "comment", "created_by"},
		Default: "-endsAt", Key: "id", Now: c.deps.Clock.Now(), Dynamic: state})
	if err != nil {
		return listing.Page[SilenceView]{}, err
	}
	page, err := listing.Read(ctx, c.deps.DB, p, st, func(scan func(...any) error) (SilenceView, error) {
		s, err := readSilence(scan)
		if err != nil {
			return SilenceView{}, err
		}
		return c.shownSilence(s), nil
	})
	if err != nil {
		return page, err
	}
	return page, c.countHeldBack(ctx, page.Items)
}

func (c *Component) shownSilence(s *Silence) SilenceView {
	return SilenceView{ID: s.ID, State: s.State(c.deps.Clock.Now()), Matchers: s.Matchers, StartsAt: s.StartsAt, EndsAt: s.EndsAt,
		UpdatedAt: s.UpdatedAt, CreatedBy: s.CreatedBy, Comment: s.Comment}
}

func (c *Component) silenceView(ctx context.Context, id string) (SilenceView, error) {
	found, err := silencesWhere(ctx, c.deps.DB, "id = $1", id)
	if err != nil {
		return SilenceView{}, err
	}
	if len(found) == 0 {
		return SilenceView{}, core.NotFound("silence", id)
	}
	list := []SilenceView{c.shownSilence(found[0])}
	err = c.countHeldBack(ctx, list)
	return list[0], err
}

func (c *Component) countHeldBack(ctx context.Context, list []SilenceView) error {
	var ids []string
	for _, s := range list {
		if s.State == "active" {
			ids = append(ids, s.ID)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	rows, err := c.deps.DB.Query(ctx, "SELECT suppressed_id, COUNT(*) FROM events_alert WHERE active AND suppressed_id IN ("+sqldb.In(len(ids), 1)+") GROUP BY suppressed_id", anys(ids)...)
	if err != nil {
		return err
	}
	defer rows.Close()
	counts := map[string]int64{}
	for rows.Next() {
		var id string
		var n int64
		if err := rows.Scan(&id, &n); err != nil {
			return err
		}
		counts[id] = n
	}
	for i := range list {
		list[i].HeldBack = counts[list[i].ID]
	}
	return rows.Err()
}

// previewSilence finds the active alerts that the caller may see and matchers fit.
func (c *Component) previewSilence(ctx context.Context, matchers []Matcher) (SilencePreview, error) {
	p := SilencePreview{Alerts: []AlertView{}}
	if err := compileAll(matchers); err != nil {
		return p, err
	}
	alerts, err := alertsWhere(ctx, c.deps.DB, "active ORDER BY severity DESC, opened_at DESC, id", false)
	if err != nil {
		return p, err
	}
	scope := auth.From(ctx).Scope("alerts:read")
	for _, a := range alerts {
		if !scope.Allows(a.Team) || !matchAll(matchers, a.matchable()) {
			continue
		}
		if p.Count++; len(p.Alerts) < previewShown {
			p.Alerts = append(p.Alerts, c.shown(a))
		}
	}
	return p, nil
}
