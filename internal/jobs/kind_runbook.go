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

// Kinds are the documents of this module.
func (c *Component) Kinds() []declare.Kind {
	return []declare.Kind{c.runbookKind(), c.remediationKind()}
}

func (c *Component) runbookKind() declare.Kind {
	return declare.Kind{
		Name: "Runbook", Summary: "A job of steps that people and remediations start", Order: 40, Resource: "jobs", Spec: Runbook{},
		Apply: c.applyRunbook,
		Get: func(ctx context.Context, q sqldb.Querier, name string) (json.RawMessage, bool, error) {
			return getSpec(ctx, q, "SELECT spec FROM jobs_runbook WHERE name = $1", name)
		},
		List: func(ctx context.Context, q sqldb.Querier) ([]declare.Document, error) {
			return listSpecs(ctx, q, "Runbook", "SELECT name, spec FROM jobs_runbook ORDER BY name")
		},
		Delete: c.deleteRunbook,
	}
}

func (c *Component) applyRunbook(ctx context.Context, tx *sqldb.Tx, name string, spec json.RawMessage) (bool, error) {
	book, err := ParseRunbook(spec)
	if err != nil {
		return false, err
	}
	if err := permit(ctx, "jobs:write", book.Team); err != nil {
		return false, err
	}
	old, found, err := getSpec(ctx, tx, "SELECT spec FROM jobs_runbook WHERE name = $1", name)
	if err != nil || found && declare.Equal(old, spec) {
		return false, err
	}
	if found {
		if err := c.permitExisting(ctx, old); err != nil {
			return false, err
		}
	}
	now := core.Micros(c.deps.Clock.Now())
	_, err = tx.Exec(ctx, `INSERT INTO jobs_runbook (name, title, team, spec, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (name) DO UPDATE SET title = excluded.title, team = excluded.team, spec = excluded.spec, updated_at = excluded.updated_at`,
		name, book.title(name), book.Team, string(spec), now, now)
	if err != nil {
		return false, err
	}
	return true, c.note(ctx, tx, "jobs.runbook.changed", core.Ref{Kind: "runbook", ID: name}, book.Team, "runbook "+name+" was changed", spec)
}

func (c *Component) deleteRunbook(ctx context.Context, tx *sqldb.Tx, name string) (bool, error) {
	old, found, err := getSpec(ctx, tx, "SELECT spec FROM jobs_runbook WHERE name = $1", name)
	if err != nil || !found {
		return false, err
	}
	if err := c.permitExisting(ctx, old); err != nil {
		return false, err
	}
	if _, err := tx.Exec(ctx, "DELETE FROM jobs_runbook WHERE name = $1", name); err != nil {
		return false, err
	}
	return true, c.note(ctx, tx, "jobs.runbook.deleted", core.Ref{Kind: "runbook", ID: name}, "", "runbook "+name+" was deleted", old)
}

// permitExisting refuses to touch the document of another team.
func (c *Component) permitExisting(ctx context.Context, spec json.RawMessage) error {
	var owned struct {
		Team string `json:"team"`
	}
	if err := json.Unmarshal(spec, &owned); err != nil {
		return err
	}
	return permit(ctx, "jobs:write", owned.Team)
}

// note writes a ledger entry that is about no run.
func (c *Component) note(ctx context.Context, tx *sqldb.Tx, typ string, subject core.Ref, team, summary string, data json.RawMessage) error {
	_, err := c.deps.Ledger.Append(ctx, tx, ledger.Entry{Actor: actorOf(ctx), Module: "jobs", Type: typ, Subject: subject, Team: team,
		Summary: summary, Data: data})
	return err
}

func getSpec(ctx context.Context, q sqldb.Querier, query, name string) (spec json.RawMessage, found bool, err error) {
	var text string
	err = q.QueryRow(ctx, query, name).Scan(&text)
	if errors.Is(err, sqldb.ErrNoRows) {
		return nil, false, nil
	}
	return json.RawMessage(text), err == nil, err
}

func listSpecs(ctx context.Context, q sqldb.Querier, kind, query string) ([]declare.Document, error) {
	rows, err := q.Query(ctx, query)
	return sqldb.Collect(rows, err, func(r *sqldb.Rows) (declare.Document, error) {
		d := declare.Document{Kind: kind}
		var spec string
		err := r.Scan(&d.Name, &spec)
		d.Spec = json.RawMessage(spec)
		return d, err
	})
}

func loadRunbook(ctx context.Context, q sqldb.Querier, name string) (*Runbook, error) {
	spec, found, err := getSpec(ctx, q, "SELECT spec FROM jobs_runbook WHERE name = $1", name)
	if err != nil {
		return nil, err
	}
	if !found {
		return nil, core.NotFound("runbook", name)
	}
	return ParseRunbook(spec)
}
