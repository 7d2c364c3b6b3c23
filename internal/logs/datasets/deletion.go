package datasets

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/ledger"
	"mainstay/internal/platform/logstore"
	"mainstay/internal/platform/sqldb"
)

// The states of a deletion.
const (
	Waiting = "waiting"
	Running = "running"
	Done    = "done"
	Failed  = "failed"
)

// Deletion is records that somebody asked to be deleted.
type Deletion struct {
	ID       string       `json:"id"`
	Asked    time.Time    `json:"asked"`
	By       ledger.Actor `json:"by"`
	Reason   string       `json:"reason"`
	Filter   string       `json:"filter" doc:"LogsQL"`
	Datasets []string     `json:"datasets" nullable:"false"`
	Start    time.Time    `json:"start"`
	End      time.Time    `json:"end"`
	State    string       `json:"state" enum:"waiting,running,done,failed"`
	Found    int64        `json:"found" doc:"records that matched before"`
	Remained int64        `json:"remained" doc:"records that matched afterwards"`
	Fault    string       `json:"fault,omitempty" doc:"why it failed"`
	Finished *time.Time   `json:"finished,omitempty"`
}

func (d *Deletion) erasure() logstore.Erasure {
	return logstore.Erasure{Filter: d.Filter, Datasets: d.Datasets, Start: d.Start, End: d.End}
}

// rounds is how often a deletion looks for records that were on their way to
// the engine, and settles how long it waits between.
const (
	rounds  = 5
	settles = 3 * time.Second
)

// count is how many records match.
func (c *Component) count(ctx context.Context, e logstore.Erasure) (int64, error) {
	filter := strings.TrimSpace(e.Filter)
	if filter == "" {
		filter = "*"
	}
	// The filter was found to be one, so the parentheses hold it.
	q := logstore.Query{Expr: "(" + filter + ") | stats count() as n", Start: e.Start, End: e.End, Only: e.Datasets}
	var n int64
	for row, err := range c.deps.Store.Query(ctx, q) {
		if err != nil {
			return 0, err
		}
		if n, err = strconv.ParseInt(row["n"], 10, 64); err != nil {
			return 0, fmt.Errorf("the log store counted %q records", row["n"])
		}
	}
	return n, nil
}

// Delete records what is to be deleted; the worker carries it out.
func (c *Component) Delete(ctx context.Context, d *Deletion) error {
	now := c.deps.Clock.Now()
	var wrong []core.Detail
	add := func(bad bool, field, rule string) {
		if bad {
			wrong = append(wrong, core.Detail{Field: field, Rule: rule})
		}
	}
	add(strings.TrimSpace(d.Reason) == "", "reason", "must say why")
	add(len(d.Datasets) == 0, "datasets", "must name at least one")
	if d.End.IsZero() || d.End.After(now) {
		d.End = now // what comes later was not asked for
	}
	if d.Start.IsZero() {
		d.Start = now.Add(-c.deps.Keeps - 24*time.Hour)
	}
	add(!d.Start.Before(d.End), "start", "must be before end")
	if err := core.InvalidAll(wrong); err != nil {
		return err
	}
	if _, err := c.Narrow(ctx, d.Datasets); err != nil {
		return err
	}
	if err := c.deps.Store.Check(ctx, d.Filter); err != nil {
		return err
	}
	var err error
	if d.Found, err = c.count(ctx, d.erasure()); err != nil {
		return err
	}
	d.ID, d.Asked, d.State, d.Remained = c.deps.IDs.New(), now, Waiting, d.Found
	err = c.deps.DB.Write(ctx, func(tx *sqldb.Tx) error {
		if err := c.store.insert(ctx, tx, d); err != nil {
			return err
		}
		return c.store.note(ctx, tx, "deletion", d.ID, "requested", fmt.Sprintf("deletion of %d log records was asked for: %s", d.Found, d.Reason), d)
	})
	if err == nil {
		select {
		case c.kick <- struct{}{}:
		default:
		}
	}
	return err
}

