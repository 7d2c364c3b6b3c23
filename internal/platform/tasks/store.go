package tasks

import (
	"context"
	"math"
	"slices"
	"strings"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/sqldb"
)

const insertHead = `INSERT INTO tasks_task (id, queue, kind, dedup, state, priority, run_at, max_failures, created_at, payload) VALUES`

const insertColumns = 10

// onDuplicate is the rule of plain keys: the unfinished task stands for the new one.
const onDuplicate = `ON CONFLICT (kind, dedup) WHERE dedup <> '' AND state <> 'dead' DO NOTHING`

// onDuplicateAgain is the rule of Again: a running task is marked to run once
// more, a delayed one is brought forward.
const onDuplicateAgain = `ON CONFLICT (kind, dedup) WHERE dedup <> '' AND state <> 'dead' DO UPDATE SET
	run_at = CASE WHEN tasks_task.state = 'running' AND NOT tasks_task.again THEN excluded.run_at
		WHEN excluded.run_at < tasks_task.run_at THEN excluded.run_at ELSE tasks_task.run_at END,
	state = CASE WHEN tasks_task.state = 'delayed' AND excluded.state = 'waiting' THEN 'waiting' ELSE tasks_task.state END,
	again = tasks_task.state = 'running'`

func insertRow(t Task, now time.Time) []any {
	state, runAt := Waiting, now
	if t.RunAt.After(now) {
		state, runAt = Delayed, t.RunAt
	}
	return []any{t.ID, t.Queue, t.Kind, t.Key, string(state), t.Priority, core.Micros(runAt), t.MaxFailures, core.Micros(now), string(t.Payload)}
}

// claim gives up to limit waiting tasks of the queue to owner.
func claim(ctx context.Context, tx *sqldb.Tx, queue, owner string, kinds []string, limit int, now time.Time, lease time.Duration) ([]Task, error) {
	lock := ""
	if tx.Dialect() == sqldb.PostgreSQL {
		lock = " FOR UPDATE SKIP LOCKED"
	}
	args := []any{owner, core.Micros(now.Add(lease)), core.Micros(now), queue, limit}
	for _, k := range kinds {
		args = append(args, k)
	}
	tasks, err := collect(tx.Query(ctx, `WITH due AS MATERIALIZED (SELECT id FROM tasks_task
		WHERE queue = $4 AND state = 'waiting' AND kind IN (`+sqldb.In(len(kinds), 6)+`)
		ORDER BY priority DESC, run_at, id LIMIT $5`+lock+`)
		UPDATE tasks_task SET state = 'running', owner = $1, attempt = attempt + 1, lease_until = $2, started_at = $3
		WHERE id IN (SELECT id FROM due)
		RETURNING id, kind, dedup, priority, run_at, attempt, failures, max_failures, created_at, payload`, args...))
	slices.SortFunc(tasks, func(a, b Task) int { // RETURNING promises no order
		if a.Priority != b.Priority {
			return b.Priority - a.Priority
		}
		if c := a.RunAt.Compare(b.RunAt); c != 0 {
			return c
		}
		return strings.Compare(a.ID, b.ID)
	})
	return tasks, err
}

func collect(rows *sqldb.Rows, err error) ([]Task, error) {
	return sqldb.Collect(rows, err, func(r *sqldb.Rows) (t Task, err error) {
		var runAt, createdAt int64
		var payload string
		err = r.Scan(&t.ID, &t.Kind, &t.Key, &t.Priority, &runAt, &t.Attempt, &t.Failures, &t.MaxFailures, &createdAt, &payload)
		t.RunAt, t.CreatedAt, t.Payload = core.FromMicros(runAt), core.FromMicros(createdAt), []byte(payload)
		return t, err
	})
}

// finish deletes the completed tasks whose fence still holds, or sets those
// that were asked for again back to waiting. It returns the ids it found.
func finish(ctx context.Context, tx *sqldb.Tx, owner string, done []outcome) ([]string, error) {
	byAttempt := map[int][]string{}
	for _, o := range done {
		byAttempt[o.execution.task.Attempt] = append(byAttempt[o.execution.task.Attempt], o.execution.task.ID)
	}
	var found []string
	for attempt, ids := range byAttempt {
		for part := range slices.Chunk(ids, maxClaim) {
			args, in := fenceArgs(owner, attempt, part)
			deleted, err := texts(tx.Query(ctx, `DELETE FROM tasks_task WHERE owner = $1 AND attempt = $2 AND state = 'running'
				AND NOT again AND id IN (`+in+`) RETURNING id`, args...))
			if err != nil {
				return nil, err
			}
			found = append(found, deleted...)
			if len(deleted) == len(part) {
				continue
			}
			again, err := texts(tx.Query(ctx, `UPDATE tasks_task SET state = 'delayed', again = FALSE, failures = 0, owner = '', lease_until = 0
				WHERE owner = $1 AND attempt = $2 AND state = 'running' AND again AND id IN (`+in+`) RETURNING id`, args...))
			if err != nil {
				return nil, err
			}
			found = append(found, again...)
		}
	}
	return found, nil
}

