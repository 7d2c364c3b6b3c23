package foresight

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/metricstore"
	"mainstay/internal/platform/sqldb"
)

// The series that rules read.
const (
	fullSeries     = "mainstay_capacity_full_seconds"
	earliestSeries = "mainstay_capacity_full_earliest_seconds"
	usedSeries     = "mainstay_capacity_used_ratio"
)

// publishEvery keeps the published series within what queries look back.
const publishEvery = 2 * time.Minute

// planner forecasts what fills and publishes it.
type planner struct {
	c         *Component
	planned   time.Time
	versions  string // of the pools that were planned
	published time.Time
	things    []*thing
}

// thing is one thing that fills.
type thing struct {
	id, pool, title string
	labels          metricstore.Labels
	item            string
	described       Item
	unit            string
	used, capacity  float64
	slope           float64 // a day
	earliest        int64
	likely, latest  int64
	horizon         int64
	history         history
}

func (t *thing) share() float64 {
	if t.capacity <= 0 {
		return 0
	}
	return t.used / t.capacity
}

func newPlanner(c *Component) *planner { return &planner{c: c} }

func (p *planner) run(ctx context.Context) {
	for ctx.Err() == nil {
		if err := p.round(ctx); err != nil && ctx.Err() == nil {
			p.c.deps.Log.Warn("foresight: capacity cannot be planned", "error", err)
		}
		p.c.pause(ctx, tick)
	}
}

// round plans when it is time or a pool changed, publishes, and makes the
// weekly report.
func (p *planner) round(ctx context.Context) error {
	now := p.c.deps.Clock.Now()
	documents, err := p.c.store.documents(ctx, p.c.deps.DB, poolKind)
	if err != nil {
		return err
	}
	var versions strings.Builder
	for _, d := range documents {
		fmt.Fprintf(&versions, "%s:%d ", d.id, d.version)
	}
	if now.Sub(p.planned) >= p.wait() || versions.String() != p.versions {
		list, err := pools(documents, p.c.cfg.Pools)
		if err != nil {
			return err
		}
		p.planned, p.versions = now, versions.String()
		if err := p.plan(ctx, list, now); err != nil {
			return err
		}
		p.published = time.Time{}
	}
	if now.Sub(p.published) >= publishEvery {
		p.published = now
		if err := p.publish(ctx, now); err != nil {
			return err
		}
	}
	return p.c.reportWeekly(ctx, now)
}

// wait is how long a plan stands; while there is nothing yet, not long.
func (p *planner) wait() time.Duration {
	if len(p.things) == 0 {
		return min(2*time.Minute, p.c.cfg.Every)
	}
	return p.c.cfg.Every
}

// plan looks at every pool; one that fails says so and does not hold up others.
func (p *planner) plan(ctx context.Context, list []pool, now time.Time) error {
	p.things = nil
	var keep []string
	for _, pool := range list {
		if pool.spec.Disabled {
			continue
		}
		keep = append(keep, pool.name)
		things, leftOut, failure := p.look(ctx, pool, now)
		if ctx.Err() != nil {
			return nil
		}
		round := Round{Series: len(things), LeftOut: leftOut}
		if failure != nil {
			round.Error = failure.Error()
		}
		err := p.c.deps.DB.Write(ctx, func(tx *sqldb.Tx) error {
			if failure == nil {
				if err := p.c.store.saveThings(ctx, tx, pool.name, things); err != nil {
					return err
				}
			}
			return p.c.store.saveRound(ctx, tx, pool.id, round)
		})
		if err != nil {
			return err
		}
		p.things = append(p.things, things...)
	}
	return p.c.deps.DB.Write(ctx, func(tx *sqldb.Tx) error { return p.c.store.keepPools(ctx, tx, keep) })
}

