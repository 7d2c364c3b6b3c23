package jobs

import (
	"context"
	"encoding/json"

	"mainstay/internal/core"
	"mainstay/internal/platform/declare"
	"mainstay/internal/platform/sqldb"
)

// Kinds are the documents of this module.
func (c *Component) Kinds() []declare.Kind {
	return []declare.Kind{
		c.runbooks().kind(declare.Kind{Name: "Runbook", Summary: "A job of steps that people and remediations start", Order: 40, Spec: Runbook{}, Apply: c.applyRunbook}),
		c.remediations().kind(declare.Kind{Name: "Remediation", Summary: "Starts a runbook when a situation or an alert fits a condition", Order: 50, Spec: Remediation{}, Apply: c.applyRemediation}),
	}
}

func (c *Component) runbooks() document { return document{c, "runbook", "jobs_runbook"} }

func (c *Component) applyRunbook(ctx context.Context, tx *sqldb.Tx, name string, spec json.RawMessage) (bool, error) {
	book, err := ParseRunbook(spec)
	if err != nil {
		return false, err
	}
	if err := permit(ctx, "jobs:write", book.Team); err != nil {
		return false, err
	}
	if differs, err := c.runbooks().differs(ctx, tx, name, spec); err != nil || !differs {
		return false, err
	}
	now := core.Micros(c.deps.Clock.Now())
	_, err = tx.Exec(ctx, `INSERT INTO jobs_runbook (name, title, team, spec, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (name) DO UPDATE SET title = excluded.title, team = excluded.team, spec = excluded.spec, updated_at = excluded.updated_at`,
		name, book.title(name), book.Team, string(spec), now, now)
	if err != nil {
		return false, err
	}
	return true, c.runbooks().note(ctx, tx, "changed", name, book.Team, spec)
}

func (c *Component) loadRunbook(ctx context.Context, q sqldb.Querier, name string) (*Runbook, error) {
	spec, found, err := c.runbooks().get(ctx, q, name)
	if err != nil {
		return nil, err
	}
	if !found {
		return nil, core.NotFound("runbook", name)
	}
	return ParseRunbook(spec)
}
