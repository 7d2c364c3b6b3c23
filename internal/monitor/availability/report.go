package availability

import (
	"context"
	"slices"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/monitor/availability/figures"
	"mainstay/internal/platform/auth"
)

// Line is what one item came to.
type Line struct {
	Item       Item          `json:"item"`
	TargetName string        `json:"targetName,omitempty" doc:"Name of the availability target whose terms hold"`
	State      figures.State `json:"state" enum:",up,degraded,unknown,down" doc:"At the end of the period, or now"`
	figures.Figures
}

// Report is a line with all that led to it.
type Report struct {
	Line
	From       time.Time          `json:"from"`
	To         time.Time          `json:"to"`
	TimeZone   string             `json:"timeZone"`
	Calendar   string             `json:"calendar,omitempty"`
	Days       []figures.Day      `json:"days" nullable:"false"`
	Timeline   []figures.Interval `json:"timeline" nullable:"false" doc:"The newest 2000 intervals at most"`
	Windows    []figures.Span     `json:"windows" nullable:"false" doc:"Maintenance of the item"`
	OutageList []Outage           `json:"outageList" nullable:"false" doc:"Newest first"`
}

// Outage is one with what is known of it.
type Outage struct {
	figures.Outage
	Causes    []Item     `json:"causes" nullable:"false" doc:"Items at the bottom of it"`
	Incidents []Incident `json:"incidents" nullable:"false"`
}

// maxTimeline bounds the intervals of one answer; the figures count all.
const maxTimeline = 2000

// raw is what the store knows of an item in a period.
type raw struct {
	intervals   []figures.Interval
	maintenance []figures.Span
}

func (c *Component) read(ctx context.Context, item string, from, to time.Time) (r raw, err error) {
	whole, err := tracked(ctx, c.deps.DB, item)
	if err != nil {
		return r, err
	}
	if r.intervals, err = intervals(ctx, c.deps.DB, item, whole, from, to); err != nil {
		return r, err
	}
	r.maintenance, err = maintenance(ctx, c.deps.DB, item, from, to)
	return r, err
}

func stateAt(list []figures.Interval, at time.Time) figures.State {
	for _, i := range slices.Backward(list) {
		if i.From.Before(at) && (i.To.IsZero() || !i.To.Before(at)) {
			return i.State
		}
	}
	return figures.None
}

// Period is when a report is about: a month, or from and to.
type Period struct {
	Month    string
	From, To time.Time
}

const (
	monthLayout = "2006-01"
	longest     = 400 * 24 * time.Hour
)

// in places the period in a zone. The month that runs is the default.
func (p Period) in(zone *time.Location, now time.Time) (from, to time.Time, err error) {
	switch {
	case p.Month != "" && (!p.From.IsZero() || !p.To.IsZero()):
		return from, to, core.Invalid("month", "must not be given together with from and to")
	case !p.From.IsZero() || !p.To.IsZero():
		if to = p.To; to.IsZero() {
			to = now
		}
		if !p.From.Before(to) || to.Sub(p.From) > longest {
			return from, to, core.Invalid("from", "must be before to, at most 400 days")
		}
		return p.From, to, nil
	}
	month := now.In(zone)
	if p.Month != "" {
		if month, err = time.ParseInLocation(monthLayout, p.Month, zone); err != nil {
			return from, to, core.Invalid("month", "must be YYYY-MM")
		}
	}
	from = time.Date(month.Year(), month.Month(), 1, 0, 0, 0, 0, zone)
	return from, from.AddDate(0, 1, 0), nil
}

