package pipeline

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/sqldb"
)

// ReplayRequest says what is tried on which time.
type ReplayRequest struct {
	Documents []Trial   `json:"documents" nullable:"false" maxItems:"50" doc:"Documents of the kind EventRules, in the place of those of their names; switched on, even if they say otherwise"`
	From      time.Time `json:"from,omitzero" doc:"A day ago when left out"`
	To        time.Time `json:"to,omitzero" doc:"Now when left out"`
}

// Replay is one, under way or done.
type Replay struct {
	ID        string        `json:"id"`
	State     string        `json:"state" enum:"running,done,failed,cancelled"`
	StartedAt time.Time     `json:"startedAt"`
	By        string        `json:"by,omitempty"`
	Progress  float64       `json:"progress" doc:"Of 1"`
	Events    int64         `json:"events" doc:"Replayed so far"`
	Request   ReplayRequest `json:"request"`
	Result    *Difference   `json:"result,omitempty"`
	Problem   string        `json:"problem,omitempty"`
}

const (
	replaysKept   = 50
	progressEvery = time.Second
	silentFor     = 30 * time.Second // a replay nobody speaks of any more ended with its process
)

// StartReplay begins to replay and returns at once.
func (c *Component) StartReplay(ctx context.Context, r ReplayRequest) (Replay, error) {
	now := c.deps.Clock.Now()
	if r.To.IsZero() || r.To.After(now) {
		r.To = now
	}
	if r.From.IsZero() {
		r.From = r.To.Add(-24 * time.Hour)
	}
	var bad []core.Detail
	if !r.From.Before(r.To) {
		bad = append(bad, core.Detail{Field: "from", Rule: "must be before to"})
	} else if r.To.Sub(r.From) > c.cfg.Replay {
		bad = append(bad, core.Detail{Field: "from", Rule: "must be at most " + c.cfg.Replay.String() + " before to"})
	}
	if err := core.InvalidAll(bad); err != nil {
		return Replay{}, err
	}
	stored, _, err := c.documents(ctx)
	if err != nil {
		return Replay{}, err
	}
	draft, err := c.drafts(ctx, r.Documents)
	if err != nil {
		return Replay{}, err
	}
	active, err := c.compile(stored)
	if err != nil {
		return Replay{}, err
	}
	select {
	case c.replaying <- struct{}{}:
	default:
		return Replay{}, core.Errorf(core.CodeTooMany, "%d replays are under way; try again when one is done", replaysAtOnce)
	}
	out := Replay{ID: c.deps.IDs.New(), State: "running", StartedAt: now, Request: r}
	if p := auth.From(ctx); p != nil {
		out.By = p.Name
	}
	if err := c.insertReplay(ctx, out); err != nil {
		<-c.replaying
		return Replay{}, err
	}
	c.running.Go(func() {
		defer func() { <-c.replaying }()
		c.replay(c.base, out, newComparison(active, draft, r.From, c.deps.Events().Rehearse))
	})
	return out, nil
}

// replay runs one to its end, telling how far it is.
func (c *Component) replay(ctx context.Context, r Replay, compare *comparison) {
	began := c.deps.Clock.Now()
	told := began
	state, problem := "done", ""
	after := ""
	complete := false
	for state == "done" {
		if err := ctx.Err(); err != nil {
			state, problem = "failed", "the server stopped"
			break
		}
		list, err := c.deps.Events().Recorded(ctx, after, r.Request.From, r.Request.To, page)
		if err != nil {
			c.deps.Log.Warn("event rules: a replay failed", "error", err)
			state, problem = "failed", "the recorded events could not be read"
			break
		}
		for _, one := range list {
			if one.Times > 0 {
				compare.feed(ctx, one)
			}
			after = one.ID
		}
		if len(list) == 0 {
			complete = true
			break
		}
		now := c.deps.Clock.Now()
		if now.Sub(began) > c.cfg.ReplayFor {
			break
		}
		if now.Sub(told) >= progressEvery {
			told = now
			r.Events, r.Progress = compare.events, float64(compare.until.Sub(r.Request.From))/float64(r.Request.To.Sub(r.Request.From))
			if going, err := c.tellReplay(ctx, r); err == nil && !going {
				state = "cancelled"
			}
		}
	}
	if complete {
		compare.until = r.Request.To
	}
	d := compare.difference()
	d.From, d.To, d.Complete = r.Request.From, r.Request.To, complete
	r.State, r.Problem, r.Events = state, problem, d.Events
	if r.Result = &d; state == "done" {
		r.Progress = 1
	}
	if err := c.finishReplay(context.WithoutCancel(ctx), r); err != nil {
		c.deps.Log.Warn("event rules: the result of a replay could not be saved", "error", err)
	}
}

