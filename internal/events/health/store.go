package health

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/ledger"
	"mainstay/internal/platform/sqldb"
)

const (
	writeMost = 500             // changes of one transaction
	markEvery = time.Minute     // how often it is noted that states are written
	markGap   = 3 * time.Minute // without a note for so long nobody knew
	causeMost = 5
)

// loadShown reads since when subjects have stood as they do.
func (c *Component) loadShown(ctx context.Context) error {
	open, err := c.open(ctx, c.deps.DB)
	if err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.shown = open
	return nil
}

// open reads the intervals that last.
func (c *Component) open(ctx context.Context, q sqldb.Querier) (map[string]standing, error) {
	rows, err := q.Query(ctx, "SELECT subject, state, from_at FROM servicehealth_interval WHERE to_at = 0")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := map[string]standing{}
	for rows.Next() {
		var subject, state string
		var from int64
		if err := rows.Scan(&subject, &state, &from); err != nil {
			return nil, err
		}
		out[subject] = standing{State(state), core.FromMicros(from)}
	}
	return out, rows.Err()
}

// begin is the term of the process that writes.
func (c *Component) begin(ctx context.Context) (func(context.Context), error) {
	if err := c.bridge(ctx); err != nil {
		return nil, err
	}
	open, err := c.open(ctx, c.deps.DB)
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context) {
		c.writing.Lock()
		c.term, c.written, c.marked = ctx, map[string]State{}, time.Time{}
		for subject, s := range open {
			c.written[subject] = s.state
		}
		c.writing.Unlock()
		c.soon()
		<-ctx.Done()
		c.writing.Lock() // a write that runs ends first
		c.term = nil
		c.writing.Unlock()
	}, nil
}

// bridge makes the time in which nobody wrote unknown: how things stand is known
// from now on.
func (c *Component) bridge(ctx context.Context) error {
	bridged := false
	err := c.deps.DB.Write(ctx, func(tx *sqldb.Tx) error {
		var at int64
		if err := tx.QueryRow(ctx, "SELECT COALESCE(MAX(at), 0) FROM servicehealth_mark").Scan(&at); err != nil {
			return err
		}
		now := c.deps.Clock.Now()
		if at == 0 || now.Sub(core.FromMicros(at)) < markGap {
			return nil
		}
		open, err := c.open(ctx, tx)
		if err != nil {
			return err
		}
		for _, statement := range []string{"DELETE FROM servicehealth_interval WHERE to_at = 0 AND from_at >= $1", "UPDATE servicehealth_interval SET to_at = $1 WHERE to_at = 0"} {
			if _, err := tx.Exec(ctx, statement, at); err != nil {
				return err
			}
		}
		bridged = true
		var rows [][]any
		for subject := range open {
			rows = append(rows, []any{subject, at, int64(0), string(Unknown), "[]"})
		}
		return sqldb.Insert(ctx, tx, "INSERT INTO servicehealth_interval (subject, from_at, to_at, state, causes) VALUES", 5, rows, "")
	})
	if err == nil && bridged {
		now := c.deps.Clock.Now()
		c.mu.Lock()
		for id, s := range c.shown {
			c.shown[id] = standing{s.state, now}
		}
		c.mu.Unlock()
	}
	return err
}

// turn is one change on its way to the store.
type turn struct {
	root     root
	from, to State // to is empty for what is no more
	at       time.Time
	causes   []Cause
}

// write brings the intervals to where the roots stand, if this process is to.
func (c *Component) write(ctx context.Context) error {
	c.writing.Lock()
	defer c.writing.Unlock()
	if c.term == nil || c.term.Err() != nil {
		return nil
	}
	turns, err := c.turns(ctx)
	if err != nil {
		return err
	}
	for part := range slices.Chunk(turns, writeMost) {
		if err := c.deps.DB.Write(c.term, func(tx *sqldb.Tx) error { return c.save(ctx, tx, part) }); err != nil {
			return err
		}
		for _, t := range part {
			if c.written[t.root.ID] = t.to; t.to == "" {
				delete(c.written, t.root.ID)
			}
		}
	}
	return c.mark(c.term)
}

// mark notes that states are written.
func (c *Component) mark(ctx context.Context) error {
	now := c.deps.Clock.Now()
	if now.Sub(c.marked) < markEvery {
		return nil
	}
	err := c.deps.DB.Write(ctx, func(tx *sqldb.Tx) error { return c.note(ctx, tx, now) })
	if err == nil {
		c.marked = now
	}
	return err
}

func (c *Component) note(ctx context.Context, tx *sqldb.Tx, at time.Time) error {
	_, err := tx.Exec(ctx, "INSERT INTO servicehealth_mark (id, at) VALUES (1, $1) ON CONFLICT (id) DO UPDATE SET at = excluded.at", core.Micros(at))
	return err
}

// turns lists what is to be written. c.writing is held.
func (c *Component) turns(ctx context.Context) ([]turn, error) {
	c.mu.RLock()
	var turns []turn
	for id, s := range c.shown {
		if before := c.written[id]; before != s.state {
			turns = append(turns, turn{root: c.roots[id], from: before, to: s.state, at: s.since})
		}
	}
	now := c.deps.Clock.Now()
	for id, before := range c.written {
		if _, ok := c.roots[id]; !ok {
			turns = append(turns, turn{root: root{ID: id}, from: before, at: now})
		}
	}
	c.mu.RUnlock()
	slices.SortFunc(turns, func(a, b turn) int { return strings.Compare(a.root.ID, b.root.ID) })
	ids := make([]string, 0, len(turns))
	for _, t := range turns {
		if t.to == Down || t.to == Degraded {
			ids = append(ids, t.root.ID)
		}
	}
	causes, err := c.causes(ctx, ids)
	for i := range turns {
		turns[i].causes = causes[turns[i].root.ID]
	}
	return turns, err
}

