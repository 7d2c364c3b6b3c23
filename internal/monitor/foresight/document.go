package foresight

import (
	"bytes"
	"context"
	"encoding/json"
	"regexp"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/declare"
	"mainstay/internal/platform/ledger"
	"mainstay/internal/platform/sqldb"
)

// The kinds of document.
const (
	baselineKind = "Baseline"
	poolKind     = "CapacityPool"
)

// document is a declared one of either kind.
type document struct {
	id, kind, name, team string
	spec                 json.RawMessage
	version              int64
	createdAt, updatedAt time.Time
}

// specification is what both specs have in common.
type specification interface {
	validate() []core.Detail
	owner() string
}

var documentName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._/@:-]*$`)

const maxNameLength = 120

func validate(name string, spec specification) error {
	var bad []core.Detail
	if len(name) > maxNameLength || !documentName.MatchString(name) {
		bad = append(bad, core.Detail{Field: "name", Rule: "must be letters, digits and . _ / @ : -, beginning with a letter or digit, at most 120 characters"})
	}
	return core.InvalidAll(append(bad, spec.validate()...))
}

// Kinds are the documents of this part.
func (c *Component) Kinds() []declare.Kind {
	return []declare.Kind{
		c.kind(baselineKind, "Series whose usual band and anomalies are learned", 56, BaselineSpec{}, func() specification { return &BaselineSpec{} }),
		c.kind(poolKind, "Something that fills, with its limit", 57, PoolSpec{}, func() specification { return &PoolSpec{} }),
	}
}

func (c *Component) kind(kind, summary string, order int, shape any, fresh func() specification) declare.Kind {
	return declare.Kind{
		Name: kind, Summary: summary, Order: order, Resource: "checks", Spec: shape,
		Apply: func(ctx context.Context, tx *sqldb.Tx, name string, raw json.RawMessage) (bool, error) {
			spec := fresh()
			if err := declare.Decode(raw, spec); err != nil {
				return false, err
			}
			return c.apply(ctx, tx, kind, name, spec)
		},
		Get: func(ctx context.Context, q sqldb.Querier, name string) (json.RawMessage, bool, error) {
			d, err := c.store.document(ctx, q, kind, name)
			if d == nil || err != nil {
				return nil, false, err
			}
			return d.spec, true, nil
		},
		List: func(ctx context.Context, q sqldb.Querier) ([]declare.Document, error) {
			list, err := c.store.documents(ctx, q, kind)
			var out []declare.Document
			for _, d := range list {
				out = append(out, declare.Document{Kind: kind, Name: d.name, Spec: d.spec})
			}
			return out, err
		},
		Delete: func(ctx context.Context, tx *sqldb.Tx, name string) (bool, error) {
			d, err := c.store.document(ctx, tx, kind, name)
			if err != nil || d == nil {
				return false, err
			}
			return true, c.store.remove(ctx, tx, d)
		},
	}
}

func (c *Component) apply(ctx context.Context, tx *sqldb.Tx, kind, name string, spec specification) (bool, error) {
	if err := validate(name, spec); err != nil {
		return false, err
	}
	old, err := c.store.document(ctx, tx, kind, name)
	if err != nil {
		return false, err
	}
	teams := []string{spec.owner()}
	if old != nil {
		teams = append(teams, old.team)
	}
	for _, team := range teams {
		if !auth.From(ctx).Scope("checks:write").Allows(team) {
			return false, core.Errorf(core.CodeForbidden, "this document belongs to another team")
		}
	}
	raw, err := json.Marshal(spec)
	if err != nil {
		return false, err
	}
	if old == nil {
		old = &document{id: c.deps.IDs.New(), kind: kind, name: name}
	} else if bytes.Equal(old.spec, raw) {
		return false, nil
	}
	old.spec, old.team = raw, spec.owner()
	return true, c.store.save(ctx, tx, old)
}

const documentColumns = "id, kind, name, team, spec, version, created_at, updated_at"

func scanDocument(scan func(...any) error) (*document, error) {
	var d document
	var spec string
	var created, updated int64
	err := scan(&d.id, &d.kind, &d.name, &d.team, &spec, &d.version, &created, &updated)
	d.spec, d.createdAt, d.updatedAt = json.RawMessage(spec), core.FromMicros(created), core.FromMicros(updated)
	return &d, err
}

func (s *store) documents(ctx context.Context, q sqldb.Querier, kind string) ([]*document, error) {
	rows, err := q.Query(ctx, "SELECT "+documentColumns+" FROM foresight_document WHERE kind = $1 ORDER BY name", kind)
	return sqldb.Collect(rows, err, func(r *sqldb.Rows) (*document, error) { return scanDocument(r.Scan) })
}

// document reads one by its name or id; nil when there is none.
func (s *store) document(ctx context.Context, q sqldb.Querier, kind, ref string) (*document, error) {
	rows, err := q.Query(ctx, "SELECT "+documentColumns+" FROM foresight_document WHERE kind = $1 AND (name = $2 OR id = $2) ORDER BY name", kind, ref)
	list, err := sqldb.Collect(rows, err, func(r *sqldb.Rows) (*document, error) { return scanDocument(r.Scan) })
	if err != nil || len(list) == 0 {
		return nil, err
	}
	return list[0], nil
}

func (s *store) save(ctx context.Context, tx *sqldb.Tx, d *document) error {
	now := core.Micros(s.clock.Now())
	verb := "updated"
	var err error
	if d.version == 0 {
		verb = "created"
		_, err = tx.Exec(ctx, "INSERT INTO foresight_document ("+documentColumns+") VALUES ($1,$2,$3,$4,$5,1,$6,$6)", d.id, d.kind, d.name, d.team, string(d.spec), now)
	} else {
		_, err = tx.Exec(ctx, "UPDATE foresight_document SET team = $2, spec = $3, version = version + 1, updated_at = $4 WHERE id = $1", d.id, d.team, string(d.spec), now)
	}
	if err != nil {
		return err
	}
	return s.note(ctx, tx, d, verb)
}

// remove deletes a document with what was learned for it.
func (s *store) remove(ctx context.Context, tx *sqldb.Tx, d *document) error {
	for _, statement := range []string{
		"DELETE FROM foresight_document WHERE id = $1",
		"DELETE FROM foresight_round WHERE document = $1",
		"DELETE FROM foresight_series WHERE document = $1",
	} {
		if _, err := tx.Exec(ctx, statement, d.id); err != nil {
			return err
		}
	}
	if d.kind == poolKind {
		if _, err := tx.Exec(ctx, "DELETE FROM foresight_capacity WHERE pool = $1", d.name); err != nil {
			return err
		}
	}
	return s.note(ctx, tx, d, "deleted")
}

func (s *store) note(ctx context.Context, tx *sqldb.Tx, d *document, verb string) error {
	noun, words := "baseline", "baseline"
	if d.kind == poolKind {
		noun, words = "pool", "capacity pool"
	}
	_, err := s.ledger.Append(ctx, tx, ledger.Entry{
		Actor: actor(ctx), Module: "monitor", Type: "monitor." + noun + "." + verb, Subject: core.Ref{Kind: noun, ID: d.id},
		Team: d.team, Summary: words + " " + d.name + " " + verb,
	})
	return err
}

// actor is who the ledger names: the caller, or monitoring itself.
func actor(ctx context.Context) ledger.Actor {
	if p := auth.From(ctx); p != nil {
		return ledger.Actor{Kind: p.Kind, ID: p.ID, Name: p.Name}
	}
	return ledger.System("monitor")
}