// fenceArgs pads the list of ids to a power of two, so that few different
// statements are prepared.
func fenceArgs(owner string, attempt int, ids []string) ([]any, string) {
	n := 1
	for n < len(ids) {
		n *= 2
	}
	args := append(make([]any, 0, n+2), owner, attempt)
	for i := range n {
		args = append(args, ids[min(i, len(ids)-1)])
	}
	return args, sqldb.In(n, 3)
}

func texts(rows *sqldb.Rows, err error) ([]string, error) {
	return sqldb.Collect(rows, err, func(r *sqldb.Rows) (s string, err error) { return s, r.Scan(&s) })
}

// putBack ends a running task's attempt without finishing the task. Work that
// was asked for again meanwhile is not buried with it.
func putBack(ctx context.Context, tx *sqldb.Tx, owner string, o outcome, state State, failures int, runAt time.Time) error {
	_, err := tx.Exec(ctx, `UPDATE tasks_task SET
		state = CASE WHEN again THEN 'delayed' ELSE CAST($1 AS TEXT) END,
		run_at = CASE WHEN again AND run_at < $2 THEN run_at ELSE $2 END,
		failures = failures + $3, error = $4, owner = '', lease_until = 0, again = FALSE
		WHERE id = $5 AND owner = $6 AND attempt = $7 AND state = 'running'`,
		string(state), core.Micros(runAt), failures, o.message, o.execution.task.ID, owner, o.execution.task.Attempt)
	return err
}

// extend renews the leases of the running tasks and returns those it still holds.
func extend(ctx context.Context, tx *sqldb.Tx, owner string, ids []string, until time.Time) (map[string]int, error) {
	held := map[string]int{}
	for part := range slices.Chunk(ids, maxClaim) {
		args, in := fenceArgs(owner, 0, part)
		args[1] = core.Micros(until)
		rows, err := tx.Query(ctx, `UPDATE tasks_task SET lease_until = $2
			WHERE owner = $1 AND state = 'running' AND id IN (`+in+`) RETURNING id, attempt`, args...)
		_, err = sqldb.Collect(rows, err, func(r *sqldb.Rows) (id string, err error) {
			var attempt int
			err = r.Scan(&id, &attempt)
			held[id] = attempt
			return id, err
		})
		if err != nil {
			return nil, err
		}
	}
	return held, nil
}

// reclaim takes running tasks from owners that are silent for longer than
// their lease. That counts as a failure: a task that kills its process must
// not do so for ever.
const reclaim = `UPDATE tasks_task SET
	state = CASE WHEN max_failures > 0 AND failures + 1 >= max_failures AND NOT again THEN 'dead' ELSE 'waiting' END,
	failures = failures + 1, error = 'the process that ran it died or lost its lease', owner = '', lease_until = 0, again = FALSE
	WHERE state = 'running' AND `

// promote makes delayed tasks waiting whose time has come.
func promote(ctx context.Context, tx *sqldb.Tx, queue string, now time.Time) error {
	_, err := tx.Exec(ctx, `UPDATE tasks_task SET state = 'waiting' WHERE state = 'delayed' AND queue = $1 AND run_at <= $2`, queue, core.Micros(now))
	return err
}

// outlook is what a queue can expect: it is read outside of any transaction.
type outlook struct {
	waiting bool
	due     int64 // when the next delayed task is due
	lapse   int64 // when the next lease ends
}

const never = int64(math.MaxInt64)

func peek(ctx context.Context, db *sqldb.DB, queue string) (o outlook, err error) {
	err = db.QueryRow(ctx, `SELECT
		EXISTS (SELECT 1 FROM tasks_task WHERE state = 'waiting' AND queue = $1),
		COALESCE((SELECT MIN(run_at) FROM tasks_task WHERE state = 'delayed' AND queue = $1), $2),
		COALESCE((SELECT MIN(lease_until) FROM tasks_task WHERE state = 'running' AND queue = $1), $2)`,
		queue, never).Scan(&o.waiting, &o.due, &o.lapse)
	return o, err
}