// Lines returns the figures of every item that a target the caller may read
// names; only of the target with a name, when one is given.
func (c *Component) Lines(ctx context.Context, target string, period Period) ([]Line, error) {
	targets, err := c.visibleTargets(ctx, target)
	if err != nil {
		return nil, err
	}
	now := c.deps.Clock.Now()
	out := []Line{}
	for _, t := range targets {
		terms, zone, err := c.terms(ctx, t.Spec)
		if err != nil {
			return nil, err
		}
		from, to, err := period.in(zone, now)
		if err != nil {
			return nil, err
		}
		ids, err := c.itemsOf(ctx, t.Spec)
		if err != nil {
			return nil, err
		}
		items, err := c.deps.Graph.Items(ctx, ids)
		if err != nil {
			return nil, err
		}
		for _, id := range ids {
			item, ok := items[id]
			if !ok {
				continue
			}
			r, err := c.read(ctx, id, from, to)
			if err != nil {
				return nil, err
			}
			f, _ := figures.Calculate(figures.Period{From: from, To: to, Now: now}, r.intervals, r.maintenance, terms)
			out = append(out, Line{Item: item, TargetName: t.Name, State: stateAt(r.intervals, earlier(to, now)), Figures: f})
		}
	}
	return out, nil
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

func (c *Component) visibleTargets(ctx context.Context, name string) ([]Target, error) {
	list, err := c.targets(ctx, c.deps.DB, "$1 = '' OR name = $1", name)
	if err != nil {
		return nil, err
	}
	scope := auth.From(ctx).Scope("availability:read")
	list = slices.DeleteFunc(list, func(t Target) bool { return !scope.Allows(t.Spec.Team) })
	if name != "" && len(list) == 0 {
		return nil, core.NotFound("availability target", name)
	}
	return list, nil
}

// targetOf is the target whose terms hold for an item: the named one, else the
// first by name that is about it; nil without one.
func (c *Component) targetOf(ctx context.Context, item, name string) (*Target, error) {
	list, err := c.visibleTargets(ctx, name)
	if err != nil {
		return nil, err
	}
	for _, t := range list {
		ids, err := c.itemsOf(ctx, t.Spec)
		if err != nil {
			return nil, err
		}
		if slices.Contains(ids, item) {
			return &t, nil
		}
	}
	if name != "" {
		return nil, core.Invalid("target", "is not about this item")
	}
	return nil, nil
}

// Report tells how available an item was.
func (c *Component) Report(ctx context.Context, id, target string, period Period) (*Report, error) {
	items, err := c.deps.Graph.Items(ctx, []string{id})
	if err != nil {
		return nil, err
	}
	item, ok := items[id]
	if !ok || !auth.From(ctx).Scope("availability:read").Allows(item.Team) {
		return nil, core.NotFound("item", id)
	}
	t, err := c.targetOf(ctx, id, target)
	if err != nil {
		return nil, err
	}
	r := &Report{Line: Line{Item: item}}
	var spec TargetSpec
	if t != nil {
		spec, r.TargetName, r.Calendar = t.Spec, t.Name, t.Spec.Calendar
	}
	terms, zone, err := c.terms(ctx, spec)
	if err != nil {
		return nil, err
	}
	now := c.deps.Clock.Now()
	if r.From, r.To, err = period.in(zone, now); err != nil {
		return nil, err
	}
	r.TimeZone = zone.String()
	return r, c.fill(ctx, r, terms, zone, now)
}

func (c *Component) fill(ctx context.Context, r *Report, terms figures.Terms, zone *time.Location, now time.Time) error {
	known, err := c.read(ctx, r.Item.ID, r.From, r.To)
	if err != nil {
		return err
	}
	p := figures.Period{From: r.From, To: r.To, Now: now}
	var outages []figures.Outage
	r.Figures, outages = figures.Calculate(p, known.intervals, known.maintenance, terms)
	r.State = stateAt(known.intervals, earlier(r.To, now))
	r.Days = figures.Days(p, zone, known.intervals, known.maintenance, terms)
	r.Timeline = append([]figures.Interval{}, known.intervals[max(0, len(known.intervals)-maxTimeline):]...)
	r.Windows = append([]figures.Span{}, known.maintenance...)
	r.OutageList, err = c.explain(ctx, r, outages, now)
	return err
}

// maxExplained bounds the outages that are shown one by one.
const maxExplained = 500

// explain adds causes and incidents to outages, the newest first.
func (c *Component) explain(ctx context.Context, r *Report, outages []figures.Outage, now time.Time) ([]Outage, error) {
	if len(outages) > maxExplained {
		outages = outages[len(outages)-maxExplained:]
	}
	about := []string{r.Item.ID}
	for _, o := range outages {
		about = append(about, o.Cause...)
	}
	slices.Sort(about)
	about = slices.Compact(about)
	named, err := c.deps.Graph.Items(ctx, about)
	if err != nil {
		return nil, err
	}
	known, err := incidents(ctx, c.deps.DB, about, r.From.Add(-24*time.Hour), r.To)
	if err != nil {
		return nil, err
	}
	readable := auth.From(ctx).Scope("incidents:read")
	known = slices.DeleteFunc(known, func(i Incident) bool { return !readable.Allows(i.team) })
	out := make([]Outage, 0, len(outages))
	for _, o := range slices.Backward(outages) {
		shown := Outage{Outage: o, Causes: []Item{}, Incidents: []Incident{}}
		for _, id := range o.Cause {
			if item, ok := named[id]; ok {
				shown.Causes = append(shown.Causes, item)
			}
		}
		to := o.To
		if to.IsZero() {
			to = now
		}
		for _, inc := range known {
			concerns := inc.item == r.Item.ID || slices.Contains(o.Cause, inc.item)
			if concerns && inc.during(o.From, to) && !slices.ContainsFunc(shown.Incidents, func(i Incident) bool { return i.ID == inc.ID }) {
				shown.Incidents = append(shown.Incidents, inc)
			}
		}
		out = append(out, shown)
	}
	return out, nil
}
