package jobs

import (
	"context"
	"encoding/json"

	"mainstay/internal/core"
	"mainstay/internal/platform/declare"
	"mainstay/internal/platform/sqldb"
)

func (c *Component) remediationKind() declare.Kind {
	return declare.Kind{
		Name: "Remediation", Summary: "Starts a runbook when a situation or an alert fits a condition", Order: 50, Resource: "jobs", Spec: Remediation{},
		Apply: c.applyRemediation,
		Get: func(ctx context.Context, q sqldb.Querier, name string) (json.RawMessage, bool, error) {
			return getSpec(ctx, q, "SELECT spec FROM jobs_remediation WHERE name = $1", name)
		},
		List: func(ctx context.Context, q sqldb.Querier) ([]declare.Document, error) {
			return listSpecs(ctx, q, "Remediation", "SELECT name, spec FROM jobs_remediation ORDER BY name")
		},
		Delete: c.deleteRemediation,
	}
}

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
	old, found, err := getSpec(ctx, tx, "SELECT spec FROM jobs_remediation WHERE name = $1", name)
	if err != nil || found && declare.Equal(old, spec) {
		return false, err
	}
	if found {
		if err := c.permitExisting(ctx, old); err != nil {
			return false, err
		}
	}
	now := core.Micros(c.deps.Clock.Now())
	_, err = tx.Exec(ctx, `INSERT INTO jobs_remediation (name, enabled, team, runbook, spec, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (name) DO UPDATE SET enabled = excluded.enabled, team = excluded.team, runbook = excluded.runbook, spec = excluded.spec,
		updated_at = excluded.updated_at`, name, r.enabled(), r.Team, r.Runbook, string(spec), now, now)
	if err != nil {
		return false, err
	}
	return true, c.note(ctx, tx, "jobs.remediation.changed", core.Ref{Kind: "remediation", ID: name}, r.Team, "remediation "+name+" was changed", spec)
}

// checkRunbook refuses a remediation whose runbook is not there, that the
// caller may not use, or that has no such parameters.
func (c *Component) checkRunbook(ctx context.Context, q sqldb.Querier, r *Remediation) error {
	book, err := loadRunbook(ctx, q, r.Runbook)
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

func (c *Component) deleteRemediation(ctx context.Context, tx *sqldb.Tx, name string) (bool, error) {
	old, found, err := getSpec(ctx, tx, "SELECT spec FROM jobs_remediation WHERE name = $1", name)
	if err != nil || !found {
		return false, err
	}
	if err := c.permitExisting(ctx, old); err != nil {
		return false, err
	}
	if _, err := tx.Exec(ctx, "DELETE FROM jobs_remediation WHERE name = $1", name); err != nil {
		return false, err
	}
	return true, c.note(ctx, tx, "jobs.remediation.deleted", core.Ref{Kind: "remediation", ID: name}, "", "remediation "+name+" was deleted", old)
}
