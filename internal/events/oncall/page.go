package oncall

import (
	"context"
	"encoding/json"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/sqldb"
)

// The states of a page.
const (
	stateOpen         = "open"
	stateAcknowledged = "acknowledged"
	stateSnoozed      = "snoozed"
	stateResolved     = "resolved"
)

// Page is one escalation of one situation.
type Page struct {
	ID             string        `json:"id"`
	Situation      string        `json:"situation"`
	Policy         string        `json:"policy"`
	Team           string        `json:"team,omitempty"`
	Title          string        `json:"title"`
	Severity       core.Severity `json:"severity" doc:"The worst so far"`
	Urgency        string        `json:"urgency" enum:"high,low"`
	Services       []string      `json:"services" nullable:"false"`
	State          string        `json:"state" enum:"open,acknowledged,snoozed,resolved"`
	Round          int           `json:"round" doc:"How often the steps were gone through"`
	Step           int           `json:"step" doc:"The next step, from 0"`
	Exhausted      bool          `json:"exhausted" doc:"All steps are through and nobody acknowledged"`
	Assigned       string        `json:"assigned,omitempty" doc:"User name of who it was given to"`
	OpenedAt       time.Time     `json:"openedAt"`
	AcknowledgedAt *time.Time    `json:"acknowledgedAt,omitempty"`
	AcknowledgedBy string        `json:"acknowledgedBy,omitempty"`
	ResolvedAt     *time.Time    `json:"resolvedAt,omitempty"`
	SnoozedUntil   *time.Time    `json:"snoozedUntil,omitempty"`

	generation int64
	changed    time.Time
}

const pageColumns = `id, situation, policy, team, title, severity, urgency, services, state, generation, round, step, exhausted, assigned,
	opened_at, acked_at, acked_by, resolved_at, snoozed_until, changed_at`

func scanPage(scan func(...any) error) (p Page, err error) {
	var services string
	var severity, exhausted, opened, acked, resolved, snoozed, changed int64
	if err := scan(&p.ID, &p.Situation, &p.Policy, &p.Team, &p.Title, &severity, &p.Urgency, &services, &p.State, &p.generation, &p.Round, &p.Step, &exhausted,
		&p.Assigned, &opened, &acked, &p.AcknowledgedBy, &resolved, &snoozed, &changed); err != nil {
		return p, err
	}
	p.Severity, p.Exhausted, p.OpenedAt, p.changed = core.Severity(severity), exhausted != 0, core.FromMicros(opened), core.FromMicros(changed)
	p.AcknowledgedAt, p.ResolvedAt, p.SnoozedUntil = core.Moment(acked), core.Moment(resolved), core.Moment(snoozed)
	err = json.Unmarshal([]byte(services), &p.Services)
	if p.Services == nil {
		p.Services = []string{}
	}
	return p, err
}

func pagesWhere(ctx context.Context, q sqldb.Querier, where string, args ...any) ([]Page, error) {
	rows, err := q.Query(ctx, "SELECT "+pageColumns+" FROM oncall_page WHERE "+where, args...)
	return sqldb.Collect(rows, err, func(r *sqldb.Rows) (Page, error) { return scanPage(r.Scan) })
}

// pageByID returns core.CodeNotFound when there is none. Within a transaction
// of PostgreSQL the row is locked until its end.
func pageByID(ctx context.Context, q sqldb.Querier, id string) (Page, error) {
	return onePage(ctx, q, "page", id, "id = $1", id)
}

// livePage is the page of a situation that is not over.
func livePage(ctx context.Context, q sqldb.Querier, situation string) (Page, error) {
	return onePage(ctx, q, "page", situation, "situation = $1 AND state <> 'resolved'", situation)
}

func onePage(ctx context.Context, q sqldb.Querier, kind, id, where string, args ...any) (Page, error) {
	if tx, ok := q.(*sqldb.Tx); ok && tx.Dialect() == sqldb.PostgreSQL {
		where += " FOR UPDATE"
	}
	list, err := pagesWhere(ctx, q, where, args...)
	if err != nil {
		return Page{}, err
	}
	if len(list) == 0 {
		return Page{}, core.NotFound(kind, id)
	}
	return list[0], nil
}

// insertPage stores a new page; false when the situation has a live one.
func (c *Component) insertPage(ctx context.Context, tx *sqldb.Tx, p Page) (bool, error) {
	services, err := json.Marshal(p.Services)
	if err != nil {
		return false, err
	}
	now := core.Micros(c.deps.Clock.Now())
	n, err := sqldb.Affected(tx.Exec(ctx, `INSERT INTO oncall_page (`+pageColumns+`, night) VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,0,$13,$14,0,'',0,0,$15,0)
		ON CONFLICT DO NOTHING`, p.ID, p.Situation, p.Policy, p.Team, p.Title, int64(p.Severity), p.Urgency, string(services), p.State, p.generation, p.Round, p.Step,
		p.Assigned, core.Micros(p.OpenedAt), now))
	return n == 1, err
}

// savePage writes everything that may change of a page.
func (c *Component) savePage(ctx context.Context, tx *sqldb.Tx, p Page) error {
	services, err := json.Marshal(p.Services)
	if err != nil {
		return err
	}
	exhausted := 0
	if p.Exhausted {
		exhausted = 1
	}
	_, err = tx.Exec(ctx, `UPDATE oncall_page SET title = $2, severity = $3, urgency = $4, services = $5, state = $6, generation = $7, round = $8, step = $9, exhausted = $10,
		assigned = $11, acked_at = $12, acked_by = $13, resolved_at = $14, snoozed_until = $15, changed_at = $16, policy = $17, team = $18 WHERE id = $1`,
		p.ID, p.Title, int64(p.Severity), p.Urgency, string(services), p.State, p.generation, p.Round, p.Step, exhausted, p.Assigned,
		core.MicrosOf(p.AcknowledgedAt), p.AcknowledgedBy, core.MicrosOf(p.ResolvedAt), core.MicrosOf(p.SnoozedUntil), core.Micros(c.deps.Clock.Now()), p.Policy, p.Team)
	return err
}

// notePage tells the ledger of a page.
func (c *Component) notePage(ctx context.Context, tx *sqldb.Tx, p Page, verb, summary, cause string) error {
	return c.note(ctx, tx, telling{verb: "page." + verb, subject: core.Ref{Kind: "page", ID: p.ID}, team: p.Team, summary: summary, data: p, cause: cause})
}