// look asks a pool for what is used now, for the days it does not know, and
// for hours where there are few days; and forecasts each thing.
func (p *planner) look(ctx context.Context, pool pool, now time.Time) (things []*thing, leftOut int, err error) {
	used, err := p.c.deps.Metrics.Query(ctx, lately(pool.spec.Used), now)
	if err != nil {
		return nil, 0, err
	}
	capacity, err := p.capacities(ctx, pool, now)
	if err != nil {
		return nil, 0, err
	}
	histories, err := p.c.store.histories(ctx, pool.name)
	if err != nil {
		return nil, 0, err
	}
	byID := map[string]*thing{}
	unknown := false
	for _, s := range used.Series {
		t := &thing{labels: s.Labels, pool: pool.name, unit: pool.spec.unit(), used: s.Points[0].F}
		t.id = pool.id + "-" + seriesID(s.Labels.DropMetricName())
		t.capacity = capacity(s.Labels)
		if math.IsNaN(t.used) || math.IsInf(t.used, 0) || !(t.capacity > 0) || math.IsInf(t.capacity, 0) {
			continue
		}
		if len(things) >= p.c.cfg.PoolSeries {
			leftOut++
			continue
		}
		t.item = s.Labels.Get("item")
		t.title = title(pool, s.Labels)
		t.history = histories[t.id]
		if t.history.step != day {
			t.history, unknown = history{step: day}, true
		}
		byID[t.id] = t
		things = append(things, t)
	}
	if len(things) == 0 {
		return nil, leftOut, nil
	}
	if err := p.days(ctx, pool, byID, now, unknown); err != nil {
		return nil, leftOut, err
	}
	if err := p.hours(ctx, pool, things, byID, now); err != nil {
		return nil, leftOut, err
	}
	if err := p.describe(ctx, things); err != nil {
		return nil, leftOut, err
	}
	for _, t := range things {
		t.predict(pool.spec.full() * t.capacity)
		if ctx.Err() != nil {
			return nil, 0, ctx.Err()
		}
	}
	return things, leftOut, nil
}

// lately takes the newest value of the last hour: a host that restarts is not gone.
func lately(expr string) string {
	return "last_over_time((" + metricstore.AsVector(expr) + ")[1h:1m])"
}

// capacities gives how much there is for the labels of what is used.
func (p *planner) capacities(ctx context.Context, pool pool, now time.Time) (func(metricstore.Labels) float64, error) {
	if pool.spec.Capacity == "" {
		return func(metricstore.Labels) float64 { return 1 }, nil
	}
	got, err := p.c.deps.Metrics.Query(ctx, lately(pool.spec.Capacity), now)
	if err != nil {
		return nil, err
	}
	if len(got.Series) == 1 && got.Series[0].Labels.Len() == 0 {
		one := got.Series[0].Points[0].F
		return func(metricstore.Labels) float64 { return one }, nil
	}
	all := make(map[string]float64, len(got.Series))
	for _, s := range got.Series {
		all[s.Labels.DropMetricName().String()] = s.Points[0].F
	}
	return func(l metricstore.Labels) float64 { return all[l.DropMetricName().String()] }, nil
}

// days adds the days that are over and today so far. History of things that
// were not known before is asked for as far back as it is kept, in parts.
func (p *planner) days(ctx context.Context, pool pool, byID map[string]*thing, now time.Time, unknown bool) error {
	today := now.UTC().Truncate(day)
	from := today.Add(-3 * day)
	if unknown {
		from = today.Add(-daysKept * day)
	}
	const part = 15 * day
	for ; !from.After(today); from = from.Add(part) {
		to := from.Add(part - day)
		if to.After(today) {
			to = today
		}
		got, err := p.c.deps.Metrics.QueryRange(ctx, pool.spec.ofDay(), from, to, day)
		if err != nil {
			return fmt.Errorf("history: %w", err)
		}
		for _, s := range got.Series {
			t := byID[pool.id+"-"+seriesID(s.Labels.DropMetricName())]
			if t == nil {
				continue
			}
			for _, point := range s.Points { // what midnight says is of the day before
				if !math.IsNaN(point.F) && !math.IsInf(point.F, 0) {
					t.history.put(time.UnixMilli(point.T).UTC().Add(-day), point.F, daysKept)
				}
			}
		}
	}
	for _, t := range byID {
		t.history.put(today, t.used, daysKept)
	}
	return nil
}

