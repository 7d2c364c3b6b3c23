package oncall

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"strings"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/events/oncall/ics"
	"mainstay/internal/events/oncall/roster"
	"mainstay/internal/platform/sqldb"
)

// The subjects of feeds.
const (
	feedPerson = "person"
	feedRota   = "rota"
)

func hashed(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

// NewFeed makes the secret address of a calendar; an earlier one of the same
// subject made by the same person ends.
func (c *Component) NewFeed(ctx context.Context, kind, subject, by string) (string, error) {
	secret := rand.Text()
	err := c.deps.DB.Write(ctx, func(tx *sqldb.Tx) error {
		if _, err := tx.Exec(ctx, "DELETE FROM oncall_feed WHERE kind = $1 AND subject = $2 AND created_by = $3", kind, subject, by); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, "INSERT INTO oncall_feed (secret, kind, subject, created_by, created_at) VALUES ($1,$2,$3,$4,$5)", hashed(secret), kind, subject, by,
			core.Micros(c.deps.Clock.Now())); err != nil {
			return err
		}
		return c.note(ctx, tx, telling{verb: "feed.created", subject: core.Ref{Kind: kind, ID: subject}, summary: "a calendar address was made"})
	})
	return c.address() + "/oncall/calendar/" + secret + ".ics", err
}

// A calendar shows what was and what will be.
const (
	feedPast   = 31
	feedFuture = 180
)

// serveFeed answers whoever knows the secret.
func (c *Component) serveFeed(w http.ResponseWriter, r *http.Request) {
	calendar, err := c.feed(r.Context(), strings.TrimSuffix(r.PathValue("secret"), ".ics"))
	switch {
	case core.CodeOf(err) == core.CodeNotFound:
		http.NotFound(w, r)
		return
	case err != nil:
		c.deps.Log.Warn("a calendar could not be made", "error", err)
		http.Error(w, "internal error", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/calendar; charset=utf-8")
	w.Header().Set("Cache-Control", "private, max-age=300")
	w.Write(calendar.Encode())
}

func (c *Component) feed(ctx context.Context, secret string) (ics.Calendar, error) {
	var kind, subject, by string
	err := c.deps.DB.QueryRow(ctx, "SELECT kind, subject, created_by FROM oncall_feed WHERE secret = $1", hashed(secret)).Scan(&kind, &subject, &by)
	if absent(err) {
		return ics.Calendar{}, core.NotFound("calendar", "")
	}
	if err != nil {
		return ics.Calendar{}, err
	}
	if who, err := c.deps.People.ByID(ctx, by); err != nil || !who.Active { // whoever left takes their addresses along
		return ics.Calendar{}, core.NotFound("calendar", "")
	}
	out := ics.Calendar{Name: "On call: " + subject, Every: time.Hour}
	only := ""
	where, args := "kind = $1 AND name = $2", []any{kindRota, subject}
	if kind == feedPerson {
		who, err := c.deps.People.ByID(ctx, subject)
		if err != nil {
			return out, err
		}
		out.Name, only = "On call: "+who.Name, who.Username
		where, args = "kind = $1", []any{kindRota}
	}
	rotas, err := documents(ctx, c.deps.DB, where, args...)
	if err != nil {
		return out, err
	}
	now := c.deps.Clock.Now()
	from, to := now.AddDate(0, 0, -feedPast), now.AddDate(0, 0, feedFuture)
	for _, d := range rotas {
		r, err := rotaOf(d)
		if err != nil {
			return out, err
		}
		over, _, err := forRoster(ctx, c.deps.DB, d.Name, from, to)
		if err != nil {
			return out, err
		}
		out.Events = append(out.Events, c.feedEvents(ctx, d, r, r.Final(from, to, over), only)...)
	}
	return out, nil
}

func (c *Component) feedEvents(ctx context.Context, d document, r *roster.Rota, shifts []roster.Shift, only string) []ics.Event {
	var out []ics.Event
	names := map[string]string{}
	for _, s := range shifts {
		if only != "" && s.Person != only {
			continue
		}
		if names[s.Person] == "" {
			names[s.Person] = c.nameOf(ctx, s.Person)
		}
		title := d.Name
		if r.Title != "" {
			title = r.Title
		}
		summary := "On call: " + title
		if only == "" {
			summary = names[s.Person] + " (" + title + ")"
		}
		description := "By the rota"
		if s.Layer < 0 {
			description = "By an override"
		}
		out = append(out, ics.Event{UID: hashed(fmt.Sprintf("%s/%s/%d/%d", d.Name, s.Person, s.From.Unix(), s.Layer))[:32] + "@mainstay", Stamp: d.UpdatedAt, From: s.From, To: s.To,
			Summary: summary, Description: description, URL: c.address() + "/on-call"})
	}
	return out
}
