package httpapi

import (
	"context"
	"embed"
	"errors"
	"io/fs"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/sqldb"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Migrations are the tables of this package.
func Migrations() fs.FS { return migrations }

// The states of an outcome.
const (
	stateUnderWay = "underway"
	stateDone     = "done"
	stateUnknown  = "unknown"
	stateLarge    = "large" // done, and the answer was not kept
)

const (
	sweepEvery = 10 * time.Minute
	sweepBatch = 500 // rows of one transaction: others write between
)

// outcome is what the store knows about a key.
type outcome struct {
	body    []byte
	owner   string
	state   string
	started time.Time
	answer  []byte
}

// begin takes the key. When it was taken before, its outcome is returned.
func (c *Idempotency) begin(ctx context.Context, a attempt) (earlier *outcome, err error) {
	now := c.deps.Clock.Now()
	err = c.deps.DB.Write(ctx, func(tx *sqldb.Tx) error {
		earlier = nil
		if _, err := tx.Exec(ctx, "DELETE FROM httpapi_outcome WHERE id = $1 AND started_at <= $2", a.id, core.Micros(now.Add(-outcomeLife))); err != nil {
			return err
		}
		n, err := sqldb.Affected(tx.Exec(ctx, `INSERT INTO httpapi_outcome (id, body, owner, state, started_at) VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT DO NOTHING`, a.id, a.body, c.owner, stateUnderWay, core.Micros(now)))
		if err != nil || n == 1 {
			return err
		}
		var o outcome
		var started int64
		err = tx.QueryRow(ctx, "SELECT body, owner, state, started_at, answer FROM httpapi_outcome WHERE id = $1", a.id).
			Scan(&o.body, &o.owner, &o.state, &started, &o.answer)
		if errors.Is(err, sqldb.ErrNoRows) { // another node let go of it just now
			return errUnderWay
		}
		o.started = core.FromMicros(started)
		earlier = &o
		return err
	})
	return earlier, err
}

func (c *Idempotency) finish(ctx context.Context, a attempt, state string, answer []byte) error {
	return c.deps.DB.Write(ctx, func(tx *sqldb.Tx) error {
		_, err := tx.Exec(ctx, "UPDATE httpapi_outcome SET state = $1, answer = $2 WHERE id = $3 AND owner = $4", state, answer, a.id, c.owner)
		return err
	})
}

func (c *Idempotency) forget(ctx context.Context, a attempt) error {
	return c.deps.DB.Write(ctx, func(tx *sqldb.Tx) error {
		_, err := tx.Exec(ctx, "DELETE FROM httpapi_outcome WHERE id = $1 AND owner = $2", a.id, c.owner)
		return err
	})
}

// Start begins to forget outcomes older than a day.
func (c *Idempotency) Start(context.Context) error {
	ctx, stop := context.WithCancel(context.Background())
	c.stop = stop
	c.done.Go(func() {
		timer := c.deps.Clock.NewTimer(sweepEvery)
		defer timer.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-timer.C():
			}
			if _, err := c.Sweep(ctx); err != nil && ctx.Err() == nil {
				c.deps.Log.Warn("old outcomes of idempotency keys could not be removed", "error", err)
			}
			timer.Reset(sweepEvery)
		}
	})
	return nil
}

// Stop ends it.
func (c *Idempotency) Stop(context.Context) error {
	if c.stop != nil {
		c.stop()
		c.done.Wait()
	}
	return nil
}

// Sweep forgets all outcomes older than a day, a bounded number at a time, and
// says how many there were.
func (c *Idempotency) Sweep(ctx context.Context) (swept int64, err error) {
	before := core.Micros(c.deps.Clock.Now().Add(-outcomeLife))
	for {
		var n int64
		err := c.deps.DB.Write(ctx, func(tx *sqldb.Tx) (err error) {
			n, err = sqldb.Affected(tx.Exec(ctx, `DELETE FROM httpapi_outcome WHERE id IN
				(SELECT id FROM httpapi_outcome WHERE started_at <= $1 ORDER BY started_at LIMIT $2)`, before, sweepBatch))
			return err
		})
		swept += n
		if err != nil || n < sweepBatch {
			return swept, err
		}
	}
}
