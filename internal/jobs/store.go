package jobs

import (
	"context"
	"embed"
	"encoding/json"
	"errors"
	"io/fs"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/sqldb"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Migrations are the tables of this module.
func Migrations() fs.FS { return migrations }

const runColumns = `id, runbook, title, state, error, origin, actor_kind, actor_id, actor_name, why, cause, decision, rerun_of, team,
	parameters, item, situation, alert, incident, checks, definition, created_at, started_at, finished_at, entry`

func scanRun(scan func(...any) error) (*Run, error) {
	r := &Run{}
	var parameters, checks, definition string
	var created, started, finished int64
	err := scan(&r.ID, &r.Runbook, &r.Title, &r.State, &r.Error, &r.Trigger, &r.Actor.Kind, &r.Actor.ID, &r.Actor.Name, &r.Why,
		&r.Cause, &r.Decision, &r.RerunOf, &r.Team, &parameters, &r.Item, &r.Situation, &r.Alert, &r.Incident, &checks, &definition,
		&created, &started, &finished, &r.entry)
	if err != nil {
		return nil, err
	}
	r.CreatedAt, r.StartedAt, r.FinishedAt = core.FromMicros(created), core.Moment(started), core.Moment(finished)
	return r, errors.Join(unmarshal(parameters, &r.Parameters), unmarshal(checks, &r.Checks), unmarshal(definition, &r.Definition))
}

func unmarshal(text string, v any) error {
	if text == "" {
		return nil
	}
	return json.Unmarshal([]byte(text), v)
}

// marshal writes values that cannot fail to be JSON.
func marshal(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic("jobs: " + err.Error())
	}
	return string(b)
}

func insertRun(ctx context.Context, tx *sqldb.Tx, r *Run) error {
	row := []any{r.ID, r.Runbook, r.Title, r.State, r.Error, string(r.Trigger), r.Actor.Kind, r.Actor.ID, r.Actor.Name, r.Why, r.Cause,
		r.Decision, r.RerunOf, r.Team, marshal(r.Parameters), r.Item, r.Situation, r.Alert, r.Incident, marshal(r.Checks),
		marshal(r.Definition), core.Micros(r.CreatedAt), core.MicrosOf(r.StartedAt), core.MicrosOf(r.FinishedAt), r.entry}
	if err := sqldb.Insert(ctx, tx, "INSERT INTO jobs_run ("+runColumns+") VALUES", len(row), [][]any{row}, ""); err != nil {
		return err
	}
	steps := make([][]any, len(r.Steps))
	for i, s := range r.Steps {
		steps[i] = append([]any{r.ID, i, s.ID, s.Name, s.Kind}, stepValues(&s)...)
	}
	return sqldb.Insert(ctx, tx, "INSERT INTO jobs_step (run, position, id, name, kind, "+stepColumns+") VALUES", 5+stepCount, steps, "")
}

const (
	stepColumns = "state, attempt, dispatched, agent, exit_code, message, decided_by, outcome, started_at, finished_at, retry_at"
	stepCount   = 11
)

func stepValues(s *StepRun) []any {
	var code any
	if s.ExitCode != nil {
		code = int64(*s.ExitCode)
	}
	return []any{s.State, s.Attempt, s.dispatched, s.Agent, code, s.Message, s.DecidedBy, string(s.Outcome),
		core.MicrosOf(s.StartedAt), core.MicrosOf(s.FinishedAt), core.MicrosOf(s.RetryAt)}
}

func scanStep(scan func(...any) error) (s StepRun, err error) {
	var code *int64
	var outcome string
	var started, finished, retry int64
	err = scan(&s.ID, &s.Name, &s.Kind, &s.State, &s.Attempt, &s.dispatched, &s.Agent, &code, &s.Message, &s.DecidedBy, &outcome,
		&started, &finished, &retry)
	if code != nil {
		n := int(*code)
		s.ExitCode = &n
	}
	if outcome != "" {
		s.Outcome = json.RawMessage(outcome)
	}
	s.StartedAt, s.FinishedAt, s.RetryAt = core.Moment(started), core.Moment(finished), core.Moment(retry)
	return s, err
}

// loadRun reads a run with its steps.
func loadRun(ctx context.Context, q sqldb.Querier, id string) (*Run, error) {
	r, err := scanRun(q.QueryRow(ctx, "SELECT "+runColumns+" FROM jobs_run WHERE id = $1", id).Scan)
	if errors.Is(err, sqldb.ErrNoRows) {
		return nil, core.NotFound("run", id)
	}
	if err != nil {
		return nil, err
	}
	rows, err := q.Query(ctx, "SELECT id, name, kind, "+stepColumns+" FROM jobs_step WHERE run = $1 ORDER BY position", id)
	r.Steps, err = sqldb.Collect(rows, err, func(rows *sqldb.Rows) (StepRun, error) { return scanStep(rows.Scan) })
	return r, err
}

