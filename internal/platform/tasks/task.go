package tasks

import (
	"context"
	"encoding/json"
	"time"

	"mainstay/internal/platform/sqldb"
)

// Queue names and limits that hold unless a task says otherwise.
const (
	DefaultQueue       = "default"
	DefaultMaxFailures = 10
)

// State is where a task stands. A finished task has no row and no state.
type State string

// The states.
const (
	Waiting State = "waiting" // to be claimed
	Delayed State = "delayed" // waits for its time
	Running State = "running" // claimed by an owner
	Dead    State = "dead"    // failed too often, or for good
)

// Task is one unit of work. The fields above the line are for Enqueue; only
// Kind is required.
type Task struct {
	ID          string    // chosen when empty
	Queue       string    // DefaultQueue when empty
	Kind        string    // which handler
	Key         string    // while a task of the kind with this key is unfinished, no other is enqueued
	Again       bool      // with Key: if that task is running, it runs once more afterwards
	Priority    int       // higher runs first
	RunAt       time.Time // not before; zero is at once
	MaxFailures int       // failures until it is dead; 0 is DefaultMaxFailures, negative is without end
	Args        any       // becomes Payload as JSON

	Payload   json.RawMessage
	Attempt   int // 1 for the first; part of the fence
	Failures  int // attempts that failed before this one
	CreatedAt time.Time

	execution *execution
}

// Decode reads the payload into v. What cannot be decoded never will be, so
// the error it returns makes the task dead at once.
func (t Task) Decode(v any) error {
	if err := json.Unmarshal(t.Payload, v); err != nil {
		return Permanent(err)
	}
	return nil
}

// Complete finishes the task inside tx, together with the effects of its
// handler. It returns ErrLeaseLost when another attempt has taken over; the
// handler must then give up and roll back.
func (t Task) Complete(ctx context.Context, tx *sqldb.Tx) error {
	e := t.execution
	finished, err := finish(ctx, tx, e.owner, []outcome{{execution: e, verdict: completed}})
	if err != nil {
		return err
	}
	if len(finished) == 0 {
		return ErrLeaseLost
	}
	tx.OnCommit(func() { e.completed.Store(true) })
	return nil
}
