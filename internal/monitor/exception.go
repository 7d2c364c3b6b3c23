package monitor

import (
	"fmt"
	"slices"
	"time"
)

// Exception is what holds for one occurrence of a recurring window instead of
// what the rule says.
type Exception struct {
	Occurrence time.Time  `json:"occurrence" doc:"when the occurrence would start as the recurrence gives it, as the RECURRENCE-ID of RFC 5545"`
	Cancelled  bool       `json:"cancelled,omitempty" doc:"it does not take place, as with EXDATE"`
	Start      *time.Time `json:"start,omitempty" doc:"when it starts instead; as the recurrence says when left out"`
	End        *time.Time `json:"end,omitempty" doc:"when it ends instead; as long as the others when left out"`
}

// maxExceptions bounds those of one window.
const maxExceptions = 500

// span is when the occurrence takes place.
func (x *Exception) span(length time.Duration) span {
	s := span{from: x.Occurrence, at: x.Occurrence}
	if x.Start != nil {
		s.from = *x.Start
	}
	s.to = s.from.Add(length)
	if x.End != nil {
		s.to = *x.End
	}
	return s
}

// checkExceptions compares exceptions with the occurrences they are of.
func (s WindowSpec) checkExceptions(f *faults) {
	if len(s.Exceptions) == 0 {
		return
	}
	f.check(s.Recurrence != "", "spec.exceptions", "are of a window that recurs")
	f.check(len(s.Exceptions) <= maxExceptions, "spec.exceptions", fmt.Sprintf("must be at most %d", maxExceptions))
	if s.Recurrence == "" || len(s.Exceptions) > maxExceptions {
		return
	}
	starts := s.given()
	seen := map[int64]bool{}
	for i := range s.Exceptions {
		x := &s.Exceptions[i]
		field := fmt.Sprintf("spec.exceptions[%d]", i)
		at := x.Occurrence.UnixMicro()
		f.check(starts[at], field+".occurrence", "must be the start of an occurrence as the recurrence gives it")
		f.check(!seen[at], field+".occurrence", "must be of another occurrence than those before")
		seen[at] = true
		if x.Cancelled {
			f.check(x.Start == nil && x.End == nil, field+".cancelled", "an occurrence that is cancelled has neither start nor end")
			continue
		}
		f.check(x.Start != nil || x.End != nil, field, "must be cancelled, or have a start or an end")
		length := x.span(s.length())
		f.check(length.to.After(length.from) && length.to.Sub(length.from) <= maxWindow, field+".end", "an occurrence must be longer than nothing and at most 31 days")
	}
}

// given are the starts that the recurrence gives, up to the last exception.
func (s WindowSpec) given() map[int64]bool {
	starts := map[int64]bool{}
	rule, err := s.rule()
	if err != nil || rule == nil {
		return starts
	}
	last := slices.MaxFunc(s.Exceptions, func(a, b Exception) int { return a.Occurrence.Compare(b.Occurrence) }).Occurrence
	for at := range rule.Starts() {
		if at.After(last) {
			break
		}
		starts[at.UnixMicro()] = true
	}
	return starts
}

// excepted puts the exceptions in the place of the occurrences that they are of.
func (s WindowSpec) excepted(given []span, from, to time.Time) []span {
	if len(s.Exceptions) == 0 {
		return given
	}
	out := slices.DeleteFunc(given, func(o span) bool {
		return slices.ContainsFunc(s.Exceptions, func(x Exception) bool { return x.Occurrence.Equal(o.at) })
	})
	for _, x := range s.Exceptions {
		if o := x.span(s.length()); !x.Cancelled && o.from.Before(to) && o.to.After(from) {
			out = append(out, span{o.from.UTC(), o.to.UTC(), o.at.UTC()})
		}
	}
	slices.SortFunc(out, func(a, b span) int { return a.from.Compare(b.from) })
	return out
}

// except has an exception hold, in place of one of the same occurrence. When
// there are as many as may be, those that are longest over give way.
func (s *WindowSpec) except(x Exception, now time.Time) {
	s.restore(x.Occurrence)
	s.Exceptions = append(s.Exceptions, x)
	slices.SortFunc(s.Exceptions, func(a, b Exception) int { return a.Occurrence.Compare(b.Occurrence) })
	for i := 0; i < len(s.Exceptions) && len(s.Exceptions) > maxExceptions; {
		if s.Exceptions[i].span(s.length()).to.Before(now.Add(-maxWindow)) {
			s.Exceptions = slices.Delete(s.Exceptions, i, i+1)
		} else {
			i++
		}
	}
}

// restore has an occurrence take place as the recurrence says.
func (s *WindowSpec) restore(occurrence time.Time) {
	s.Exceptions = slices.DeleteFunc(slices.Clone(s.Exceptions), func(x Exception) bool { return x.Occurrence.Equal(occurrence) })
}

// on is the occurrence that holds at a time; the last that began, of several.
func (s WindowSpec) on(at time.Time) (span, bool) {
	list, err := s.spans(at, at.Add(time.Microsecond))
	if err != nil {
		return span{}, false
	}
	for _, o := range slices.Backward(list) {
		if o.holds(at) {
			return o, true
		}
	}
	return span{}, false
}
