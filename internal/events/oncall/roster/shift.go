package roster

import (
	"cmp"
	"slices"
	"time"

	"mainstay/internal/platform/calendar"
)

// Shift is a stretch of time that one person has duty.
type Shift struct {
	Person   string    `json:"person"`
	From     time.Time `json:"from"`
	To       time.Time `json:"to"`
	Layer    int       `json:"layer" doc:"Place of the layer, from 0; -1 for an override"`
	Override string    `json:"override,omitempty" doc:"Name of the override it comes from"`
}

// Span is a stretch of time.
type Span struct {
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
}

// Override puts a person on call whatever the layers say.
type Override struct {
	Name   string
	Person string
	From   time.Time
	To     time.Time
}

// most bounds the hand-overs that one question walks through.
const most = 40_000

// turn is a hand-over: from then on the person of that place has duty.
type turn struct {
	at    time.Time
	place int
}

// turns lists the hand-overs that matter for from..to, in order: the last one
// not after from, and those before to.
func (l *Layer) turns(zone *time.Location, from, to time.Time) []turn {
	switch {
	case l.rule != nil:
		return l.ruledTurns(zone, from, to)
	case l.days > 0:
		return l.dayTurns(zone, from, to)
	}
	start := calendar.Moment(l.start, zone)
	k := max(int64(from.Sub(start)/l.length), 0)
	var out []turn
	for at := start.Add(time.Duration(k) * l.length); at.Before(to) && len(out) < most; at = at.Add(l.length) {
		out = append(out, turn{at, int(k % int64(len(l.People)))})
		k++
	}
	return out
}

func (l *Layer) dayTurns(zone *time.Location, from, to time.Time) []turn {
	days := int(calendar.Wall(from, zone).Sub(l.start).Hours() / 24)
	k := max(days/l.days-1, 0)
	var out []turn
	for len(out) < most {
		at := calendar.Moment(l.start.AddDate(0, 0, k*l.days), zone)
		if !at.Before(to) {
			break
		}
		if len(out) == 1 && !at.After(from) {
			out = out[:0]
		}
		out = append(out, turn{at, k % len(l.People)})
		k++
	}
	return out
}

func (l *Layer) ruledTurns(zone *time.Location, from, to time.Time) []turn {
	start := calendar.Moment(l.start, zone)
	out := []turn{{start, 0}}
	k := 0
	for at := range l.rule.Starts() {
		if !at.After(start) {
			continue
		}
		k++
		if !at.Before(to) {
			break
		}
		if len(out) == 1 && !at.After(from) {
			out = out[:0]
		}
		out = append(out, turn{at, k % len(l.People)})
	}
	if !out[0].at.Before(to) {
		return nil
	}
	return out
}

// Layer lists the shifts of one layer within from..to, without the others.
func (r *Rota) Layer(place int, from, to time.Time) []Shift {
	l := &r.Layers[place]
	if !l.end.IsZero() {
		if end := calendar.Moment(l.end, r.zone); end.Before(to) {
			to = end
		}
	}
	if !from.Before(to) {
		return nil
	}
	turns := l.turns(r.zone, from, to)
	var out []Shift
	open := l.open(r.zone, from, to)
	for i, t := range turns {
		end := to
		if i+1 < len(turns) {
			end = turns[i+1].at
		}
		for _, s := range open {
			a, b := latest(t.at, s.From, from), earliest(end, s.To, to)
			if a.Before(b) {
				out = append(out, Shift{Person: l.People[t.place], From: a.UTC(), To: b.UTC(), Layer: place})
			}
		}
	}
	return join(out)
}

// open lists when the layer counts, in order.
func (l *Layer) open(zone *time.Location, from, to time.Time) []Span {
	if len(l.Hours) == 0 {
		return []Span{{from, to}}
	}
	var spans []Span
	date := calendar.Wall(from, zone).Truncate(24*time.Hour).AddDate(0, 0, -2)
	for last := calendar.Wall(to, zone).AddDate(0, 0, 1); date.Before(last); date = date.AddDate(0, 0, 1) {
		for _, h := range l.Hours {
			if h.days[date.Weekday()] {
				spans = append(spans, Span{calendar.Moment(date.Add(h.from), zone), calendar.Moment(date.Add(h.to), zone)})
			}
		}
	}
	slices.SortFunc(spans, func(a, b Span) int { return a.From.Compare(b.From) })
	var out []Span
	for _, s := range spans {
		if n := len(out); n > 0 && !out[n-1].To.Before(s.From) {
			out[n-1].To = latest(out[n-1].To, s.To)
		} else if s.From.Before(s.To) {
			out = append(out, s)
		}
	}
	return out
}

// Final lists who is on call from..to, in order, without overlaps.
func (r *Rota) Final(from, to time.Time, overrides []Override) []Shift {
	var out []Shift
	for place := range r.Layers {
		out = lay(out, r.Layer(place, from, to))
	}
	for _, o := range overrides {
		a, b := latest(o.From, from), earliest(o.To, to)
		if a.Before(b) {
			out = lay(out, []Shift{{Person: o.Person, From: a.UTC(), To: b.UTC(), Layer: -1, Override: o.Name}})
		}
	}
	return join(out)
}

// At says who is on call at one moment; false when nobody is.
func (r *Rota) At(at time.Time, overrides []Override) (Shift, bool) {
	for _, s := range r.Final(at, at.Add(time.Minute), overrides) {
		if !s.From.After(at) {
			return s, true
		}
	}
	return Shift{}, false
}

// lay puts shifts over others, which keep what is not covered.
func lay(under, over []Shift) []Shift {
	for _, top := range over {
		kept := make([]Shift, 0, len(under)+2)
		for _, s := range under {
			if !s.From.Before(top.To) || !top.From.Before(s.To) {
				kept = append(kept, s)
				continue
			}
			if head := s; s.From.Before(top.From) {
				head.To = top.From
				kept = append(kept, head)
			}
			if tail := s; top.To.Before(s.To) {
				tail.From = top.To
				kept = append(kept, tail)
			}
		}
		under = append(kept, top)
	}
	slices.SortFunc(under, func(a, b Shift) int { return cmp.Or(a.From.Compare(b.From), cmp.Compare(a.Layer, b.Layer)) })
	return under
}

// join makes one of shifts that touch and are the same person's for the same reason.
func join(shifts []Shift) []Shift {
	var out []Shift
	for _, s := range shifts {
		if n := len(out); n > 0 && out[n-1].Person == s.Person && out[n-1].Layer == s.Layer && out[n-1].Override == s.Override && out[n-1].To.Equal(s.From) {
			out[n-1].To = s.To
			continue
		}
		out = append(out, s)
	}
	return out
}

// Gaps lists when nobody of the shifts has duty within from..to.
func Gaps(shifts []Shift, from, to time.Time) []Span {
	out := []Span{}
	at := from
	for _, s := range shifts {
		if at.Before(s.From) {
			out = append(out, Span{at.UTC(), s.From})
		}
		at = latest(at, s.To)
	}
	if at.Before(to) {
		out = append(out, Span{at.UTC(), to.UTC()})
	}
	return out
}

func latest(first time.Time, more ...time.Time) time.Time {
	for _, t := range more {
		if t.After(first) {
			first = t
		}
	}
	return first
}

func earliest(first time.Time, more ...time.Time) time.Time {
	for _, t := range more {
		if t.Before(first) {
			first = t
		}
	}
	return first
}
