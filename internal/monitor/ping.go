package monitor

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/probe"
	"mainstay/internal/platform/sqldb"
)

// Signals are what a ping says of its job.
const (
	signalStart   = "start"
	signalSuccess = "success"
	signalFail    = "fail"
	signalLog     = "log"    // a remark that changes nothing
	signalResult  = "result" // a result that was pushed for a passive check
)

// Ping is one message of a job that a heartbeat watches.
type Ping struct {
	ID       string         `json:"id"`
	Target   string         `json:"target"`
	At       time.Time      `json:"at"`
	Signal   string         `json:"signal" enum:"start,success,fail,log"`
	Output   string         `json:"output"`
	Detail   string         `json:"detail,omitempty" doc:"what was sent with it"`
	Duration probe.Duration `json:"duration" doc:"since the job's start, when that was told"`
	Source   string         `json:"source" doc:"address it came from"`
}

// ping is a Ping or a pushed result on its way in.
type ping struct {
	Ping
	State   probe.State
	Metrics []probe.Metric
}

// maxUntaken bounds what waits to be taken in; more is refused.
const maxUntaken = 100_000

// keepPings stores what came from outside, durably, for the process that runs
// the checks to take in.
func (c *Component) keepPings(ctx context.Context, list []ping) error {
	if len(list) == 0 {
		return nil
	}
	err := c.deps.DB.Write(ctx, func(tx *sqldb.Tx) error {
		var waiting int
		if err := tx.QueryRow(ctx, fmt.Sprintf("SELECT COUNT(*) FROM (SELECT 1 AS one FROM monitor_ping WHERE NOT taken LIMIT %d) AS waiting", maxUntaken)).Scan(&waiting); err != nil {
			return err
		}
		if waiting+len(list) > maxUntaken {
			return core.Errorf(core.CodeUnavailable, "%d results wait to be taken in: try again later", waiting)
		}
		return c.store.insertPings(ctx, tx, list, c.cfg.KeepPings)
	})
	if err == nil {
		if e := c.leader.Load(); e != nil {
			e.inbox.nudge()
		}
	}
	return err
}

func (s *store) insertPings(ctx context.Context, tx *sqldb.Tx, list []ping, keep int) error {
	var rows [][]any
	for _, p := range list {
		metrics, err := json.Marshal(p.Metrics)
		if err != nil {
			return err
		}
		rows = append(rows, []any{p.ID, p.Target, core.Micros(p.At), p.Signal, p.State.String(), p.Output, p.Detail, string(metrics), p.Duration.Std().Microseconds(), p.Source, false})
	}
	if err := sqldb.Insert(ctx, tx, "INSERT INTO monitor_ping (id, target, at, signal, status, output, detail, metrics, duration, source, taken) VALUES", 11, rows, ""); err != nil {
		return err
	}
	for _, p := range list {
		if p.Signal == signalResult {
			continue
		}
		if _, err := tx.Exec(ctx, `DELETE FROM monitor_ping WHERE target = $1 AND taken AND id <= COALESCE((SELECT id FROM monitor_ping WHERE target = $1 ORDER BY id DESC LIMIT 1 OFFSET $2), '')`, p.Target, keep); err != nil {
			return err
		}
	}
	return nil
}

// takePing remembers that what came from outside is taken in: pings are kept
// to be looked at, results are in the list of results.
func (s *store) takePing(ctx context.Context, tx *sqldb.Tx, p *ping) error {
	if p == nil {
		return nil
	}
	query := "UPDATE monitor_ping SET taken = TRUE, duration = $2 WHERE id = $1"
	args := []any{p.ID, p.Duration.Std().Microseconds()}
	if p.Signal == signalResult {
		query, args = "DELETE FROM monitor_ping WHERE id = $1", args[:1]
	}
	_, err := tx.Exec(ctx, query, args...)
	return err
}

func (s *store) pingsWhere(ctx context.Context, where, order string, args ...any) ([]ping, error) {
	rows, err := s.db.Query(ctx, "SELECT id, target, at, signal, status, output, detail, metrics, duration, source FROM monitor_ping WHERE "+where+" ORDER BY "+order, args...)
	return sqldb.Collect(rows, err, func(r *sqldb.Rows) (p ping, err error) {
		var at, duration int64
		var status, metrics string
		if err := r.Scan(&p.ID, &p.Target, &at, &p.Signal, &status, &p.Output, &p.Detail, &metrics, &duration, &p.Source); err != nil {
			return p, err
		}
		p.At, p.Duration = core.FromMicros(at), probe.Duration(time.Duration(duration)*time.Microsecond)
		if p.State, err = probe.ParseState(status); err != nil {
			return p, err
		}
		return p, json.Unmarshal([]byte(metrics), &p.Metrics)
	})
}

