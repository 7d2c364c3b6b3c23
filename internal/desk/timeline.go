package desk

import (
	"context"
	"encoding/json"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/ledger"
	"mainstay/internal/platform/listing"
	"mainstay/internal/platform/sqldb"
)

// Note is one line of an incident's timeline: what happened to it, and what
// happened elsewhere because of it or to it.
type Note struct {
	ID      string          `json:"id"`
	At      time.Time       `json:"at"`
	Kind    string          `json:"kind" doc:"opened, changed, assigned, state, comment, attachment, clock, situation, run, remediation"`
	Actor   ledger.Actor    `json:"actor"`
	Summary string          `json:"summary"`
	Data    json.RawMessage `json:"data,omitempty"`
	Subject *core.Ref       `json:"subject,omitempty" doc:"The record it leads to: a run, a situation, a comment"`
	Public  bool            `json:"public" doc:"The requester sees it too"`
	Entry   string          `json:"entry,omitempty" doc:"The ledger entry it comes from"`
}

func (s store) addNotes(ctx context.Context, tx *sqldb.Tx, ids *core.IDs, incident string, notes []Note) error {
	rows := make([][]any, len(notes))
	for i, n := range notes {
		subject := core.Ref{}
		if n.Subject != nil {
			subject = *n.Subject
		}
		rows[i] = []any{ids.New(), incident, core.Micros(n.At), n.Kind, n.Actor.Kind, n.Actor.ID, n.Actor.Name, n.Public, n.Summary, string(n.Data), subject.Kind, subject.ID, n.Entry}
	}
	return sqldb.Insert(ctx, tx, `INSERT INTO desk_timeline (id, incident, at, kind, actor_kind, actor, actor_name, public, summary, data,
		subject_kind, subject, entry) VALUES`, 13, rows, "")
}

// timelineFields are what a timeline may be filtered and sorted by.
func timelineFields() listing.Fields {
	return listing.Fields{"at": {Column: "t.at", Kind: listing.Time}, "kind": {Column: "t.kind"}, "actor": {Column: "t.actor"}, "public": {Column: "t.public", Kind: listing.Bool, Unsorted: true}}
}

// timeline lists the notes of an incident, the oldest first unless asked otherwise.
func (s store) timeline(ctx context.Context, q sqldb.Querier, p listing.Params, incident string, publicOnly bool, now time.Time) (listing.Page[Note], error) {
	base := listing.Base{
		Select: "t.id, t.at, t.kind, t.actor_kind, t.actor, t.actor_name, t.public, t.summary, t.data, t.subject_kind, t.subject, t.entry",
		From:   "desk_timeline t", Where: []string{"t.incident = $1"}, Args: []any{incident},
		Search: []string{"t.summary"}, Default: "at", Key: "t.id", Now: now,
	}
	if publicOnly {
		base.Where = append(base.Where, "t.public")
	}
	st, err := timelineFields().Build(p, base)
	if err != nil {
		return listing.Page[Note]{}, err
	}
	return listing.Read(ctx, q, p, st, func(dest func(...any) error) (Note, error) {
		var n Note
		var at int64
		var data string
		var subject core.Ref
		err := dest(&n.ID, &at, &n.Kind, &n.Actor.Kind, &n.Actor.ID, &n.Actor.Name, &n.Public, &n.Summary, &data, &subject.Kind, &subject.ID, &n.Entry)
		n.At = core.FromMicros(at)
		if data != "" {
			n.Data = json.RawMessage(data)
		}
		if !subject.IsZero() {
			n.Subject = &subject
		}
		return n, err
	})
}
