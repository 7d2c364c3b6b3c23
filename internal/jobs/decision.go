package jobs

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/sqldb"
)

// The states of a decision.
const (
	Proposed  = "proposed"  // waits for a person
	Started   = "started"   // its run is under way
	Verifying = "verifying" // its run has succeeded, the checks are being run
	Verified  = "verified"  // the checks are well
	Unhealed  = "failed"    // its run failed, or the checks are not well after it
	Blocked   = "blocked"   // a guard held it back
	Rejected  = "rejected"  // a person said no
	Expired   = "expired"   // it was over before a person decided
)

// Decision is what a remediation did about a situation or an alert, and why.
// At most one decision of a remediation, subject and item is active.
type Decision struct {
	ID          string         `json:"id"`
	Remediation string         `json:"remediation"`
	Team        string         `json:"team,omitempty"`
	Kind        string         `json:"kind" enum:"situation,alert"`
	SubjectID   string         `json:"subject"`
	Item        string         `json:"item,omitempty" doc:"Root cause of the situation, item of the alert"`
	State       string         `json:"state" enum:"proposed,started,verifying,verified,failed,blocked,rejected,expired"`
	Guard       string         `json:"guard,omitempty" doc:"What blocked it"`
	Why         string         `json:"why"`
	Runbook     string         `json:"runbook"`
	Run         string         `json:"run,omitempty"`
	Parameters  map[string]any `json:"parameters,omitempty"`
	Evidence    []CheckResult  `json:"evidence,omitempty" doc:"The checks after the run"`
	DecidedBy   string         `json:"decidedBy,omitempty"`
	Cause       string         `json:"cause" doc:"Ledger entry it answers"`
	Entry       string         `json:"entry" doc:"Its latest ledger entry"`
	Seen        int            `json:"seen" doc:"How often the same guard blocked it"`
	CreatedAt   time.Time      `json:"createdAt"`
	UpdatedAt   time.Time      `json:"updatedAt"`
	about       Subject
}

// active says that more will come of the decision.
func (d *Decision) active() bool {
	return d.State == Proposed || d.State == Started || d.State == Verifying
}

const decisionColumns = `id, remediation, team, subject_kind, subject_id, item, state, guard, why, runbook, run, parameters, subject, evidence,
	decided_by, cause, entry, seen, created_at, updated_at`

func scanDecision(scan func(...any) error) (*Decision, error) {
	d := &Decision{}
	var parameters, about, evidence string
	var created, updated int64
	err := scan(&d.ID, &d.Remediation, &d.Team, &d.Kind, &d.SubjectID, &d.Item, &d.State, &d.Guard, &d.Why, &d.Runbook, &d.Run, &parameters,
		&about, &evidence, &d.DecidedBy, &d.Cause, &d.Entry, &d.Seen, &created, &updated)
	if err != nil {
		return nil, err
	}
	d.CreatedAt, d.UpdatedAt = core.FromMicros(created), core.FromMicros(updated)
	return d, errors.Join(unmarshal(parameters, &d.Parameters), unmarshal(about, &d.about), unmarshal(evidence, &d.Evidence))
}

func saveDecision(ctx context.Context, tx *sqldb.Tx, d *Decision) error {
	row := []any{d.ID, d.Remediation, d.Team, d.Kind, d.SubjectID, d.Item, d.State, d.Guard, d.Why, d.Runbook, d.Run, marshal(d.Parameters),
		marshal(d.about), marshal(d.Evidence), d.DecidedBy, d.Cause, d.Entry, d.Seen, core.Micros(d.CreatedAt), core.Micros(d.UpdatedAt), d.active()}
	return sqldb.Insert(ctx, tx, "INSERT INTO jobs_decision ("+decisionColumns+", active) VALUES", len(row), [][]any{row},
		`ON CONFLICT (id) DO UPDATE SET state = excluded.state, active = excluded.active, why = excluded.why, run = excluded.run,
		evidence = excluded.evidence, decided_by = excluded.decided_by, entry = excluded.entry, seen = excluded.seen, updated_at = excluded.updated_at`)
}

func loadDecision(ctx context.Context, q sqldb.Querier, id string) (*Decision, error) {
	d, err := scanDecision(q.QueryRow(ctx, "SELECT "+decisionColumns+" FROM jobs_decision WHERE id = $1", id).Scan)
	if errors.Is(err, sqldb.ErrNoRows) {
		return nil, core.NotFound("decision", id)
	}
	return d, err
}

// lockDecision reads a decision that no other transaction changes until this one ends.
func lockDecision(ctx context.Context, tx *sqldb.Tx, id string) (*Decision, error) {
	if _, err := tx.Exec(ctx, "UPDATE jobs_decision SET updated_at = updated_at WHERE id = $1", id); err != nil {
		return nil, err
	}
	return loadDecision(ctx, tx, id)
}

// decisionsOn are the decisions of a remediation about a subject, newest first.
func decisionsOn(ctx context.Context, q sqldb.Querier, remediation, subject string) ([]*Decision, error) {
	rows, err := q.Query(ctx, "SELECT "+decisionColumns+` FROM jobs_decision WHERE remediation = $1 AND subject_id = $2
		ORDER BY created_at DESC, id DESC`, remediation, subject)
	return sqldb.Collect(rows, err, func(r *sqldb.Rows) (*Decision, error) { return scanDecision(r.Scan) })
}

// lastRunOn is when a remediation last started a run for an item.
func lastRunOn(ctx context.Context, q sqldb.Querier, remediation, item string) (time.Time, error) {
	var last int64
	err := q.QueryRow(ctx, `SELECT COALESCE(MAX(updated_at), 0) FROM jobs_decision
		WHERE remediation = $1 AND item = $2 AND run <> ''`, remediation, item).Scan(&last)
	return core.FromMicros(last), err
}

// data is what ledger entries about the decision tell.
func (d *Decision) data() json.RawMessage {
	return json.RawMessage(marshal(map[string]any{"remediation": d.Remediation, "decision": d.ID, "run": d.Run, "runbook": d.Runbook,
		"status": d.State, "situation": d.about.Situation, "alert": d.about.Alert, "incident": d.about.Incident, "item": d.Item,
		"guard": d.Guard, "why": d.Why, "evidence": d.Evidence}))
}

// Decisions are what a remediation decided about a situation or alert, newest first.
func (c *Component) Decisions(ctx context.Context, remediation, subject string) ([]*Decision, error) {
	return decisionsOn(ctx, c.deps.DB, remediation, subject)
}
