package desk

import (
	"context"
	"encoding/json"
	"errors"

	"mainstay/internal/core"
	"mainstay/internal/platform/sqldb"
)

// store is the desk's tables; it holds no state.
type store struct{}

const incidentColumns = `i.id, i.number, i.title, i.description, i.state, i.severity, i.impact, i.urgency, i.priority, i.priority_fixed,
	COALESCE(i.situation, ''), i.item, i.services, i.checks, i.team, i.assignee, i.requester, i.hold_reason, i.resolution, i.reopened,
	i.opened_at, i.updated_at, i.responded_at, i.resolved_at, i.closed_at, i.version`

// scanIncident reads incidentColumns.
func scanIncident(scan func(...any) error) (Incident, error) {
	var inc Incident
	var severity, opened, updated, responded, resolved, closed int64
	var priority, services, checks string
	err := scan(&inc.ID, (*int64)(&inc.Number), &inc.Title, &inc.Description, &inc.State, &severity, &inc.Impact, &inc.Urgency, &priority, &inc.PriorityFixed,
		&inc.Situation, &inc.Item, &services, &checks, &inc.Team, &inc.Assignee, &inc.Requester, &inc.HoldReason, &inc.Resolution, &inc.Reopened,
		&opened, &updated, &responded, &resolved, &closed, &inc.Version)
	if err != nil {
		return inc, err
	}
	inc.Severity, inc.OpenedAt, inc.UpdatedAt = core.Severity(severity), core.FromMicros(opened), core.FromMicros(updated)
	inc.RespondedAt, inc.ResolvedAt, inc.ClosedAt = core.Moment(responded), core.Moment(resolved), core.Moment(closed)
	inc.Items, inc.Services, inc.Checks = []string{}, []Service{}, []string{}
	return inc, errors.Join(inc.Priority.UnmarshalText([]byte(priority)), json.Unmarshal([]byte(services), &inc.Services), json.Unmarshal([]byte(checks), &inc.Checks))
}

// incident reads one, with its items and clocks, by a condition on i.
func (s store) incident(ctx context.Context, q sqldb.Querier, where string, arg any) (Incident, error) {
	inc, err := scanIncident(q.QueryRow(ctx, "SELECT "+incidentColumns+" FROM desk_incident i WHERE "+where, arg).Scan)
	if err != nil {
		return inc, err
	}
	if inc.Items, err = s.items(ctx, q, inc.ID); err != nil {
		return inc, err
	}
	inc.Clocks, err = s.clocks(ctx, q, inc.ID)
	return inc, err
}

// byID returns core.CodeNotFound when there is none.
func (s store) byID(ctx context.Context, q sqldb.Querier, id string) (Incident, error) {
	where := "i.id = $1"
	var arg any = id
	var number Number
	if number.UnmarshalText([]byte(id)) == nil {
		where, arg = "i.number = $1", int64(number)
	}
	inc, err := s.incident(ctx, q, where, arg)
	if errors.Is(err, sqldb.ErrNoRows) {
		return inc, core.NotFound("incident", id)
	}
	return inc, err
}

// bySituation says whether there is one.
func (s store) bySituation(ctx context.Context, q sqldb.Querier, situation string) (Incident, bool, error) {
	inc, err := s.incident(ctx, q, "i.situation = $1", situation)
	if errors.Is(err, sqldb.ErrNoRows) {
		return inc, false, nil
	}
	return inc, err == nil, err
}

func (s store) items(ctx context.Context, q sqldb.Querier, incident string) ([]string, error) {
	rows, err := q.Query(ctx, "SELECT item FROM desk_incident_item WHERE incident = $1 ORDER BY item", incident)
	items, err := sqldb.Collect(rows, err, func(r *sqldb.Rows) (item string, err error) { return item, r.Scan(&item) })
	if items == nil {
		items = []string{}
	}
	return items, err
}