// pings returns the newest pings of a target, newest first.
func (s *store) pings(ctx context.Context, target string, limit int) ([]Ping, error) {
	list, err := s.pingsWhere(ctx, "target = $1 AND signal <> $2", fmt.Sprintf("id DESC LIMIT %d", limit), target, signalResult)
	out := make([]Ping, 0, len(list))
	for _, p := range list {
		out = append(out, p.Ping)
	}
	return out, err
}

// inboxBatch is how much is taken in at once, inboxEvery how often the store
// is looked at for what other processes have put there.
const (
	inboxBatch = 500
	inboxEvery = time.Second
)

// inboxReader takes in what came from outside, in the order it came. What is
// taken in is marked so together with its result: nothing counts twice or is lost.
type inboxReader struct {
	e    *engine
	wake chan struct{}
}

func newInboxReader(e *engine) *inboxReader { return &inboxReader{e: e, wake: make(chan struct{}, 1)} }

func (r *inboxReader) nudge() {
	select {
	case r.wake <- struct{}{}:
	default:
	}
}

func (r *inboxReader) run(ctx context.Context) {
	timer := r.e.c.deps.Clock.NewTimer(0)
	defer timer.Stop()
	for ctx.Err() == nil {
		more, err := r.take(ctx)
		if err != nil && ctx.Err() == nil {
			r.e.c.deps.Log.Warn("monitor: what came from outside is not taken in yet", "error", err)
		}
		if more {
			continue
		}
		timer.Stop()
		timer.Reset(inboxEvery)
		select {
		case <-ctx.Done():
		case <-r.wake:
		case <-timer.C():
		}
	}
}

func (r *inboxReader) take(ctx context.Context) (more bool, err error) {
	list, err := r.e.c.store.pingsWhere(ctx, "NOT taken", fmt.Sprintf("id LIMIT %d", inboxBatch))
	if err != nil {
		return false, err
	}
	var stored []<-chan struct{}
	var strays []*ping
	for i := range list {
		done, known, err := r.e.receive(ctx, &list[i])
		if err != nil {
			return false, err
		}
		if known {
			stored = append(stored, done)
		} else {
			strays = append(strays, &list[i])
		}
	}
	for _, done := range stored {
		select {
		case <-done:
		case <-ctx.Done():
			return false, ctx.Err()
		}
	}
	if len(strays) > 0 {
		// Their check was deleted, is disabled, or is of another kind by now.
		err = r.e.c.deps.DB.Write(ctx, func(tx *sqldb.Tx) error {
			for _, p := range strays {
				if err := r.e.c.store.takePing(ctx, tx, p); err != nil {
					return err
				}
			}
			return nil
		})
	}
	return len(list) == inboxBatch, err
}

// receive takes in what came for a target. known is false when no target waits for it.
func (e *engine) receive(ctx context.Context, p *ping) (stored <-chan struct{}, known bool, err error) {
	e.mu.RLock()
	t := e.targets[p.Target]
	e.mu.RUnlock()
	if t == nil {
		return nil, false, nil
	}
	select {
	case t.turn <- struct{}{}:
	case <-ctx.Done():
		return nil, false, ctx.Err()
	}
	defer func() { <-t.turn }()
	t.mu.Lock()
	spec, check, state := t.check.Spec, t.check, t.state
	t.mu.Unlock()
	if (p.Signal == signalResult) != (spec.Passive != nil) || !spec.pushed() {
		return nil, false, nil
	}
	switch p.Signal {
	case signalStart, signalLog:
		if p.Signal == signalStart {
			state.Begun = p.At
		}
		t.mu.Lock()
		t.state = state
		t.mu.Unlock()
		o := &outcome{target: t, check: check, state: state, ping: p, silent: true, stored: make(chan struct{})}
		stored, err = o.stored, e.writer.put(ctx, o)
	default:
		if p.Duration == 0 && !state.Begun.IsZero() && p.At.After(state.Begun) {
			p.Duration = probe.Duration(p.At.Sub(state.Begun))
		}
		res := probe.Result{State: p.State, Output: p.Output, Detail: p.Detail, Started: p.At, Duration: p.Duration, Metrics: p.Metrics}
		if p.Signal != signalResult && p.Duration > 0 {
			res.Output += " after " + probe.Duration(p.Duration.Std().Round(time.Millisecond)).String()
		}
		res.Bound()
		_, stored, err = e.conclude(ctx, t, finding{res: res, at: p.At, ping: p})
	}
	if err != nil {
		return nil, false, err
	}
	e.expect(t)
	return stored, true, nil
}

// firstLine is the first line of a text that says something.
func firstLine(text string) string {
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" {
			return line
		}
	}
	return ""
}
