package mailbox

import (
	"context"
	"embed"
	"encoding/json"
	"errors"
	"io/fs"

	"mainstay/internal/core"
	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/declare"
	"mainstay/internal/platform/ledger"
	"mainstay/internal/platform/sqldb"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Migrations are the room's tables; migrate them under the name "mailbox".
func Migrations() fs.FS { return migrations }

const (
	kindName = "Mailbox"
	changed  = "events.mailbox." // begins the type of every ledger entry about a mailbox
)

// Kinds are the documents of this room.
func (c *Component) Kinds() []declare.Kind { return []declare.Kind{c.kind()} }

func (c *Component) kind() declare.Kind {
	kind := declare.Kind{Name: kindName, Summary: "Fetches mails over IMAP, which become events", Order: 56, Resource: "alerts", Spec: Spec{},
		Apply: c.apply, Delete: c.remove}
	return kind.InTable("mailbox_document")
}

func permit(ctx context.Context) error {
	if !auth.From(ctx).Scope("alerts:write").All {
		return core.Errorf(core.CodeForbidden, "this needs the permission alerts:write for all teams")
	}
	return nil
}

func (c *Component) apply(ctx context.Context, tx *sqldb.Tx, name string, raw json.RawMessage) (bool, error) {
	if err := permit(ctx); err != nil {
		return false, err
	}
	if _, err := parse(name, raw); err != nil {
		return false, err
	}
	old, found, err := c.kind().Get(ctx, tx, name)
	if err != nil || found && declare.Equal(old, raw) {
		return false, err
	}
	if _, err := tx.Exec(ctx, "INSERT INTO mailbox_document (name, spec, updated_at) VALUES ($1,$2,$3) ON CONFLICT (name) DO UPDATE SET spec = excluded.spec, updated_at = excluded.updated_at",
		name, string(raw), core.Micros(c.deps.Clock.Now())); err != nil {
		return false, err
	}
	if found {
		return true, c.note(ctx, tx, "updated", name)
	}
	return true, c.note(ctx, tx, "created", name)
}

func (c *Component) remove(ctx context.Context, tx *sqldb.Tx, name string) (bool, error) {
	if err := permit(ctx); err != nil {
		return false, err
	}
	n, err := sqldb.Affected(tx.Exec(ctx, "DELETE FROM mailbox_document WHERE name = $1", name))
	if err != nil || n == 0 {
		return false, err
	}
	if _, err := tx.Exec(ctx, "DELETE FROM mailbox_position WHERE name = $1", name); err != nil {
		return false, err
	}
	return true, c.note(ctx, tx, "deleted", name)
}

func (c *Component) note(ctx context.Context, tx *sqldb.Tx, verb, name string) error {
	actor := ledger.System("events")
	if p := auth.From(ctx); p != nil {
		actor = ledger.Actor{Kind: p.Kind, ID: p.ID, Name: p.Name}
	}
	_, err := c.deps.Ledger.Append(ctx, tx, ledger.Entry{Actor: actor, Module: "events", Type: changed + verb,
		Subject: core.Ref{Kind: "mailbox", ID: name}, Summary: "mailbox " + name + " " + verb})
	return err
}

// load reads all mailboxes. One that cannot be used is left out and told.
func (c *Component) load(ctx context.Context) ([]*mailbox, error) {
	docs, err := c.kind().List(ctx, c.deps.DB)
	if err != nil {
		return nil, err
	}
	all := make([]*mailbox, 0, len(docs))
	for _, d := range docs {
		m, err := parse(d.Name, d.Spec)
		if err != nil {
			c.deps.Log.Error("a mailbox cannot be used", "mailbox", d.Name, "error", err)
			continue
		}
		if !m.Disabled {
			all = append(all, m)
		}
	}
	return all, nil
}

// position is how far a mailbox has been read.
type position struct {
	place    string
	validity uint32
	done     uint32
	fresh    uint32
	unmarked uint32
}

// position reads how far a mailbox has been read; a place of "" says never.
func (c *Component) position(ctx context.Context, name string) (p position, err error) {
	var validity, done, fresh, unmarked int64
	err = c.deps.DB.QueryRow(ctx, "SELECT place, validity, done, fresh, unmarked FROM mailbox_position WHERE name = $1", name).
		Scan(&p.place, &validity, &done, &fresh, &unmarked)
	if errors.Is(err, sqldb.ErrNoRows) {
		return position{}, nil
	}
	p.validity, p.done, p.fresh, p.unmarked = uint32(validity), uint32(done), uint32(fresh), uint32(unmarked)
	return p, err
}

func (c *Component) reached(ctx context.Context, name string, p position) error {
	return c.deps.DB.Write(ctx, func(tx *sqldb.Tx) error {
		_, err := tx.Exec(ctx, "INSERT INTO mailbox_position (name, place, validity, done, fresh, unmarked) VALUES ($1,$2,$3,$4,$5,$6) "+
			"ON CONFLICT (name) DO UPDATE SET place = excluded.place, validity = excluded.validity, done = excluded.done, fresh = excluded.fresh, unmarked = excluded.unmarked",
			name, p.place, int64(p.validity), int64(p.done), int64(p.fresh), int64(p.unmarked))
		return err
	})
}
