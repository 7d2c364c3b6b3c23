package figures

import (
	"slices"
	"sort"
	"time"
)

// Counting says what time counts as.
type Counting string

// What unknown or degraded time may count as.
const (
	Good    Counting = "up"
	Bad     Counting = "down"
	Ignored Counting = "exclude"
)

// Terms are what was agreed on.
type Terms struct {
	Target             float64                         // percent; 0: none
	Hours              func(from, to time.Time) []Span // agreed hours in order; nil: all time
	IncludeMaintenance bool                            // time in maintenance counts, too
	Unknown            Counting                        // Ignored when empty
	Degraded           Counting                        // Good when empty
}

// Outage is bad time without good time in between.
type Outage struct {
	From   time.Time `json:"from"`
	To     time.Time `json:"to,omitzero" doc:"Absent while it lasts"`
	Lasted Seconds   `json:"seconds" doc:"Seconds of it that count"`
	Cause  []string  `json:"cause" nullable:"false" doc:"Ids of the items that are the reason"`
}

// Seconds is a length of time, written in seconds.
type Seconds float64

// Of is d in seconds.
func Of(d time.Duration) Seconds { return Seconds(d.Seconds()) }

// Std is the length as Go has it.
func (s Seconds) Std() time.Duration { return time.Duration(float64(s) * float64(time.Second)) }

// Totals are lengths of time by what it was.
type Totals struct {
	Agreed      Seconds `json:"agreed" doc:"Seconds of agreed hours in the period, up to now"`
	Maintenance Seconds `json:"maintenance" doc:"Of these, excluded for maintenance"`
	Up          Seconds `json:"up"`
	Degraded    Seconds `json:"degraded"`
	Down        Seconds `json:"down"`
	Unknown     Seconds `json:"unknown" doc:"Seconds in which nothing was known"`
}

// Figures are what a period came to.
type Figures struct {
	Totals
	Availability *float64 `json:"availability,omitempty" doc:"Percent; absent when nothing is known of the whole period"`
	Target       float64  `json:"target,omitempty" doc:"Percent"`
	Met          *bool    `json:"met,omitempty" doc:"Absent without a target or without knowledge"`
	Budget       Seconds  `json:"budget" doc:"Seconds of bad time the whole period allows"`
	BudgetLeft   Seconds  `json:"budgetLeft" doc:"Seconds; negative when overdrawn"`
	Outages      int      `json:"outages"`
	Longest      Seconds  `json:"longest" doc:"Seconds of the longest outage"`
	MTTR         *Seconds `json:"mttr,omitempty" doc:"Mean seconds of an outage that is over; absent without one"`
	MTBF         *Seconds `json:"mtbf,omitempty" doc:"Good seconds for each outage; absent without one"`
}

// Period is what Calculate looks at: from From to To, as far as Now.
type Period struct{ From, To, Now time.Time }

// Calculate returns the figures and the outages of a period. Intervals are in
// order and do not overlap; time between them is unknown.
func Calculate(p Period, intervals []Interval, maintenance []Span, terms Terms) (Figures, []Outage) {
	f := Figures{Target: terms.Target}
	until := earlier(p.To, p.Now)
	whole := terms.hours(p.From, p.To)
	counted := terms.hours(p.From, until)
	f.Agreed = total(counted)
	quiet := merged(maintenance)
	planned := whole
	if !terms.IncludeMaintenance {
		planned = subtract(whole, quiet)
		open := counted
		counted = subtract(counted, quiet)
		f.Maintenance = total(open) - total(counted)
	}
	pieces := cut(counted, intervals)
	var good, bad Seconds
	for _, piece := range pieces {
		length := Of(piece.To.Sub(piece.From))
		switch piece.State {
		case Up:
			f.Up += length
		case Degraded:
			f.Degraded += length
		case Down:
			f.Down += length
		default:
			f.Unknown += length
		}
		switch terms.counts(piece.State) {
		case Good:
			good += length
		case Bad:
			bad += length
		}
	}
	outages := terms.outages(pieces, until.Equal(p.Now) && terms.badAt(until, intervals))
	f.sum(good, bad, total(planned), outages)
	return f, outages
}

