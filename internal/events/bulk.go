package events

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/listing"
	"mainstay/internal/platform/sqldb"
)

const (
	bulkMost   = 100_000 // alerts of one run
	bulkRows   = 500     // of one transaction
	bulkAtOnce = 4       // runs of this process
	bulkKept   = 30 * 24 * time.Hour
	// bulkSilent is how long a run's process may write nothing before the run
	// counts as broken off.
	bulkSilent = 2 * time.Minute
)

// BulkState is how far a bulk run is.
type BulkState string

// The states of a bulk run.
const (
	BulkRunning BulkState = "running"
	BulkDone    BulkState = "done"
	BulkStopped BulkState = "stopped" // a person stopped it
	BulkBroken  BulkState = "broken"  // its process ended; what was done is done
)

// BulkFilter names the alerts of a bulk run.
type BulkFilter struct {
	Q     string   `json:"q,omitempty" maxLength:"400" doc:"As in the list of alerts"`
	Where []string `json:"where,omitempty" maxItems:"40" doc:"As in the list of alerts"`
	By    string   `json:"by,omitempty" maxLength:"200" doc:"Only the alerts of a group; see the groups of alerts"`
	Value string   `json:"value,omitempty" maxLength:"1000"`
}

// BulkRun is one thing done to all alerts that matched a filter when it began.
type BulkRun struct {
	ID        string    `json:"id"`
	Action    Action    `json:"action"`
	By        string    `json:"by" doc:"Who asked for it"`
	State     BulkState `json:"state" enum:"running,done,stopped,broken"`
	Total     int       `json:"total"`
	Done      int       `json:"done"`
	Refused   int       `json:"refused" doc:"Alerts it could not be done to"`
	Reason    string    `json:"reason,omitempty" doc:"Why the first of these was refused"`
	StartedAt time.Time `json:"startedAt"`

	by string
}

// bulkRuns are the runs of this process, with what stops each.
type bulkRuns struct {
	mu   sync.Mutex
	live map[string]context.CancelFunc
	base context.Context // ends with the module
}

// StartBulk does a deed to all alerts that match, in the background.
func (c *Component) StartBulk(ctx context.Context, deed Deed, f BulkFilter) (BulkRun, error) {
	deed, err := c.ready(ctx, deed)
	if err != nil {
		return BulkRun{}, err
	}
	ids, err := c.matching(ctx, f)
	if err != nil {
		return BulkRun{}, err
	}
	actor, now := actorOf(ctx), c.deps.Clock.Now()
	run := BulkRun{ID: c.deps.IDs.New(), Action: deed.Action, By: actor.Name, by: actor.ID, State: BulkRunning, Total: len(ids), StartedAt: now}
	work, err := c.bulk.begin(run.ID)
	if err != nil {
		return run, err
	}
	err = c.deps.DB.Write(ctx, func(tx *sqldb.Tx) error {
		_, err := tx.Exec(ctx, "INSERT INTO events_bulk (id, action, by_id, by_name, state, total, done, refused, reason, started_at, seen_at) VALUES ($1,$2,$3,$4,$5,$6,0,0,'',$7,$7)",
			run.ID, string(run.Action), run.by, run.By, string(run.State), int64(run.Total), core.Micros(now))
		return err
	})
	if err != nil {
		c.bulk.end(run.ID)
		return run, err
	}
	work = auth.With(work, auth.From(ctx))
	c.running.Go(func() { c.runBulk(work, run, deed, ids) })
	return run, nil
}

// open lets runs begin, until the context ends.
func (b *bulkRuns) open(base context.Context) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.base = base
}

func (b *bulkRuns) begin(id string) (context.Context, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.live) >= bulkAtOnce || b.base == nil || b.base.Err() != nil {
		return nil, core.Errorf(core.CodeUnavailable, "%d bulk actions run already: wait for one to end", len(b.live))
	}
	ctx, stop := context.WithCancel(b.base)
	if b.live == nil {
		b.live = map[string]context.CancelFunc{}
	}
	b.live[id] = stop
	return ctx, nil
}

// end forgets a run and stops what is left of it.
func (b *bulkRuns) end(id string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if stop := b.live[id]; stop != nil {
		stop()
	}
	delete(b.live, id)
}