// campaign works while this process holds the lock.
func (c *Component) campaign(ctx context.Context) {
	var lock *sqldb.Lock
	for ctx.Err() == nil {
		if lock == nil {
			lock, _ = c.deps.DB.TryLock(ctx, "logs-datasets")
		}
		if lock != nil && !lock.Held(ctx) {
			_ = lock.Release()
			lock = nil
		}
		if lock != nil {
			if err := c.Work(ctx); err != nil && ctx.Err() == nil {
				c.deps.Log.Warn("log records that are to go are still there; it is tried again", "error", err)
			}
		}
		c.pause(ctx, workEvery, c.kick)
	}
	if lock != nil {
		_ = lock.Release()
	}
}

// Work carries out what waits: deletions one by one, then retentions.
func (c *Component) Work(ctx context.Context) error {
	list, err := c.store.unfinished(ctx)
	if err != nil {
		return err
	}
	for _, d := range list {
		if err := c.carryOut(ctx, d); err != nil {
			return err
		}
	}
	return c.sweep(ctx)
}

func (c *Component) carryOut(ctx context.Context, d *Deletion) error {
	d.State = Running
	if err := c.deps.DB.Write(ctx, func(tx *sqldb.Tx) error { return c.store.update(ctx, tx, d) }); err != nil {
		return err
	}
	left, err := c.erase(ctx, d)
	if ctx.Err() != nil {
		return ctx.Err() // it is done again
	}
	if core.CodeOf(err) == core.CodeUnavailable {
		return err // the engine is away: later
	}
	d.State, d.Remained = Done, left
	switch {
	case err != nil:
		d.State, d.Fault = Failed, err.Error()
	case left > 0:
		d.State, d.Fault = Failed, "records that match are still there; the request may be made again"
	}
	now := c.deps.Clock.Now()
	d.Finished = &now
	return c.deps.DB.Write(ctx, func(tx *sqldb.Tx) error {
		if err := c.store.update(ctx, tx, d); err != nil {
			return err
		}
		return c.store.note(ctx, tx, "deletion", d.ID, d.State, fmt.Sprintf("deletion of log records: %d matched before, %d do now", d.Found, d.Remained), d)
	})
}

// erase deletes until nothing matches. Records that were accepted before the
// request may reach the engine after the first round.
func (c *Component) erase(ctx context.Context, d *Deletion) (left int64, err error) {
	for round := range rounds {
		if round > 0 && !c.pause(ctx, settles, nil) {
			return left, ctx.Err()
		}
		if _, err = c.deps.Store.Erase(ctx, []logstore.Erasure{d.erasure()}); err != nil {
			return left, err
		}
		if left, err = c.counted(ctx, d); err != nil || left == 0 {
			return left, err
		}
	}
	return left, nil
}

// counted asks until the engine, which was just started again, answers.
func (c *Component) counted(ctx context.Context, d *Deletion) (int64, error) {
	for {
		n, err := c.count(ctx, d.erasure())
		if core.CodeOf(err) != core.CodeUnavailable || !c.pause(ctx, time.Second, nil) {
			return n, err
		}
	}
}

// sweep erases what is older than the retention of its dataset.
func (c *Component) sweep(ctx context.Context) error {
	now := c.deps.Clock.Now()
	var due []logstore.Erasure
	next := map[string]time.Time{}
	for _, d := range *c.known.Load() {
		cutoff := d.cutoff(now)
		if cutoff.IsZero() || !c.swept[d.Name].Before(cutoff) {
			continue
		}
		next[d.Name] = cutoff
		e := logstore.Erasure{Datasets: []string{d.Name}, Start: now.Add(-c.deps.Keeps - 48*time.Hour), End: cutoff.Add(-time.Nanosecond)}
		n, err := c.count(ctx, e)
		if err != nil {
			return err
		}
		if n > 0 {
			due = append(due, e)
		}
	}
	if len(due) > 0 {
		done, err := c.deps.Store.Erase(ctx, due)
		switch {
		case core.CodeOf(err) == core.CodeConflict: // it will not be able to in a minute either: tomorrow
			c.deps.Log.Error("log records are older than their dataset's retention and stay", "error", err)
		case err != nil:
			return err
		default:
			c.deps.Log.Info("log records older than their dataset's retention were erased", "records", done.Records, "days", done.Days)
		}
	}
	for name, cutoff := range next {
		c.swept[name] = cutoff
	}
	return nil
}
