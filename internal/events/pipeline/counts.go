package pipeline

import (
	"context"
	"slices"
	"sync"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/events/pipeline/rulebook"
	"mainstay/internal/platform/sqldb"
)

// counts hold what rules did, and how much of that is saved.
type counts struct {
	mu   *sync.Mutex
	byID map[string]*counted
}

type counted struct {
	now   *rulebook.Counts
	saved [6]int64
	match int64
	fails *string
}

func newCounts() counts { return counts{mu: &sync.Mutex{}, byID: map[string]*counted{}} }

func (c counts) of(id string) *rulebook.Counts {
	c.mu.Lock()
	defer c.mu.Unlock()
	one := c.byID[id]
	if one == nil {
		one = &counted{now: &rulebook.Counts{}}
		c.byID[id] = one
	}
	return one.now
}

func figures(c *rulebook.Counts) [6]int64 {
	return [6]int64{c.Matched.Load(), c.Dropped.Load(), c.Held.Load(), c.Summarised.Load(), c.Raised.Load(), c.Failed.Load()}
}

// saveCounts adds what was counted since the last time to the store.
func (c *Component) saveCounts(ctx context.Context) error {
	c.counts.mu.Lock()
	defer c.counts.mu.Unlock()
	var rows [][]any
	var after []func()
	for id, one := range c.counts.byID {
		now, match, fails := figures(one.now), one.now.LastMatch.Load(), one.now.LastFailure.Load()
		if now == one.saved && match == one.match && fails == one.fails {
			continue
		}
		text := ""
		if fails != nil {
			text = *fails
		}
		row := []any{id}
		for i := range now {
			row = append(row, now[i]-one.saved[i])
		}
		rows = append(rows, append(row, match, text))
		after = append(after, func() { one.saved, one.match, one.fails = now, match, fails })
	}
	if len(rows) == 0 {
		return nil
	}
	slices.SortFunc(rows, func(a, b []any) int { // as all processes do: no deadlock
		if a[0].(string) < b[0].(string) {
			return -1
		}
		return 1
	})
	err := c.deps.DB.Write(ctx, func(tx *sqldb.Tx) error {
		return sqldb.Insert(ctx, tx, "INSERT INTO eventpipeline_count (rule, matched, dropped, held, summarised, raised, failed, last_match, last_failure) VALUES", 9, rows,
			`ON CONFLICT (rule) DO UPDATE SET matched = eventpipeline_count.matched + excluded.matched, dropped = eventpipeline_count.dropped + excluded.dropped,
			held = eventpipeline_count.held + excluded.held, summarised = eventpipeline_count.summarised + excluded.summarised,
			raised = eventpipeline_count.raised + excluded.raised, failed = eventpipeline_count.failed + excluded.failed,
			last_match = CASE WHEN excluded.last_match > eventpipeline_count.last_match THEN excluded.last_match ELSE eventpipeline_count.last_match END,
			last_failure = CASE WHEN excluded.last_failure <> '' THEN excluded.last_failure ELSE eventpipeline_count.last_failure END`)
	})
	if err == nil {
		for _, do := range after {
			do()
		}
	}
	return err
}

// RuleCounts is what a rule did, in all processes, since it was made.
type RuleCounts struct {
	Matched     int64      `json:"matched"`
	Dropped     int64      `json:"dropped"`
	Held        int64      `json:"held" doc:"Events that were held back: by hold, threshold and flapping"`
	Summarised  int64      `json:"summarised" doc:"Events of storms"`
	Raised      int64      `json:"raised" doc:"Alerts made worse because nobody acknowledged them"`
	Failed      int64      `json:"failed" doc:"Evaluations that failed"`
	LastMatch   *time.Time `json:"lastMatch,omitempty"`
	LastFailure string     `json:"lastFailure,omitempty"`
}

func (c *Component) storedCounts(ctx context.Context) (map[string]RuleCounts, error) {
	out := map[string]RuleCounts{}
	rows, err := c.deps.DB.Query(ctx, "SELECT rule, matched, dropped, held, summarised, raised, failed, last_match, last_failure FROM eventpipeline_count")
	_, err = sqldb.Collect(rows, err, func(r *sqldb.Rows) (struct{}, error) {
		var id string
		var n RuleCounts
		var match int64
		err := r.Scan(&id, &n.Matched, &n.Dropped, &n.Held, &n.Summarised, &n.Raised, &n.Failed, &match, &n.LastFailure)
		if at := core.FromMicros(match); !at.IsZero() {
			n.LastMatch = &at
		}
		out[id] = n
		return struct{}{}, err
	})
	return out, err
}