// nextNumber counts in the transaction, so that a number is used if and only if
// its incident is: there are no gaps.
func (s store) nextNumber(ctx context.Context, tx *sqldb.Tx) (n Number, err error) {
	err = tx.QueryRow(ctx, "UPDATE desk_sequence SET value = value + 1 WHERE name = 'incident' RETURNING value").Scan((*int64)(&n))
	return n, err
}

// fields are the columns of an incident that change, in the order of both statements below.
func fields(inc *Incident) ([]any, error) {
	services, err1 := json.Marshal(inc.Services)
	checks, err2 := json.Marshal(inc.Checks)
	return []any{
		inc.Title, inc.Description, string(inc.State), int64(inc.Severity), string(inc.Impact), string(inc.Urgency), inc.Priority.String(), inc.PriorityFixed,
		inc.Item, string(services), string(checks), inc.Team, inc.Assignee, inc.Requester, inc.HoldReason, inc.Resolution, inc.Reopened,
		core.Micros(inc.UpdatedAt), core.MicrosOf(inc.RespondedAt), core.MicrosOf(inc.ResolvedAt), core.MicrosOf(inc.ClosedAt), inc.Version,
	}, errors.Join(err1, err2)
}

// insert stores a new incident; entry is the ledger entry that led to it.
func (s store) insert(ctx context.Context, tx *sqldb.Tx, inc *Incident, entry string) error {
	values, err := fields(inc)
	if err != nil {
		return err
	}
	var situation any
	if inc.Situation != "" {
		situation = inc.Situation
	}
	values = append(values, inc.ID, int64(inc.Number), situation, core.Micros(inc.OpenedAt), entry)
	_, err = tx.Exec(ctx, `INSERT INTO desk_incident (title, description, state, severity, impact, urgency, priority, priority_fixed,
		item, services, checks, team, assignee, requester, hold_reason, resolution, reopened, updated_at, responded_at, resolved_at, closed_at, version,
		id, number, situation, opened_at, entry) VALUES `+sqldb.Values(1, 27, 1), values...)
	if err != nil {
		return err
	}
	return errors.Join(s.saveItems(ctx, tx, inc), s.saveClocks(ctx, tx, inc))
}

// update stores a changed incident whose version was one less. It returns
// core.CodeStale when someone else was faster.
func (s store) update(ctx context.Context, tx *sqldb.Tx, inc *Incident, itemsChanged bool) error {
	values, err := fields(inc)
	if err != nil {
		return err
	}
	n, err := sqldb.Affected(tx.Exec(ctx, `UPDATE desk_incident SET title=$1, description=$2, state=$3, severity=$4, impact=$5, urgency=$6, priority=$7, priority_fixed=$8,
		item=$9, services=$10, checks=$11, team=$12, assignee=$13, requester=$14, hold_reason=$15, resolution=$16, reopened=$17,
		updated_at=$18, responded_at=$19, resolved_at=$20, closed_at=$21, version=$22 WHERE id=$23 AND version=$24`, append(values, inc.ID, inc.Version-1)...))
	if err != nil {
		return err
	}
	if n == 0 {
		return core.Errorf(core.CodeStale, "the incident was changed by someone else: read it again")
	}
	if itemsChanged {
		if err := s.saveItems(ctx, tx, inc); err != nil {
			return err
		}
	}
	return s.saveClocks(ctx, tx, inc)
}

func (s store) saveItems(ctx context.Context, tx *sqldb.Tx, inc *Incident) error {
	if _, err := tx.Exec(ctx, "DELETE FROM desk_incident_item WHERE incident = $1", inc.ID); err != nil {
		return err
	}
	rows := make([][]any, len(inc.Items))
	for i, item := range inc.Items {
		rows[i] = []any{inc.ID, item}
	}
	return sqldb.Insert(ctx, tx, "INSERT INTO desk_incident_item (incident, item) VALUES", 2, rows, "ON CONFLICT DO NOTHING")
}