func (c *Component) insertReplay(ctx context.Context, r Replay) error {
	request, err := json.Marshal(r.Request)
	if err != nil {
		return err
	}
	return c.deps.DB.Write(ctx, func(tx *sqldb.Tx) error {
		_, err := tx.Exec(ctx, "INSERT INTO eventpipeline_replay (id, state, started_at, heard_at, by_name, progress, events, request, result) VALUES ($1,$2,$3,$4,$5,0,0,$6,'')",
			r.ID, r.State, core.Micros(r.StartedAt), core.Micros(r.StartedAt), r.By, string(request))
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, "DELETE FROM eventpipeline_replay WHERE id NOT IN (SELECT id FROM eventpipeline_replay ORDER BY started_at DESC, id DESC LIMIT $1)", replaysKept)
		return err
	})
}

// tellReplay says how far a replay is; false when somebody has cancelled it.
func (c *Component) tellReplay(ctx context.Context, r Replay) (going bool, err error) {
	err = c.deps.DB.Write(ctx, func(tx *sqldb.Tx) error {
		n, err := sqldb.Affected(tx.Exec(ctx, "UPDATE eventpipeline_replay SET heard_at = $1, progress = $2, events = $3 WHERE id = $4 AND state = 'running'",
			core.Micros(c.deps.Clock.Now()), r.Progress, r.Events, r.ID))
		going = n > 0
		return err
	})
	return going, err
}

type replayResult struct {
	Result  *Difference `json:"result,omitempty"`
	Problem string      `json:"problem,omitempty"`
}

func (c *Component) finishReplay(ctx context.Context, r Replay) error {
	text, err := json.Marshal(replayResult{r.Result, r.Problem})
	if err != nil {
		return err
	}
	return c.deps.DB.Write(ctx, func(tx *sqldb.Tx) error {
		_, err := tx.Exec(ctx, "UPDATE eventpipeline_replay SET state = CASE WHEN state = 'running' THEN $1 ELSE state END, heard_at = $2, progress = $3, events = $4, result = $5 WHERE id = $6",
			r.State, core.Micros(c.deps.Clock.Now()), r.Progress, r.Events, string(text), r.ID)
		return err
	})
}

// CancelReplay stops a replay within a second; what it has found so far stays.
func (c *Component) CancelReplay(ctx context.Context, id string) error {
	if _, err := c.ReadReplay(ctx, id); err != nil {
		return err
	}
	return c.deps.DB.Write(ctx, func(tx *sqldb.Tx) error {
		_, err := tx.Exec(ctx, "UPDATE eventpipeline_replay SET state = 'cancelled' WHERE id = $1 AND state = 'running'", id)
		return err
	})
}

const replayColumns = "id, state, started_at, heard_at, by_name, progress, events, request, result"

func (c *Component) readReplay(scan func(...any) error) (r Replay, err error) {
	var started, heard int64
	var request, result string
	if err := scan(&r.ID, &r.State, &started, &heard, &r.By, &r.Progress, &r.Events, &request, &result); err != nil {
		return r, err
	}
	r.StartedAt = core.FromMicros(started)
	var kept replayResult
	err = json.Unmarshal([]byte(request), &r.Request)
	if result != "" {
		err = errors.Join(err, json.Unmarshal([]byte(result), &kept))
	}
	r.Result, r.Problem = kept.Result, kept.Problem
	if r.State == "running" && c.deps.Clock.Now().Sub(core.FromMicros(heard)) > silentFor {
		r.State, r.Problem = "failed", "the process that ran it ended"
	}
	return r, err
}

// ReadReplay returns one replay.
func (c *Component) ReadReplay(ctx context.Context, id string) (Replay, error) {
	r, err := c.readReplay(c.deps.DB.QueryRow(ctx, "SELECT "+replayColumns+" FROM eventpipeline_replay WHERE id = $1", id).Scan)
	if errors.Is(err, sqldb.ErrNoRows) {
		return r, core.NotFound("replay", id)
	}
	return r, err
}

// Replays lists the last replays, the newest first, without what they found.
func (c *Component) Replays(ctx context.Context) ([]Replay, error) {
	rows, err := c.deps.DB.Query(ctx, "SELECT id, state, started_at, heard_at, by_name, progress, events, request, '' FROM eventpipeline_replay ORDER BY started_at DESC, id DESC")
	return sqldb.Collect(rows, err, func(r *sqldb.Rows) (Replay, error) { return c.readReplay(r.Scan) })
}