// hours takes the hours of the last days for things with too few days.
func (p *planner) hours(ctx context.Context, pool pool, things []*thing, byID map[string]*thing, now time.Time) error {
	young := map[string]bool{}
	for _, t := range things {
		if t.history.known() < fewDays {
			young[t.id] = true
		}
	}
	if len(young) == 0 {
		return nil
	}
	end := now.UTC().Truncate(time.Hour)
	got, err := p.c.deps.Metrics.QueryRange(ctx, pool.spec.Used, end.Add(-hoursKept*time.Hour), end, time.Hour)
	if err != nil {
		return fmt.Errorf("history: %w", err)
	}
	for _, s := range got.Series {
		id := pool.id + "-" + seriesID(s.Labels.DropMetricName())
		if !young[id] {
			continue
		}
		h := history{step: time.Hour}
		for _, point := range s.Points {
			if !math.IsNaN(point.F) && !math.IsInf(point.F, 0) {
				h.put(time.UnixMilli(point.T).UTC(), point.F, hoursKept)
			}
		}
		if t := byID[id]; h.known() > t.history.known() {
			t.history = h
		}
	}
	return nil
}

func (p *planner) describe(ctx context.Context, things []*thing) error {
	var ids []string
	for _, t := range things {
		if t.item != "" {
			ids = append(ids, t.item)
		}
	}
	slices.Sort(ids)
	items, err := p.c.deps.Items.Items(ctx, slices.Compact(ids))
	if err != nil {
		return err
	}
	for _, t := range things {
		t.described = items[t.item]
	}
	return nil
}

// predict says when the limit is reached.
func (t *thing) predict(limit float64) {
	t.earliest, t.likely, t.latest = never, never, never
	t.horizon = core.Micros(t.history.last())
	path, err := t.history.forecast()
	if err != nil {
		return // too few points yet
	}
	t.horizon = t.history.at(len(path.Mid))
	t.slope = path.Slope * float64(day/t.history.step)
	full := path.Full(t.used, limit)
	t.earliest, t.likely, t.latest = t.history.at(full.Earliest), t.history.at(full.Likely), t.history.at(full.Latest)
}

// title names a thing among those of its item.
func title(p pool, l metricstore.Labels) string {
	var words []string
	if p.spec.By != nil {
		for _, name := range p.spec.By {
			if v := l.Get(name); v != "" && name != "item" { // which is shown by its name
				words = append(words, v)
			}
		}
	} else {
		for name, v := range l.Map() {
			if name != "__name__" && name != "item" {
				words = append(words, name+"="+v)
			}
		}
		slices.Sort(words)
	}
	if len(words) == 0 {
		return p.name
	}
	return strings.Join(words, " ")
}

// publish writes what rules read.
func (p *planner) publish(ctx context.Context, now time.Time) error {
	samples := make([]metricstore.Sample, 0, 3*len(p.things))
	until := func(at int64) float64 {
		if at == never {
			return math.Inf(1)
		}
		return max(core.FromMicros(at).Sub(now).Seconds(), 0)
	}
	for _, t := range p.things {
		m := t.labels.Map()
		m["pool"] = t.pool
		write := func(name string, v float64) {
			samples = append(samples, metricstore.Sample{Labels: metricstore.LabelsOf(name, m), T: now, V: v})
		}
		write(fullSeries, until(t.likely))
		write(earliestSeries, until(t.earliest))
		write(usedSeries, t.share())
	}
	return p.c.deps.Metrics.Append(ctx, samples)
}
