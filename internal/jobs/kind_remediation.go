package jobs

import (
	"context"
	"encoding/json"

	"mainstay/internal/core"
	"mainstay/internal/platform/sqldb"
)

func (c *Component) remediations() document { return document{c, "remediation", "jobs_remediation"} }

func (c *Component) applyRemediation(ctx context.Context, tx *sqldb.Tx, name string, spec json.RawMessage) (bool, error) {
	r, err := ParseRemediation(spec)
	if err == nil {
		err = c.compiled.check(r)
	}
	if err != nil {
		return false, err
	}
	if err := permit(ctx, "jobs:write", r.Team); err != nil {
		return false, err
	}
	if err := c.checkRunbook(ctx, tx, r); err != nil {
		return false, err
	}
	if differs, err := c.remediations().differs(ctx, tx, name, spec); err != nil || !differs {
		return false, err
	}
	now := core.Micros(c.deps.Clock.Now())
	_, err = tx.Exec(ctx, `INSERT INTO jobs_remediation (name, enabled, team, runbook, spec, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (name) DO UPDATE SET enabled = excluded.enabled, team = excluded.team, runbook = excluded.runbook, spec = excluded.spec,
		updated_at = excluded.updated_at`, name, r.enabled(), r.Team, r.Runbook, string(spec), now, now)
	if err != nil {
		return false, err
	}
	return true, c.remediations().note(ctx, tx, "changed", name, r.Team, spec)
}

// checkRunbook refuses a remediation whose runbook is not there, that the
// caller may not use, or that has no such parameters.
func (c *Component) checkRunbook(ctx context.Context, q sqldb.Querier, r *Remediation) error {
	book, err := c.loadRunbook(ctx, q, r.Runbook)
	if core.CodeOf(err) == core.CodeNotFound {
		return core.Invalid("spec.runbook", "there is no runbook of this name")
	}
	if err != nil {
		return err
	}
	if err := permit(ctx, "jobs:act", book.Team); err != nil {
		return err
	}
	var wrong []core.Detail
	for name := range r.Parameters {
		if book.parameter(name) == nil {
			wrong = append(wrong, core.Detail{Field: "spec.parameters." + name, Rule: "the runbook has no such parameter"})
		}
	}
	for _, p := range book.Parameters {
		if _, given := r.Parameters[p.Name]; p.Required && p.Default == nil && !given {
			wrong = append(wrong, core.Detail{Field: "spec.parameters." + p.Name, Rule: "the runbook requires it"})
		}
	}
	return core.InvalidAll(wrong)
}
