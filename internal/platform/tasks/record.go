package tasks

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/ledger"
	"mainstay/internal/platform/listing"
	"mainstay/internal/platform/sqldb"
)

// Record is an unfinished task as people see it.
type Record struct {
	ID          string          `json:"id"`
	Queue       string          `json:"queue"`
	Kind        string          `json:"kind"`
	Key         string          `json:"key,omitempty"`
	State       State           `json:"state" enum:"waiting,delayed,running,dead"`
	Priority    int             `json:"priority"`
	RunAt       time.Time       `json:"runAt"`
	Attempt     int             `json:"attempt"`
	Failures    int             `json:"failures"`
	MaxFailures int             `json:"maxFailures" doc:"Failures until it is dead; negative is without end"`
	Owner       string          `json:"owner,omitempty" doc:"The process that runs it"`
	LeaseUntil  *time.Time      `json:"leaseUntil,omitempty"`
	CreatedAt   time.Time       `json:"createdAt"`
	StartedAt   *time.Time      `json:"startedAt,omitempty"`
	Error       string          `json:"error,omitempty" doc:"Of the latest attempt that failed"`
	Payload     json.RawMessage `json:"payload,omitempty"`
}

const recordColumns = `id, queue, kind, dedup, state, priority, run_at, attempt, failures, max_failures, owner, lease_until, created_at,
	started_at, error, payload`

func fields() listing.Fields {
	return listing.Fields{
		"id": {Column: "id"}, "queue": {Column: "queue"}, "kind": {Column: "kind"}, "state": {Column: "state"}, "key": {Column: "dedup"},
		"priority": {Column: "priority", Kind: listing.Int}, "failures": {Column: "failures", Kind: listing.Int},
		"attempt": {Column: "attempt", Kind: listing.Int}, "runAt": {Column: "run_at", Kind: listing.Time},
		"createdAt": {Column: "created_at", Kind: listing.Time}, "startedAt": {Column: "started_at", Kind: listing.Time},
	}
}

func scanRecord(dest func(...any) error) (r Record, err error) {
	var runAt, lease, created, started int64
	var payload string
	err = dest(&r.ID, &r.Queue, &r.Kind, &r.Key, &r.State, &r.Priority, &runAt, &r.Attempt, &r.Failures, &r.MaxFailures, &r.Owner, &lease,
		&created, &started, &r.Error, &payload)
	r.RunAt, r.CreatedAt, r.LeaseUntil, r.StartedAt = core.FromMicros(runAt), core.FromMicros(created), core.Moment(lease), core.Moment(started)
	r.Payload = json.RawMessage(payload)
	return r, err
}

// List returns unfinished tasks, newest first.
func (c *Component) List(ctx context.Context, p listing.Params) (listing.Page[Record], error) {
	st, err := fields().Build(p, listing.Base{Select: recordColumns, From: "tasks_task", Search: []string{"kind", "error"}, Default: "-id", // made in order of time, and the only order with an index
		Key: "id", Now: c.clock.Now()})
	if err != nil {
		return listing.Page[Record]{}, err
	}
	return listing.Read(ctx, c.db, p, st, scanRecord)
}

// Get returns one unfinished task.
func (c *Component) Get(ctx context.Context, id string) (Record, error) { return get(ctx, c.db, id) }

func get(ctx context.Context, q sqldb.Querier, id string) (Record, error) {
	r, err := scanRecord(q.QueryRow(ctx, "SELECT "+recordColumns+" FROM tasks_task WHERE id = $1", id).Scan)
	if errors.Is(err, sqldb.ErrNoRows) {
		err = core.NotFound("task", id)
	}
	return r, err
}

// Retry gives a dead task its failures back and runs it again, or runs a
// delayed one now.
func (c *Component) Retry(ctx context.Context, id string, actor ledger.Actor) (r Record, err error) {
	err = c.db.Write(ctx, func(tx *sqldb.Tx) error {
		if r, err = get(ctx, tx, id); err != nil {
			return err
		}
		if r.State != Dead && r.State != Delayed {
			return core.Errorf(core.CodeConflict, "the task is %s: only dead and delayed ones are retried", r.State)
		}
		n, err := sqldb.Affected(tx.Exec(ctx, `UPDATE tasks_task SET state = 'waiting', failures = 0, run_at = $1
			WHERE id = $2 AND state = $3`, core.Micros(c.clock.Now()), id, string(r.State)))
		if sqldb.IsUnique(err) {
			return core.Errorf(core.CodeConflict, "another unfinished task has the key %q by now", r.Key)
		}
		if err != nil {
			return err
		}
		if n == 0 {
			return core.Errorf(core.CodeConflict, "the task has just changed")
		}
		r.State, r.Failures = Waiting, 0
		tx.OnCommit(func() { c.announce([]Task{{Queue: r.Queue}}) })
		return c.audit(ctx, tx, "platform.task.retried", r, actor)
	})
	return r, err
}

// Discard removes a task that does not run.
func (c *Component) Discard(ctx context.Context, id string, actor ledger.Actor) error {
	return c.db.Write(ctx, func(tx *sqldb.Tx) error {
		r, err := get(ctx, tx, id)
		if err != nil {
			return err
		}
		n, err := sqldb.Affected(tx.Exec(ctx, "DELETE FROM tasks_task WHERE id = $1 AND state <> 'running'", id))
		if err != nil {
			return err
		}
		if n == 0 {
			return core.Errorf(core.CodeConflict, "the task is running")
		}
		return c.audit(ctx, tx, "platform.task.discarded", r, actor)
	})
}

func (c *Component) audit(ctx context.Context, tx *sqldb.Tx, typ string, r Record, actor ledger.Actor) error {
	if c.ledger == nil {
		return nil
	}
	data, err := json.Marshal(r)
	if err != nil {
		return err
	}
	_, err = c.ledger.Append(ctx, tx, ledger.Entry{Actor: actor, Module: "platform", Type: typ, Subject: core.Ref{Kind: "task", ID: r.ID},
		Summary: fmt.Sprintf("task %s (%s): %s", r.ID, r.Kind, typ[len("platform.task."):]), Data: data})
	return err
}

// Depth is how many unfinished tasks a queue has in each state.
type Depth struct {
	Queue   string `json:"queue"`
	Waiting int64  `json:"waiting"`
	Delayed int64  `json:"delayed"`
	Running int64  `json:"running"`
	Dead    int64  `json:"dead"`
	Capped  bool   `json:"capped,omitempty" doc:"A state has more tasks than are counted"`
}

// depthCap bounds how far tasks are counted.
const depthCap = 10_000

// Depths counts the unfinished tasks of this process's queues.
func (c *Component) Depths(ctx context.Context) ([]Depth, error) {
	depths := []Depth{}
	for _, queue := range slices.Sorted(maps.Keys(c.lanes)) {
		d := Depth{Queue: queue}
		for state, n := range map[State]*int64{Waiting: &d.Waiting, Delayed: &d.Delayed, Running: &d.Running, Dead: &d.Dead} {
			// The state is part of the text: only so a partial index serves.
			err := c.db.QueryRow(ctx, `SELECT COUNT(*) FROM (SELECT 1 FROM tasks_task WHERE state = '`+string(state)+`' AND queue = $1 LIMIT $2) AS counted`,
				queue, depthCap+1).Scan(n)
			if err != nil {
				return nil, err
			}
			if *n > depthCap {
				*n, d.Capped = depthCap, true
			}
		}
		depths = append(depths, d)
	}
	return depths, nil
}
