package events

import (
	"context"
	"slices"
	"strings"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/ledger"
	"mainstay/internal/platform/sqldb"
)

// linksMost bounds the links of one alert.
const linksMost = 50

// linkURL is the kind of a link to the web; other kinds are those of records.
const linkURL = "url"

// link is where an alert leads.
type link struct{ kind, target, title string }

func (l link) ref() *core.Ref { return &core.Ref{Kind: l.kind, ID: l.target} }

// LinkView is a link as the API shows it.
type LinkView struct {
	Kind   string    `json:"kind" doc:"url, or the kind of a record: incident, situation, item"`
	Target string    `json:"target" doc:"An address, or the id of the record"`
	Title  string    `json:"title"`
	By     string    `json:"by"`
	At     time.Time `json:"at"`
}

// linkable are the kinds of record that alerts are linked to.
func linkable() []string {
	return []string{"incident", "situation", "item", "alert", "run", "problem", "change"}
}

// linkOf reads what a deed wants to link to, or no longer.
func (c *Component) linkOf(ctx context.Context, d Deed) (link, error) {
	if (d.URL == "") == (d.Record == "") {
		return link{}, core.Invalid("url", "give either an address or a record")
	}
	if !plain(d.Title) {
		return link{}, core.Invalid("title", "must be text")
	}
	title := strings.TrimSpace(d.Title)
	if d.URL != "" {
		address := webAddress(d.URL)
		if address == "" {
			return link{}, core.Invalid("url", "must be an address that begins with http:// or https://")
		}
		if title == "" {
			title = address
		}
		return link{linkURL, address, title}, nil
	}
	kind, id, _ := strings.Cut(d.Record, "/")
	if !slices.Contains(linkable(), kind) || id == "" || !plain(id) {
		return link{}, core.Invalid("record", "must be kind/id, the kind one of "+strings.Join(linkable(), ", "))
	}
	if d.Action == RemoveLink {
		return link{kind, id, title}, nil
	}
	known, err := c.deps.Records.Title(ctx, core.Ref{Kind: kind, ID: id})
	if core.CodeOf(err) == core.CodeNotFound {
		return link{}, core.Invalid("record", "there is no "+kind+" "+id)
	}
	if title == "" {
		title = known
	}
	return link{kind, id, title}, err
}

// changeLink adds or removes a link of an alert.
func (c *Component) changeLink(ctx context.Context, tx *sqldb.Tx, d Deed, a *Alert, by ledger.Actor, t *telling) error {
	t.link = d.link.ref()
	if d.Action == RemoveLink {
		n, err := sqldb.Affected(tx.Exec(ctx, "DELETE FROM events_link WHERE alert = $1 AND kind = $2 AND target = $3", a.ID, d.link.kind, d.link.target))
		if err == nil && n == 0 {
			err = core.Errorf(core.CodeConflict, "it has no such link")
		}
		t.effect, t.why = "unlinked", by.Name+" removed the link to "+d.link.target+"."
		return err
	}
	var known int
	if err := tx.QueryRow(ctx, "SELECT COUNT(*) FROM events_link WHERE alert = $1", a.ID).Scan(&known); err != nil {
		return err
	}
	if known >= linksMost {
		return core.Errorf(core.CodeConflict, "it has %d links already", known)
	}
	n, err := sqldb.Affected(tx.Exec(ctx, "INSERT INTO events_link (id, alert, at, by_id, by_name, kind, target, title) VALUES ($1,$2,$3,$4,$5,$6,$7,$8) ON CONFLICT (alert, kind, target) DO NOTHING",
		c.deps.IDs.New(), a.ID, core.Micros(c.deps.Clock.Now()), by.ID, by.Name, d.link.kind, d.link.target, d.link.title))
	if err == nil && n == 0 {
		err = core.Errorf(core.CodeConflict, "it has that link already")
	}
	t.effect, t.why = "linked", by.Name+" linked it to "+d.link.title+"."
	return err
}

func (c *Component) links(ctx context.Context, alert string) ([]LinkView, error) {
	rows, err := c.deps.DB.Query(ctx, "SELECT kind, target, title, by_name, at FROM events_link WHERE alert = $1 ORDER BY id LIMIT $2", alert, linksMost)
	list, err := sqldb.Collect(rows, err, func(rows *sqldb.Rows) (v LinkView, err error) {
		var at int64
		err = rows.Scan(&v.Kind, &v.Target, &v.Title, &v.By, &at)
		v.At = core.FromMicros(at)
		return v, err
	})
	if list == nil {
		list = []LinkView{}
	}
	return list, err
}