func (f *Figures) sum(good, bad, planned Seconds, outages []Outage) {
	if good+bad > 0 {
		share := float64(good) / float64(good+bad) * 100
		f.Availability = &share
	}
	if f.Target > 0 {
		f.Budget = planned * Seconds(100-f.Target) / 100
		f.BudgetLeft = f.Budget - bad
		if f.Availability != nil {
			met := *f.Availability >= f.Target
			f.Met = &met
		}
	}
	f.Outages = len(outages)
	var over int
	var repaired Seconds
	for _, o := range outages {
		f.Longest = max(f.Longest, o.Lasted)
		if !o.To.IsZero() {
			over++
			repaired += o.Lasted
		}
	}
	if over > 0 {
		mean := repaired / Seconds(over)
		f.MTTR = &mean
	}
	if len(outages) > 0 {
		between := good / Seconds(len(outages))
		f.MTBF = &between
	}
}

func (t Terms) hours(from, to time.Time) []Span {
	if !from.Before(to) {
		return nil
	}
	if t.Hours == nil {
		return []Span{{from, to}}
	}
	return t.Hours(from, to)
}

// counts says what time in a state counts as.
func (t Terms) counts(s State) Counting {
	either := func(c, otherwise Counting) Counting {
		if c == "" {
			return otherwise
		}
		return c
	}
	switch s {
	case Up:
		return Good
	case Down:
		return Bad
	case Degraded:
		return either(t.Degraded, Good)
	}
	return either(t.Unknown, Ignored)
}

// badAt says whether an interval that counts as bad holds at a moment.
func (t Terms) badAt(at time.Time, intervals []Interval) bool {
	if len(intervals) == 0 {
		return false
	}
	last := intervals[len(intervals)-1]
	return (last.To.IsZero() || !last.To.Before(at)) && last.From.Before(at) && t.counts(last.State) == Bad
}

// outages joins bad pieces with no good one in between; the last one lasts when
// it is bad still.
func (t Terms) outages(pieces []Interval, still bool) []Outage {
	out := []Outage{}
	open := false
	for _, p := range pieces {
		switch t.counts(p.State) {
		case Good:
			open = false
		case Bad:
			if !open {
				out = append(out, Outage{From: p.From, Cause: []string{}})
				open = true
			}
			o := &out[len(out)-1]
			o.To = p.To
			o.Lasted += Of(p.To.Sub(p.From))
			for _, c := range p.Cause {
				if !slices.Contains(o.Cause, c) {
					o.Cause = append(o.Cause, c)
				}
			}
		}
	}
	if open && still {
		out[len(out)-1].To = time.Time{} // it lasts
	}
	return out
}

// cut lays intervals over spans: pieces with a state, None in the gaps.
func cut(spans []Span, intervals []Interval) []Interval {
	var out []Interval
	for _, s := range spans {
		at := s.From
		first := sort.Search(len(intervals), func(i int) bool { return intervals[i].To.IsZero() || intervals[i].To.After(s.From) })
		for _, i := range intervals[first:] {
			from, to := later(i.From, at), s.To
			if !i.To.IsZero() {
				to = earlier(i.To, s.To)
			}
			if !from.Before(s.To) {
				break
			}
			if !from.Before(to) {
				continue
			}
			if at.Before(from) {
				out = append(out, Interval{From: at, To: from})
			}
			out = append(out, Interval{From: from, To: to, State: i.State, Cause: i.Cause})
			at = to
		}
		if at.Before(s.To) {
			out = append(out, Interval{From: at, To: s.To})
		}
	}
	return out
}

// merged returns the spans in order, those that touch as one.
func merged(spans []Span) []Span {
	sorted := slices.Clone(spans)
	slices.SortFunc(sorted, func(a, b Span) int { return a.From.Compare(b.From) })
	var out []Span
	for _, s := range sorted {
		switch {
		case !s.From.Before(s.To):
		case len(out) > 0 && !out[len(out)-1].To.Before(s.From):
			out[len(out)-1].To = later(out[len(out)-1].To, s.To)
		default:
			out = append(out, s)
		}
	}
	return out
}

// subtract returns what is left of from without taken; both are in order.
func subtract(from, taken []Span) []Span {
	var out []Span
	for _, s := range from {
		at := s.From
		for _, t := range taken {
			if !t.To.After(at) {
				continue
			}
			if !t.From.Before(s.To) {
				break
			}
			if at.Before(t.From) {
				out = append(out, Span{at, t.From})
			}
			at = later(at, t.To)
		}
		if at.Before(s.To) {
			out = append(out, Span{at, s.To})
		}
	}
	return out
}

func total(spans []Span) Seconds {
	var sum time.Duration
	for _, s := range spans {
		sum += s.To.Sub(s.From)
	}
	return Of(sum)
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}
