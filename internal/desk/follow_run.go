package desk

import (
	"context"
	"strings"

	"mainstay/internal/core"
	"mainstay/internal/platform/ledger"
	"mainstay/internal/platform/sqldb"
)

// run is what the desk reads of an entry jobs.run.* or jobs.remediation.*.
type run struct {
	Run       string `json:"run"`
	Runbook   string `json:"runbook"`
	Status    string `json:"status"`
	Situation string `json:"situation"`
	Incident  string `json:"incident"`
}

// followRun puts runs of an incident, or of its situation, on the timeline.
func (c *Component) followRun(ctx context.Context, tx *sqldb.Tx, e ledger.Entry) error {
	var r run
	if err := e.Decode(&r); err != nil {
		return err
	}
	if strings.HasPrefix(e.Type, "jobs.run.step.") || r.Incident == "" && r.Situation == "" {
		return nil
	}
	var incident Incident
	var found bool
	var err error
	if r.Incident != "" {
		incident, err = c.store.byID(ctx, tx, r.Incident)
		found = err == nil
		if core.CodeOf(err) == core.CodeNotFound {
			err = nil
		}
	}
	if !found && err == nil && r.Situation != "" {
		incident, found, err = c.store.bySituation(ctx, tx, r.Situation)
	}
	if err != nil || !found {
		return err
	}
	kind, subject := "run", e.Subject
	if strings.HasPrefix(e.Type, "jobs.remediation.") {
		kind = "remediation"
	}
	if r.Run != "" {
		subject = core.Ref{Kind: "run", ID: r.Run}
	}
	note := Note{Kind: kind, At: e.At, Actor: e.Actor, Summary: e.Summary, Data: e.Data, Subject: &subject, Entry: e.ID}
	if err := c.store.addNotes(ctx, tx, c.deps.IDs, incident.ID, []Note{note}); err != nil {
		return err
	}
	if r.Run == "" || kind != "run" {
		return nil
	}
	return c.store.saveRun(ctx, tx, incident.ID, linkedRun{r.Run, r.Runbook, r.Status}, core.Micros(e.At))
}

// linkedRun is a run made for an incident.
type linkedRun struct{ run, runbook, status string }

// runs returns the runs of an incident, the latest first.
func (s store) runs(ctx context.Context, q sqldb.Querier, incident string) ([]linkedRun, error) {
	rows, err := q.Query(ctx, "SELECT run, runbook, status FROM desk_run WHERE incident = $1 ORDER BY at DESC, run DESC", incident)
	return sqldb.Collect(rows, err, func(r *sqldb.Rows) (l linkedRun, err error) { return l, r.Scan(&l.run, &l.runbook, &l.status) })
}

func (s store) saveRun(ctx context.Context, tx *sqldb.Tx, incident string, r linkedRun, at int64) error {
	_, err := tx.Exec(ctx, `INSERT INTO desk_run (incident, run, runbook, status, at) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (incident, run) DO UPDATE SET status = excluded.status, at = excluded.at`, incident, r.run, r.runbook, r.status, at)
	return err
}

// forgetRuns makes a later recovery not the merit of an earlier repair. The
// timeline keeps them.
func (s store) forgetRuns(ctx context.Context, tx *sqldb.Tx, incident string) error {
	_, err := tx.Exec(ctx, "DELETE FROM desk_run WHERE incident = $1", incident)
	return err
}