// lockRun reads a run that no other transaction changes until this one ends.
func lockRun(ctx context.Context, tx *sqldb.Tx, id string) (*Run, error) {
	if _, err := tx.Exec(ctx, "UPDATE jobs_run SET version = version + 1 WHERE id = $1", id); err != nil {
		return nil, err
	}
	return loadRun(ctx, tx, id)
}

func saveRun(ctx context.Context, tx *sqldb.Tx, r *Run) error {
	_, err := tx.Exec(ctx, "UPDATE jobs_run SET state = $1, error = $2, started_at = $3, finished_at = $4, entry = $5, incident = $6 WHERE id = $7",
		r.State, r.Error, core.MicrosOf(r.StartedAt), core.MicrosOf(r.FinishedAt), r.entry, r.Incident, r.ID)
	return err
}

func saveStep(ctx context.Context, tx *sqldb.Tx, run string, s *StepRun) error {
	_, err := tx.Exec(ctx, `UPDATE jobs_step SET state = $1, attempt = $2, dispatched = $3, agent = $4, exit_code = $5, message = $6,
		decided_by = $7, outcome = $8, started_at = $9, finished_at = $10, retry_at = $11 WHERE run = $12 AND id = $13`,
		append(stepValues(s), run, s.ID)...)
	return err
}

// markDispatched notes, before anything may have an effect, that the attempt
// is on its way.
func markDispatched(ctx context.Context, tx *sqldb.Tx, run string, s *StepRun, agent string, dispatched bool, message string) error {
	n, err := sqldb.Affected(tx.Exec(ctx, `UPDATE jobs_step SET agent = $1, dispatched = $2, message = $3
		WHERE run = $4 AND id = $5 AND attempt = $6 AND state = 'running'`, agent, dispatched, message, run, s.ID, s.Attempt))
	if err == nil && n == 0 {
		return errSuperseded
	}
	return err
}

// errSuperseded says that the attempt is not the current one any more.
var errSuperseded = errors.New("jobs: the attempt was superseded")

// Attempt is one try of a step that has ended.
type Attempt struct {
	Step       string     `json:"step"`
	Attempt    int        `json:"attempt"`
	State      string     `json:"state"`
	Agent      string     `json:"agent,omitempty"`
	ExitCode   *int64     `json:"exitCode,omitempty"`
	Message    string     `json:"message,omitempty"`
	StartedAt  *time.Time `json:"startedAt,omitempty"`
	FinishedAt *time.Time `json:"finishedAt,omitempty"`
}

func insertAttempt(ctx context.Context, tx *sqldb.Tx, run string, s *StepRun, state string, finished time.Time) error {
	v := stepValues(s)
	_, err := tx.Exec(ctx, `INSERT INTO jobs_attempt (run, step, attempt, state, agent, exit_code, message, started_at, finished_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`, run, s.ID, s.Attempt, state, s.Agent, v[4], s.Message, core.MicrosOf(s.StartedAt), core.Micros(finished))
	return err
}

func loadAttempts(ctx context.Context, q sqldb.Querier, run string) ([]Attempt, error) {
	rows, err := q.Query(ctx, `SELECT step, attempt, state, agent, exit_code, message, started_at, finished_at FROM jobs_attempt
		WHERE run = $1 ORDER BY finished_at, step, attempt`, run)
	return sqldb.Collect(rows, err, func(r *sqldb.Rows) (a Attempt, err error) {
		var started, finished int64
		err = r.Scan(&a.Step, &a.Attempt, &a.State, &a.Agent, &a.ExitCode, &a.Message, &started, &finished)
		a.StartedAt, a.FinishedAt = core.Moment(started), core.Moment(finished)
		return a, err
	})
}

// others counts the runs of a runbook that are under way, and finds the one
// that has been queued longest.
func others(ctx context.Context, tx *sqldb.Tx, runbook string) (active int, oldest string, err error) {
	err = tx.QueryRow(ctx, `SELECT
		(SELECT COUNT(*) FROM jobs_run WHERE runbook = $1 AND state IN ('running', 'cancelling')),
		COALESCE((SELECT MIN(id) FROM jobs_run WHERE runbook = $1 AND state = 'queued'), '')`, runbook).Scan(&active, &oldest)
	return active, oldest, err
}