// causes names what is at the bottom of how roots stand.
func (c *Component) causes(ctx context.Context, ids []string) (map[string][]Cause, error) {
	out := make(map[string][]Cause, len(ids))
	var items []string
	engine := c.engineNow()
	for _, id := range ids {
		for _, s := range engine.Causes(id, causeMost) {
			out[id] = append(out[id], Cause{Item: s.Item, State: stateOf(s.Own)})
			items = append(items, s.Item)
		}
	}
	slices.Sort(items)
	found, err := c.deps.Graph.Items(ctx, slices.Compact(items))
	for _, list := range out {
		for i := range list {
			list[i].Name = found[list[i].Item].Name
		}
	}
	return out, err
}

func (c *Component) save(ctx context.Context, tx *sqldb.Tx, turns []turn) error {
	rows := make([][]any, 0, len(turns))
	for _, t := range turns {
		at := core.Micros(t.at)
		// An interval that would end before it began, or have no length, is not kept.
		if _, err := tx.Exec(ctx, "DELETE FROM servicehealth_interval WHERE subject = $1 AND to_at = 0 AND from_at >= $2", t.root.ID, at); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, "UPDATE servicehealth_interval SET to_at = $2 WHERE subject = $1 AND to_at = 0", t.root.ID, at); err != nil {
			return err
		}
		if t.to == "" {
			continue
		}
		causes, err := json.Marshal(append([]Cause{}, t.causes...))
		if err != nil {
			return err
		}
		rows = append(rows, []any{t.root.ID, at, int64(0), string(t.to), string(causes)})
		if err := c.tell(ctx, tx, t); err != nil {
			return err
		}
	}
	if err := c.note(ctx, tx, c.deps.Clock.Now()); err != nil { // no interval begins after the note
		return err
	}
	return sqldb.Insert(ctx, tx, "INSERT INTO servicehealth_interval (subject, from_at, to_at, state, causes) VALUES", 5, rows,
		"ON CONFLICT (subject, from_at) DO UPDATE SET to_at = 0, state = excluded.state, causes = excluded.causes")
}

// tell appends the ledger entry of a change. That a subject is seen for the
// first time, and is well, is no news.
func (c *Component) tell(ctx context.Context, tx *sqldb.Tx, t turn) error {
	if t.from == "" && t.to.rank() <= Unknown.rank() {
		return nil
	}
	data, err := json.Marshal(map[string]any{"id": t.root.ID, "kind": t.root.Kind, "from": t.from, "state": t.to, "causes": append([]Cause{}, t.causes...)})
	if err != nil {
		return err
	}
	summary := fmt.Sprintf("%s is %s", t.root.Item.Name, t.to)
	if t.from != "" {
		summary += fmt.Sprintf(", it was %s", t.from)
	}
	names := make([]string, 0, len(t.causes))
	related := make([]string, 0, len(t.causes))
	for _, cause := range t.causes {
		names, related = append(names, cause.Name), append(related, cause.Item)
	}
	if len(names) > 0 {
		summary += ": " + strings.Join(names, ", ")
	}
	_, err = c.deps.Ledger.Append(ctx, tx, ledger.Entry{Actor: ledger.System("events"), Module: "events", Type: "events.health.changed",
		Subject: core.Ref{Kind: "service-health", ID: t.root.ID}, Item: t.root.Item.ID, Related: related, Team: t.root.Item.Team, Summary: summary, Data: data})
	return err
}

// Intervals reads how a subject stood in a time, in order.
func (c *Component) intervals(ctx context.Context, subjects []string, from, to time.Time) (map[string][]Interval, error) {
	set, args := c.deps.DB.Dialect().Set(3, subjects)
	rows, err := c.deps.DB.Query(ctx, "SELECT subject, from_at, to_at, state, causes FROM servicehealth_interval WHERE from_at < $2 AND (to_at = 0 OR to_at > $1) AND subject IN "+set+" ORDER BY subject, from_at LIMIT 100000",
		append([]any{core.Micros(from), core.Micros(to)}, args...)...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := map[string][]Interval{}
	for rows.Next() {
		var subject, causes string
		var i Interval
		var begin, end int64
		if err := rows.Scan(&subject, &begin, &end, &i.State, &causes); err != nil {
			return nil, err
		}
		i.From, i.To = core.FromMicros(begin), core.FromMicros(end)
		if err := json.Unmarshal([]byte(causes), &i.Causes); err != nil {
			return nil, err
		}
		out[subject] = append(out[subject], i)
	}
	return out, rows.Err()
}

// remove forgets what is older than it is kept.
func (c *Component) remove(ctx context.Context) error {
	before := core.Micros(c.deps.Clock.Now().Add(-c.cfg.Keep))
	for {
		var n int64
		err := c.deps.DB.Write(ctx, func(tx *sqldb.Tx) (err error) {
			n, err = sqldb.Affected(tx.Exec(ctx, "DELETE FROM servicehealth_interval WHERE (subject, from_at) IN (SELECT subject, from_at FROM servicehealth_interval WHERE to_at > 0 AND to_at < $1 LIMIT $2)", before, 5000))
			return err
		})
		if err != nil || n < 5000 {
			return err
		}
	}
}
