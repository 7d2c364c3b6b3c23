package events

import (
	"context"
	"math"
	"slices"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/events/correlation"
	"mainstay/internal/events/rootcause"
	"mainstay/internal/platform/sqldb"
)

const (
	measureEvery   = 2 * time.Second
	measureEach    = 10 // situations looked at in one round; the others wait for the next
	measureTimeout = 5 * time.Second
	measureItems   = 40  // failing items of a situation that are looked at, the earliest
	measureAround  = 100 // items altogether, with what they need
	measureHops    = 2
	never          = int64(1) << 62
)

// measureSteps are the ages at which a situation is measured: at once, for what
// was recorded before anybody was told, and when more is known.
func measureSteps() []time.Duration {
	return []time.Duration{0, time.Minute, 5 * time.Minute, 15 * time.Minute}
}

// measure refines the ranking of open situations by what is measured of their
// items. It runs beside the correlator, whose verdict does not wait for it.
func (c *Component) measure(ctx context.Context) {
	timer := c.deps.Clock.NewTimer(measureEvery)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C():
			timer.Reset(measureEvery)
		}
		c.attempt(ctx, "figures around situations", c.measureDue)
	}
}

// measureDue looks at the situations that are due.
func (c *Component) measureDue(ctx context.Context) error {
	now := c.deps.Clock.Now()
	rows, err := c.deps.DB.Query(ctx, "SELECT id, opened_at FROM events_situation WHERE state = 'open' AND measure_at <= $1 ORDER BY measure_at, id LIMIT $2", core.Micros(now), measureEach)
	type due struct {
		id     string
		opened time.Time
	}
	list, err := sqldb.Collect(rows, err, func(rows *sqldb.Rows) (d due, err error) {
		var opened int64
		err = rows.Scan(&d.id, &opened)
		d.opened = core.FromMicros(opened)
		return d, err
	})
	if err != nil {
		return err
	}
	for _, d := range list {
		verdict, err := c.judge(ctx, d.id)
		if err != nil {
			if ctx.Err() != nil {
				return err
			}
			// What cannot be measured now is tried at the next step.
			c.deps.Log.Warn("events: the figures around a situation could not be looked at; its ranking goes on without them", "situation", d.id, "error", err)
		}
		if err := c.saveVerdict(ctx, d.id, verdict, nextMeasure(d.opened, now)); err != nil {
			return err
		}
	}
	return nil
}

// nextMeasure is when a situation is looked at again.
func nextMeasure(opened, now time.Time) int64 {
	for _, step := range measureSteps() {
		if at := opened.Add(step); at.After(now) {
			return core.Micros(at)
		}
	}
	return never
}

func (c *Component) saveVerdict(ctx context.Context, id string, verdict *correlation.Verdict, next int64) error {
	return c.deps.DB.Write(ctx, func(tx *sqldb.Tx) error {
		if verdict != nil {
			err := c.correlator.within(ctx, tx, func(now time.Time) (causes, error) {
				if s := c.correlator.engine.Situation(id); s == nil || s.State != correlation.Open {
					return causes{}, nil // it closed meanwhile
				}
				return causes{}, c.correlator.engine.Weigh(id, *verdict, now)
			})
			if err != nil {
				return err
			}
		}
		_, err := tx.Exec(ctx, "UPDATE events_situation SET measure_at = $2 WHERE id = $1", id, next)
		return err
	})
}

