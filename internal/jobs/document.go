package jobs

import (
	"context"
	"encoding/json"
	"errors"

	"mainstay/internal/core"
	"mainstay/internal/platform/declare"
	"mainstay/internal/platform/ledger"
	"mainstay/internal/platform/sqldb"
)

// document is what the kinds of this module have in common: a table of specs
// by name, of which each belongs to a team.
type document struct {
	c     *Component
	noun  string // in the ledger: jobs.<noun>.changed
	table string
}

// kind completes k, which says how the spec is applied.
func (d document) kind(k declare.Kind) declare.Kind {
	k.Resource = "jobs"
	k.Get, k.Delete = d.get, d.delete
	k.List = func(ctx context.Context, q sqldb.Querier) ([]declare.Document, error) {
		return d.list(ctx, q, k.Name, "TRUE")
	}
	return k
}

func (d document) list(ctx context.Context, q sqldb.Querier, kind, where string) ([]declare.Document, error) {
	rows, err := q.Query(ctx, "SELECT name, spec FROM "+d.table+" WHERE "+where+" ORDER BY name")
	return sqldb.Collect(rows, err, func(r *sqldb.Rows) (declare.Document, error) {
		one := declare.Document{Kind: kind}
		var spec string
		err := r.Scan(&one.Name, &spec)
		one.Spec = json.RawMessage(spec)
		return one, err
	})
}

func (d document) get(ctx context.Context, q sqldb.Querier, name string) (spec json.RawMessage, found bool, err error) {
	var text string
	err = q.QueryRow(ctx, "SELECT spec FROM "+d.table+" WHERE name = $1", name).Scan(&text)
	if errors.Is(err, sqldb.ErrNoRows) {
		return nil, false, nil
	}
	return json.RawMessage(text), err == nil, err
}

// differs says whether spec is another one than what is there, which the
// caller must be allowed to replace.
func (d document) differs(ctx context.Context, q sqldb.Querier, name string, spec json.RawMessage) (bool, error) {
	old, found, err := d.get(ctx, q, name)
	if err != nil || !found {
		return err == nil, err
	}
	if declare.Equal(old, spec) {
		return false, nil
	}
	return true, permitExisting(ctx, old)
}

func (d document) delete(ctx context.Context, tx *sqldb.Tx, name string) (bool, error) {
	old, found, err := d.get(ctx, tx, name)
	if err != nil || !found {
		return false, err
	}
	if err := permitExisting(ctx, old); err != nil {
		return false, err
	}
	if _, err := tx.Exec(ctx, "DELETE FROM "+d.table+" WHERE name = $1", name); err != nil {
		return false, err
	}
	return true, d.note(ctx, tx, "deleted", name, "", old)
}

// note writes what happened to a document to the ledger.
func (d document) note(ctx context.Context, tx *sqldb.Tx, verb, name, team string, spec json.RawMessage) error {
	return d.c.note(ctx, tx, "jobs."+d.noun+"."+verb, core.Ref{Kind: d.noun, ID: name}, team, d.noun+" "+name+" was "+verb, spec)
}

// note writes a ledger entry that is about no run.
func (c *Component) note(ctx context.Context, tx *sqldb.Tx, typ string, subject core.Ref, team, summary string, data json.RawMessage) error {
	_, err := c.deps.Ledger.Append(ctx, tx, ledger.Entry{Actor: actorOf(ctx), Module: "jobs", Type: typ, Subject: subject, Team: team,
		Summary: summary, Data: data})
	return err
}

// permitExisting refuses to touch the document of another team.
func permitExisting(ctx context.Context, spec json.RawMessage) error {
	var owned struct {
		Team string `json:"team"`
	}
	if err := json.Unmarshal(spec, &owned); err != nil {
		return err
	}
	return permit(ctx, "jobs:write", owned.Team)
}
