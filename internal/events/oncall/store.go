package oncall

import (
	"context"
	"embed"
	"encoding/json"
	"errors"
	"io/fs"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/httpapi"
	"mainstay/internal/platform/ledger"
	"mainstay/internal/platform/sqldb"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Migrations are the tables; migrate them under the name "oncall".
func Migrations() fs.FS { return migrations }

// The kinds of document.
const (
	kindRota    = "Rota"
	kindPolicy  = "EscalationPolicy"
	kindChannel = "Channel"
)

// document is a stored one of any kind.
type document struct {
	Kind      string
	Name      string
	Team      string
	Spec      json.RawMessage
	Version   int64
	UpdatedAt time.Time
}

func documents(ctx context.Context, q sqldb.Querier, where string, args ...any) ([]document, error) {
	rows, err := q.Query(ctx, "SELECT kind, name, team, spec, version, updated_at FROM oncall_document WHERE "+where+" ORDER BY name", args...)
	return sqldb.Collect(rows, err, func(r *sqldb.Rows) (d document, err error) {
		var spec string
		var updated int64
		err = r.Scan(&d.Kind, &d.Name, &d.Team, &spec, &d.Version, &updated)
		d.Spec, d.UpdatedAt = json.RawMessage(spec), core.FromMicros(updated)
		return d, err
	})
}

// documentNamed returns core.CodeNotFound when there is none.
func documentNamed(ctx context.Context, q sqldb.Querier, kind, name string) (document, error) {
	list, err := documents(ctx, q, "kind = $1 AND name = $2", kind, name)
	if err != nil {
		return document{}, err
	}
	if len(list) == 0 {
		return document{}, core.NotFound(words(kind), name)
	}
	return list[0], nil
}

func words(kind string) string {
	return map[string]string{kindRota: "rota", kindPolicy: "escalation policy", kindChannel: "channel"}[kind]
}

// putDocument stores a checked spec and says whether that changed anything.
func (c *Component) putDocument(ctx context.Context, tx *sqldb.Tx, kind, name, team string, spec any) (bool, error) {
	if name == "" || len(name) > 200 {
		return false, core.Invalid("name", "must have 1 to 200 bytes")
	}
	if kind == kindChannel && (name == ownMail || name == ownPush) {
		return false, core.Invalid("name", "mail and push are there already: choose another name")
	}
	text, err := json.Marshal(spec)
	if err != nil {
		return false, err
	}
	old, err := documentNamed(ctx, tx, kind, name)
	known := err == nil
	if err != nil && core.CodeOf(err) != core.CodeNotFound {
		return false, err
	}
	teams := []string{team}
	if known {
		teams = append(teams, old.Team)
	}
	for _, t := range teams {
		if err := allowed(ctx, "oncall:write", t, kind, name); err != nil {
			return false, err
		}
	}
	if known && string(old.Spec) == string(text) {
		return false, nil
	}
	now := core.Micros(c.deps.Clock.Now())
	if _, err := tx.Exec(ctx, `INSERT INTO oncall_document (kind, name, team, spec, version, created_at, updated_at) VALUES ($1,$2,$3,$4,1,$5,$5)
		ON CONFLICT (kind, name) DO UPDATE SET team = excluded.team, spec = excluded.spec, version = oncall_document.version + 1, updated_at = excluded.updated_at`,
		kind, name, team, string(text), now); err != nil {
		return false, err
	}
	verb := "created"
	if known {
		verb = "changed"
	}
	return true, c.noteDocument(ctx, tx, kind, name, team, verb)
}

func (c *Component) deleteDocument(ctx context.Context, tx *sqldb.Tx, kind, name string) (bool, error) {
	d, err := documentNamed(ctx, tx, kind, name)
	if core.CodeOf(err) == core.CodeNotFound {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if err := allowed(ctx, "oncall:write", d.Team, kind, name); err != nil {
		return false, err
	}
	if _, err := tx.Exec(ctx, "DELETE FROM oncall_document WHERE kind = $1 AND name = $2", kind, name); err != nil {
		return false, err
	}
	if kind == kindRota {
		for _, statement := range []string{"DELETE FROM oncall_override WHERE rota = $1",
			"DELETE FROM oncall_feed WHERE kind = 'rota' AND subject = $1"} {
			if _, err := tx.Exec(ctx, statement, name); err != nil {
				return false, err
			}
		}
	}
	return true, c.noteDocument(ctx, tx, kind, name, d.Team, "deleted")
}

func (c *Component) noteDocument(ctx context.Context, tx *sqldb.Tx, kind, name, team, verb string) error {
	noun := map[string]string{kindRota: "rota", kindPolicy: "policy", kindChannel: "channel"}[kind]
	return c.note(ctx, tx, telling{verb: noun + "." + verb, subject: core.Ref{Kind: noun, ID: name}, team: team, summary: words(kind) + " " + name + " " + verb})
}

// telling is a ledger entry to be.
type telling struct {
	verb    string // noun.verb
	subject core.Ref
	team    string
	summary string
	data    any
	cause   string
	actor   *ledger.Actor // the caller when nil
}

// note appends a ledger entry to the transaction.
func (c *Component) note(ctx context.Context, tx *sqldb.Tx, t telling) error {
	actor := ledger.System("on call")
	switch p := auth.From(ctx); {
	case t.actor != nil:
		actor = *t.actor
	case p != nil:
		actor = ledger.Actor{Kind: p.Kind, ID: p.ID, Name: p.Name}
	}
	var data json.RawMessage
	if t.data != nil {
		text, err := json.Marshal(t.data)
		if err != nil {
			return err
		}
		data = text
	}
	_, err := c.deps.Ledger.Append(ctx, tx, ledger.Entry{Actor: actor, Module: "oncall", Type: "oncall." + t.verb, Subject: t.subject, Team: t.team,
		Summary: t.summary, Data: data, Cause: t.cause})
	return err
}

// allowed says whether the caller has the permission for a record of team;
// what may not be seen is not there.
func allowed(ctx context.Context, permission auth.Permission, team, kind, name string) error {
	p := auth.From(ctx)
	if p.Scope(permission).Allows(team) {
		return nil
	}
	if !p.Scope("oncall:read").Allows(team) {
		return core.NotFound(words(kind), name)
	}
	return core.Errorf(core.CodeForbidden, "this belongs to another team, or needs the permission %s", permission)
}

// see reads a document that the caller has a permission for.
func (c *Component) see(ctx context.Context, q sqldb.Querier, kind, name string, permission auth.Permission) (document, error) {
	d, err := documentNamed(ctx, q, kind, name)
	if err == nil {
		err = allowed(ctx, permission, d.Team, kind, name)
	}
	return d, err
}

// visible lists the documents of a kind that the caller may see.
func (c *Component) visible(ctx context.Context, kind string) ([]document, error) {
	list, err := documents(ctx, c.deps.DB, "kind = $1", kind)
	scope := auth.From(ctx).Scope("oncall:read")
	out := make([]document, 0, len(list))
	for _, d := range list {
		if scope.Allows(d.Team) {
			out = append(out, d)
		}
	}
	return out, err
}

// absent says that a row was not found.
func absent(err error) bool { return errors.Is(err, sqldb.ErrNoRows) }

// version is the ETag of a document.
func (d document) version() string { return httpapi.ETag(d.Version) }