// matching lists the ids of the alerts that match a filter and that the caller
// may both see and act on.
func (c *Component) matching(ctx context.Context, f BulkFilter) ([]string, error) {
	base, _, err := c.alertBase(ctx, "alerts:act", Grouped{f.By, f.Value})
	if err != nil {
		return nil, err
	}
	seen, args := scoped(ctx, "alerts:read")
	if len(seen) > 0 {
		base.Where = append(base.Where, "team IN ("+sqldb.In(len(args), len(base.Args)+1)+")")
		base.Args = append(base.Args, args...)
	}
	where, args, err := alertFields().Conditions(listing.Params{Q: f.Q, Where: f.Where}, base)
	if err != nil {
		return nil, err
	}
	rows, err := c.deps.DB.Query(ctx, "SELECT id FROM events_alert"+where+" ORDER BY id LIMIT "+sqldb.In(1, len(args)+1), append(args, bulkMost+1)...)
	ids, err := sqldb.Collect(rows, err, func(rows *sqldb.Rows) (id string, err error) { return id, rows.Scan(&id) })
	switch {
	case err != nil:
		return nil, err
	case len(ids) > bulkMost:
		return nil, core.Errorf(core.CodeTooLarge, "more than %d alerts match: narrow the filter", bulkMost)
	case len(ids) == 0:
		return nil, core.Errorf(core.CodeConflict, "no alert matches that you may act on")
	}
	return ids, nil
}

func (c *Component) runBulk(ctx context.Context, run BulkRun, deed Deed, ids []string) {
	defer c.bulk.end(run.ID)
	for part := range slices.Chunk(ids, bulkRows) {
		outcomes, err := c.do(ctx, deed, part)
		if ctx.Err() != nil {
			break
		}
		if err != nil {
			outcomes = make([]Outcome, len(part))
			for i := range outcomes {
				outcomes[i].Error = "it could not be written"
			}
			c.deps.Log.Warn("events: a part of a bulk action failed", "run", run.ID, "error", err)
		}
		for _, o := range outcomes {
			if o.Done {
				run.Done++
				continue
			}
			if run.Refused++; run.Reason == "" {
				run.Reason = o.Error
			}
		}
		c.saveBulk(ctx, run)
	}
	switch {
	case run.Done+run.Refused == run.Total:
		run.State = BulkDone
	case c.bulk.base.Err() != nil:
		run.State = BulkBroken
	default:
		run.State = BulkStopped
	}
	c.saveBulk(context.WithoutCancel(ctx), run)
}

// saveBulk writes how far a run is.
func (c *Component) saveBulk(ctx context.Context, run BulkRun) {
	err := c.deps.DB.Write(ctx, func(tx *sqldb.Tx) error {
		_, err := tx.Exec(ctx, "UPDATE events_bulk SET state = $2, done = $3, refused = $4, reason = $5, seen_at = $6 WHERE id = $1",
			run.ID, string(run.State), int64(run.Done), int64(run.Refused), run.Reason, core.Micros(c.deps.Clock.Now()))
		return err
	})
	if err != nil && ctx.Err() == nil {
		c.deps.Log.Warn("events: the progress of a bulk action could not be written", "run", run.ID, "error", err)
	}
}

// BulkRun shows a run to who asked for it, and to who may act on all alerts.
func (c *Component) BulkRun(ctx context.Context, id string) (BulkRun, error) {
	run := BulkRun{ID: id}
	var action, state string
	var started, seen int64
	err := c.deps.DB.QueryRow(ctx, "SELECT action, by_id, by_name, state, total, done, refused, reason, started_at, seen_at FROM events_bulk WHERE id = $1", id).
		Scan(&action, &run.by, &run.By, &state, &run.Total, &run.Done, &run.Refused, &run.Reason, &started, &seen)
	if errors.Is(err, sqldb.ErrNoRows) {
		return run, core.NotFound("bulk run", id)
	}
	if err != nil {
		return run, err
	}
	if p := auth.From(ctx); !p.Scope("alerts:act").All && (p == nil || p.ID != run.by) {
		return run, core.NotFound("bulk run", id)
	}
	run.Action, run.State, run.StartedAt = Action(action), BulkState(state), core.FromMicros(started)
	if run.State == BulkRunning && c.deps.Clock.Now().Sub(core.FromMicros(seen)) > bulkSilent {
		run.State = BulkBroken
	}
	return run, nil
}

// StopBulk ends a run of this process; what was done stays done.
func (c *Component) StopBulk(ctx context.Context, id string) (BulkRun, error) {
	run, err := c.BulkRun(ctx, id)
	if err != nil {
		return run, err
	}
	c.bulk.mu.Lock()
	stop := c.bulk.live[id]
	c.bulk.mu.Unlock()
	if stop == nil {
		return run, core.Errorf(core.CodeConflict, "it does not run, or in another process")
	}
	stop()
	return run, nil
}

// removeBulk forgets runs of long ago.
func (c *Component) removeBulk(ctx context.Context) error {
	return c.removeAll(ctx, "DELETE FROM events_bulk WHERE id IN (SELECT id FROM events_bulk WHERE started_at < $1 LIMIT $2)", core.Micros(c.deps.Clock.Now().Add(-bulkKept)))
}
