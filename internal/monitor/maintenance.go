package monitor

import (
	"fmt"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/calendar"
	"mainstay/internal/platform/probe"
)

// WindowSpec says when which items are worked on, so that their faults are expected.
type WindowSpec struct {
	Reason     string          `json:"reason,omitempty"`
	Team       string          `json:"team,omitempty"`
	Start      time.Time       `json:"start" doc:"of the first, or only, occurrence"`
	End        *time.Time      `json:"end,omitempty" doc:"of the first occurrence; or give duration"`
	Duration   probe.Duration  `json:"duration,omitempty" pattern:"^([0-9]+([.][0-9]+)?(ns|us|µs|ms|s|m|h))+$" patternDescription:"a duration such as 30s or 5m" doc:"of each occurrence; or give end"`
	Recurrence string          `json:"recurrence,omitempty" doc:"RFC 5545 rule: FREQ=WEEKLY;BYDAY=SU; daily at most"`
	TimeZone   string          `json:"timeZone,omitempty" doc:"IANA zone in which the recurrence keeps its wall-clock time; UTC when left out"`
	Exceptions []Exception     `json:"exceptions,omitempty" doc:"occurrences that are cancelled, or at another time, or longer or shorter"`
	Items      []string        `json:"items,omitempty" doc:"ids of items"`
	Identities []core.Identity `json:"identities,omitempty" doc:"items by what identifies them"`
	Selector   string          `json:"selector,omitempty" doc:"selects items"`
	Below      bool            `json:"below,omitempty" doc:"also everything that these items need, however far: all below a service"`
	All        bool            `json:"all,omitempty" doc:"everything"`
}

// Window is a declared maintenance window.
type Window struct {
	ID        string     `json:"id"`
	Name      string     `json:"name"`
	Spec      WindowSpec `json:"spec"`
	Active    bool       `json:"active" doc:"it is on now"`
	NextStart *time.Time `json:"nextStart,omitempty" doc:"of the occurrence that is on, or the next"`
	NextEnd   *time.Time `json:"nextEnd,omitempty"`
	Version   int64      `json:"version"`
	CreatedAt time.Time  `json:"createdAt"`
	UpdatedAt time.Time  `json:"updatedAt"`

	// Change is what the window follows; nil for one that people declare.
	Change *WindowChange `json:"change,omitempty" doc:"the change whose window it is, which changes and ends with it"`

	cause string // the ledger entry that led to it
}

// maxWindow bounds one occurrence.
const maxWindow = 31 * 24 * time.Hour

func (s WindowSpec) validate(name string) error {
	f := faults(checkName(name))
	f.check(!s.Start.IsZero(), "spec.start", "must be given")
	f.check((s.End != nil) != (s.Duration != 0), "spec.end", "exactly one of end and duration must be given")
	length := s.length()
	field := "spec.duration"
	if s.End != nil {
		field = "spec.end"
	}
	f.check(length > 0 && length <= maxWindow, field, "an occurrence must be longer than nothing and at most 31 days")
	f.check(s.All || len(s.Items)+len(s.Identities) > 0 || s.Selector != "", "spec.items", "items, identities, selector or all must say what is worked on")
	for i, id := range s.Items {
		f.check(core.ValidID(id), fmt.Sprintf("spec.items[%d]", i), "must be the id of an item")
	}
	for i, id := range s.Identities {
		f.check(id.Kind != "" && id.Value != "", fmt.Sprintf("spec.identities[%d]", i), "must have a kind and a value")
	}
	if _, err := s.location(); err != nil {
		f.check(false, "spec.timeZone", "is not a known time zone")
	} else if rule, err := s.rule(); err != nil {
		f.check(false, "spec.recurrence", err.Error())
	} else if rule != nil {
		happens := false
		for range rule.Starts() {
			happens = true
			break
		}
		f.check(happens, "spec.recurrence", "never happens")
		s.checkExceptions(&f)
	} else {
		s.checkExceptions(&f)
	}
	return core.InvalidAll(f)
}

func (s WindowSpec) length() time.Duration {
	if s.End != nil {
		return s.End.Sub(s.Start)
	}
	return s.Duration.Std()
}

func (s WindowSpec) location() (*time.Location, error) {
	if s.TimeZone == "" {
		return time.UTC, nil
	}
	return time.LoadLocation(s.TimeZone)
}

// rule returns the recurrence, nil for a window that happens once.
func (s WindowSpec) rule() (*calendar.Recurrence, error) {
	if s.Recurrence == "" {
		return nil, nil
	}
	zone, err := s.location()
	if err != nil {
		return nil, err
	}
	return calendar.ParseRecurrence(s.Recurrence, s.Start, zone)
}

// span is one occurrence, with the start that the recurrence gives.
type span struct{ from, to, at time.Time }

func (s span) holds(at time.Time) bool { return !at.Before(s.from) && at.Before(s.to) }

// spans returns the occurrences that touch the time from..to, in order.
func (s WindowSpec) spans(from, to time.Time) ([]span, error) {
	length := s.length()
	rule, err := s.rule()
	if err != nil {
		return nil, err
	}
	if rule == nil {
		if s.Start.Before(to) && s.Start.Add(length).After(from) {
			return []span{{s.Start, s.Start.Add(length), s.Start}}, nil
		}
		return nil, nil
	}
	var out []span
	for start := range rule.Starts() {
		if !start.Before(to) {
			break
		}
		if start.Add(length).After(from) {
			out = append(out, span{start.UTC(), start.Add(length).UTC(), start.UTC()})
		}
	}
	return s.excepted(out, from, to), nil
}
