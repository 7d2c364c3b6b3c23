package rules

import (
	"context"
	"fmt"
	"strings"
	"time"

	"mainstay/internal/platform/metricstore"
)

// Episode is a time in which one series of a rule would have fired.
type Episode struct {
	Labels map[string]string
	Title  string
	Since  time.Time // since when the series was there
	From   time.Time // since when it fired
	To     time.Time // when it was over; zero while it lasts
	Peak   float64   // the value farthest from harmless
}

// Replay evaluates an alerting rule over history as if it had been there: the
// same steps, with "for" and "keep firing for".
type Replay struct {
	Rule     *Compiled
	Setting  Setting
	Range    func(ctx context.Context, expr string, start, end time.Time, step time.Duration) (metricstore.Result, error)
	From, To time.Time
	Step     time.Duration
	Most     int         // episodes that are kept; all are counted
	Within   func() bool // says whether there is still time for more; may be nil
	// Told hears how far it came, and how many episodes were over by then; may be nil.
	Told func(until time.Time, fired int)
}

// Replayed is what a replay found.
type Replayed struct {
	Episodes []Episode
	Fired    int       // episodes, also those that are not kept
	Series   int       // series that the expression gave
	Until    time.Time // how far it came: To, or less
}

// slice is how many steps are asked for at once.
const slice = 720

// lane is one series on its way through time.
type lane struct {
	own     map[string]string
	title   string
	active  time.Time // zero: it is not there
	gone    time.Time // since when a firing series is missing
	episode *Episode
}

// Run replays. An error of the expression ends it; time that runs out does not:
// Until says how far it came.
func (p *Replay) Run(ctx context.Context) (Replayed, error) {
	out := Replayed{Until: p.From}
	lanes := map[string]*lane{}
	down := false
	if c, ok := ConditionOf(p.Rule.Expr); ok {
		down = strings.HasPrefix(c.Op, "<")
	}
	for at := p.From; !at.After(p.To); {
		if p.Within != nil && !p.Within() {
			return out, nil
		}
		end := at.Add((slice - 1) * p.Step)
		if end.After(p.To) {
			end = p.To
		}
		res, err := p.Range(ctx, p.Rule.Expr, at.Add(-p.Rule.Offset), end.Add(-p.Rule.Offset), p.Step)
		if err != nil {
			return out, err
		}
		if res, err = p.Setting.within(ctx, p.Rule, res); err != nil {
			return out, err
		}
		if p.Setting.Most > 0 && len(res.Series) > 10*p.Setting.Most {
			return out, fmt.Errorf("the expression gives %d series in %v, more than %d", len(res.Series), end.Sub(at), 10*p.Setting.Most)
		}
		here := make(map[string][]metricstore.Point, len(res.Series))
		for _, s := range res.Series {
			if len(s.Points) == 0 {
				continue
			}
			key := Fingerprint(s.Labels.Map())
			here[key] = s.Points
			if lanes[key] == nil {
				a, _ := p.Setting.alert(ctx, p.Rule, metricstore.Series{Labels: s.Labels, Points: s.Points[:1]}, time.UnixMilli(s.Points[0].T).UTC())
				lanes[key] = &lane{own: a.Labels, title: a.Title}
			}
		}
		for key, l := range lanes {
			l.walk(p, here[key], at, end, down, &out)
		}
		out.Until = end
		if p.Told != nil {
			p.Told(end, out.Fired)
		}
		at = end.Add(p.Step)
	}
	out.Series = len(lanes)
	for _, l := range lanes {
		if l.episode != nil {
			p.keep(&out, *l.episode)
		}
	}
	out.Until = p.To
	return out, nil
}

// walk takes a series through the steps of one slice.
func (l *lane) walk(p *Replay, points []metricstore.Point, from, to time.Time, down bool, out *Replayed) {
	next := 0
	for at := from; !at.After(to); at = at.Add(p.Step) {
		asked := at.Add(-p.Rule.Offset).UnixMilli()
		for next < len(points) && points[next].T < asked {
			next++
		}
		if next < len(points) && points[next].T == asked {
			l.there(p, at, points[next].F, down)
			continue
		}
		if l.active.IsZero() {
			if next >= len(points) {
				return // nothing is left in this slice
			}
			continue
		}
		l.missing(p, at, out)
	}
}

func (l *lane) there(p *Replay, at time.Time, v float64, down bool) {
	if l.active.IsZero() {
		l.active = at
	}
	l.gone = time.Time{}
	if at.Sub(l.active) < p.Rule.For {
		return
	}
	if l.episode == nil {
		l.episode = &Episode{Labels: l.own, Title: l.title, Since: l.active, From: at, Peak: v}
	}
	if down == (v < l.episode.Peak) && v == v {
		l.episode.Peak = v
	}
}

func (l *lane) missing(p *Replay, at time.Time, out *Replayed) {
	if l.episode != nil {
		if l.gone.IsZero() {
			l.gone = at
		}
		if at.Sub(l.gone) < p.Rule.Keep {
			return
		}
		l.episode.To = at
		p.keep(out, *l.episode)
	}
	l.active, l.gone, l.episode = time.Time{}, time.Time{}, nil
}

func (p *Replay) keep(out *Replayed, e Episode) {
	out.Fired++
	if len(out.Episodes) < p.Most {
		out.Episodes = append(out.Episodes, e)
	}
}