// judge compares what is measured around a situation with normal, and ranks its
// items by it. It returns nil when nothing is known.
func (c *Component) judge(ctx context.Context, id string) (*correlation.Verdict, error) {
	ctx, cancel := context.WithTimeout(ctx, measureTimeout)
	defer cancel()
	stored, err := alertsWhere(ctx, c.deps.DB, ofSituation+" AND item <> '' ORDER BY onset, id LIMIT 1000", false, id)
	if err != nil || len(stored) == 0 {
		return nil, err
	}
	around := c.surroundings(stored)
	onset, now := stored[0].Onset, c.deps.Clock.Now()
	signals, err := c.deps.Measured.Signals(ctx, around.items, onset, now)
	if err != nil {
		return nil, err
	}
	alerts := map[string]*correlation.Alert{}
	for _, a := range stored {
		alerts[a.ID] = &correlation.Alert{Key: a.Key}
	}
	confirmed, err := c.confirmedBefore(ctx, id, keysOf(alerts))
	if err != nil {
		return nil, err
	}
	for _, b := range confirmed {
		if !slices.Contains(around.items, b.Node) {
			around.items = append(around.items, b.Node)
		}
	}
	in := rootcause.Input{Needs: around.needs, Onset: onset, Within: c.config.Situations.Changes, Confirmed: confirmed, Victim: around.victim}
	for _, item := range around.items {
		in.Nodes = append(in.Nodes, rootcause.Node{ID: item, Name: c.deps.Graph.Name(item), Signals: signals[item]})
	}
	hurts := signals[in.Victim]
	if len(hurts) == 0 { // nothing is measured where it hurts: what hurts below it
		for _, item := range around.failing {
			hurts = append(hurts, signals[item]...)
		}
	}
	in.Symptom = rootcause.Symptom(hurts)
	return verdictOf(in, now), nil
}

// verdictOf ranks, and keeps what says something of items that are known of.
func verdictOf(in rootcause.Input, now time.Time) *correlation.Verdict {
	v := &correlation.Verdict{At: now}
	measured, before := map[string]bool{}, map[string]bool{}
	for _, n := range in.Nodes {
		measured[n.ID] = len(n.Signals) > 0
	}
	for _, c := range in.Confirmed {
		before[c.Node] = true
	}
	for _, c := range rootcause.Rank(in) {
		if !measured[c.ID] && !before[c.ID] || len(v.Items) >= measureItems {
			continue
		}
		f := correlation.Finding{Item: c.ID, Measured: measured[c.ID], Before: before[c.ID], Score: twoDigits(c.Score), Signs: []correlation.Sign{}}
		for _, e := range c.Evidence {
			f.Signs = append(f.Signs, correlation.Sign{Sort: e.Sort, Text: e.Text, Weight: twoDigits(e.Weight)})
		}
		v.Items = append(v.Items, f)
	}
	if len(v.Items) == 0 {
		return nil
	}
	return v
}

func twoDigits(v float64) float64 { return math.Round(v*100) / 100 }

// neighbourhood is the items of a situation and what they need.
type neighbourhood struct {
	items   []string
	failing []string
	needs   map[string][]string
	victim  string
}

// surroundings collects the items of alerts and what they need, within a few
// hops. The victim is the item above most of the failing ones: where the
// symptom arrives that the cause has to explain.
func (c *Component) surroundings(alerts []*Alert) neighbourhood {
	n := neighbourhood{needs: map[string][]string{}}
	seen := map[string]bool{}
	for _, a := range alerts {
		if !seen[a.Item] && len(n.items) < measureItems {
			seen[a.Item] = true
			n.items = append(n.items, a.Item)
		}
	}
	n.failing = slices.Clone(n.items)
	for edge, hop := n.failing, 0; hop <= measureHops; hop++ {
		var next []string
		for _, item := range edge {
			for _, need := range c.deps.Graph.Needs(item) {
				for _, other := range need.Items {
					if !seen[other] && (hop == measureHops || len(n.items) >= measureAround) {
						continue
					}
					n.needs[item] = append(n.needs[item], other)
					if !seen[other] {
						seen[other] = true
						n.items, next = append(n.items, other), append(next, other)
					}
				}
			}
		}
		edge = next
	}
	most := -1
	for _, item := range n.failing {
		if below := n.below(item); below > most {
			n.victim, most = item, below
		}
	}
	return n
}

// below counts the failing items that item needs, directly or not.
func (n neighbourhood) below(item string) int {
	seen := map[string]bool{item: true}
	count := 0
	for queue := []string{item}; len(queue) > 0; queue = queue[1:] {
		for _, other := range n.needs[queue[0]] {
			if !seen[other] {
				seen[other] = true
				queue = append(queue, other)
				if slices.Contains(n.failing, other) {
					count++
				}
			}
		}
	}
	return count
}
