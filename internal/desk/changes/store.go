package changes

import (
	"context"
	"encoding/json"
	"errors"

	"mainstay/internal/core"
	"mainstay/internal/platform/ledger"
	"mainstay/internal/platform/sqldb"
)

const columns = `c.id, c.number, c.title, c.reason, c.state, c.risk, c.team, c.planned_start, c.planned_end, c.requester_kind, c.requester, c.requester_name, c.requested_at,
	c.decider_kind, c.decider, c.decider_name, c.decided_at, c.decision, c.approved, c.started_at, c.ended_at, c.outcome, c.created_at, c.updated_at, c.version`

// scan reads columns.
func scan(dest func(...any) error) (c Change, err error) {
	var requester, decider ledger.Actor
	var plannedStart, plannedEnd, requested, decided, started, ended, created, updated int64
	err = dest(&c.ID, (*int64)(&c.Number), &c.Title, &c.Reason, &c.State, &c.Risk, &c.Team, &plannedStart, &plannedEnd, &requester.Kind, &requester.ID, &requester.Name, &requested,
		&decider.Kind, &decider.ID, &decider.Name, &decided, &c.Decision, &c.approved, &started, &ended, &c.Outcome, &created, &updated, &c.Version)
	if err != nil {
		return c, err
	}
	c.Items, c.CreatedAt, c.UpdatedAt = []string{}, core.FromMicros(created), core.FromMicros(updated)
	c.PlannedStart, c.PlannedEnd, c.RequestedAt, c.DecidedAt = core.Moment(plannedStart), core.Moment(plannedEnd), core.Moment(requested), core.Moment(decided)
	c.StartedAt, c.EndedAt = core.Moment(started), core.Moment(ended)
	if c.RequestedAt != nil {
		c.Requester = &requester
	}
	if c.DecidedAt != nil {
		c.Decider = &decider
	}
	return c, nil
}

// read finds a change by its id or number.
func read(ctx context.Context, q sqldb.Querier, ref string) (Change, error) {
	where, arg := "c.id = $1", any(ref)
	var number Number
	if number.UnmarshalText([]byte(ref)) == nil {
		where, arg = "c.number = $1", int64(number)
	}
	c, err := scan(q.QueryRow(ctx, "SELECT "+columns+" FROM changes_change c WHERE "+where, arg).Scan)
	if errors.Is(err, sqldb.ErrNoRows) {
		return c, core.NotFound("change", ref)
	}
	if err != nil {
		return c, err
	}
	one := []Change{c}
	err = addItems(ctx, q, one)
	return one[0], err
}

// addItems reads the items of changes.
func addItems(ctx context.Context, q sqldb.Querier, list []Change) error {
	if len(list) == 0 {
		return nil
	}
	ids, place := make([]any, len(list)), map[string]int{}
	for i, c := range list {
		ids[i], place[c.ID] = c.ID, i
	}
	rows, err := q.Query(ctx, "SELECT change, item FROM changes_item WHERE change IN ("+sqldb.In(len(ids), 1)+") ORDER BY change, item", ids...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var id, item string
		if err := rows.Scan(&id, &item); err != nil {
			return err
		}
		c := &list[place[id]]
		c.Items = append(c.Items, item)
	}
	return rows.Err()
}

// save stores a change, new or one version older in the store.
func save(ctx context.Context, tx *sqldb.Tx, c *Change) error {
	var requester, decider ledger.Actor
	if c.Requester != nil {
		requester = *c.Requester
	}
	if c.Decider != nil {
		decider = *c.Decider
	}
	c.Version++
	values := []any{c.Title, c.Reason, string(c.State), string(c.Risk), c.Team, core.MicrosOf(c.PlannedStart), core.MicrosOf(c.PlannedEnd),
		requester.Kind, requester.ID, requester.Name, core.MicrosOf(c.RequestedAt), decider.Kind, decider.ID, decider.Name, core.MicrosOf(c.DecidedAt), c.Decision, c.approved,
		core.MicrosOf(c.StartedAt), core.MicrosOf(c.EndedAt), c.Outcome, core.Micros(c.UpdatedAt), c.Version, c.ID}
	if c.Version == 1 {
		err := tx.QueryRow(ctx, "UPDATE changes_sequence SET value = value + 1 WHERE name = 'change' RETURNING value").Scan((*int64)(&c.Number))
		if err != nil {
			return err
		}
		if _, err = tx.Exec(ctx, `INSERT INTO changes_change (title, reason, state, risk, team, planned_start, planned_end, requester_kind, requester, requester_name, requested_at,
			decider_kind, decider, decider_name, decided_at, decision, approved, started_at, ended_at, outcome, updated_at, version, id, number, created_at) VALUES `+sqldb.Values(1, 25, 1),
			append(values, int64(c.Number), core.Micros(c.CreatedAt))...); err != nil {
			return err
		}
	} else {
		n, err := sqldb.Affected(tx.Exec(ctx, `UPDATE changes_change SET title=$1, reason=$2, state=$3, risk=$4, team=$5, planned_start=$6, planned_end=$7, requester_kind=$8,
			requester=$9, requester_name=$10, requested_at=$11, decider_kind=$12, decider=$13, decider_name=$14, decided_at=$15, decision=$16, approved=$17, started_at=$18, ended_at=$19,
			outcome=$20, updated_at=$21, version=$22 WHERE id=$23 AND version=$24`, append(values, c.Version-1)...))
		if err != nil {
			return err
		}
		if n == 0 {
			return core.Errorf(core.CodeStale, "the change was changed by someone else: read it again")
		}
	}
	if _, err := tx.Exec(ctx, "DELETE FROM changes_item WHERE change = $1", c.ID); err != nil {
		return err
	}
	rows := make([][]any, len(c.Items))
	for i, item := range c.Items {
		rows[i] = []any{c.ID, item}
	}
	return sqldb.Insert(ctx, tx, "INSERT INTO changes_item (change, item) VALUES", 2, rows, "")
}

// tell appends desk.change.<verb>. What others need of it they ask for: an entry
// may be read long after it was written.
func (c *Component) tell(ctx context.Context, tx *sqldb.Tx, by ledger.Actor, ch *Change, verb, summary string) error {
	data, err := json.Marshal(map[string]any{"id": ch.ID, "number": ch.Number, "title": ch.Title, "state": ch.State, "risk": ch.Risk,
		"plannedStart": ch.PlannedStart, "plannedEnd": ch.PlannedEnd, "version": ch.Version})
	if err != nil {
		return err
	}
	entry := ledger.Entry{At: ch.UpdatedAt, Actor: by, Module: "changes", Type: "desk.change." + verb, Subject: core.Ref{Kind: "change", ID: ch.ID},
		Related: ch.Items, Team: ch.Team, Summary: ch.Number.String() + " " + summary, Data: data}
	if len(ch.Items) > 0 {
		entry.Item = ch.Items[0]
	}
	_, err = c.deps.Ledger.Append(ctx, tx, entry)
	return err
}
