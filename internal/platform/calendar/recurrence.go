package calendar

import (
	"errors"
	"fmt"
	"iter"
	"strings"
	"time"
	_ "time/tzdata" // hosts without a zone database must find the same days

	"github.com/teambition/rrule-go"
)

// Recurrence is an RFC 5545 recurrence rule (section 3.3.10) of days, weeks,
// months or years, on the clock of a zone.
type Recurrence struct {
	rule *rrule.RRule
	zone *time.Location
}

const (
	maxInterval = 1000
	maxADay     = 48 // a hand-over every half hour
	// maxStarts bounds how many occurrences are walked through, so that no
	// rule, however old or odd, keeps others waiting.
	maxStarts = 40_000
)

// ParseRecurrence reads a rule of something that begins at start. It is expanded
// on the clock on the wall and turned into moments afterwards, so no change of
// the clocks can mislead it.
func ParseRecurrence(text string, start time.Time, zone *time.Location) (*Recurrence, error) {
	option, err := rrule.StrToROption(strings.TrimPrefix(text, "RRULE:"))
	switch {
	case err != nil:
		return nil, fmt.Errorf("is not an RFC 5545 rule: %w", err)
	case option.Freq > rrule.DAILY:
		return nil, errors.New("must be DAILY, WEEKLY, MONTHLY or YEARLY")
	case option.Interval < 0 || option.Interval > maxInterval:
		return nil, fmt.Errorf("must have an INTERVAL of at most %d", maxInterval)
	case len(option.Byminute)*max(len(option.Byhour), 1) > maxADay || len(option.Byhour) > maxADay || len(option.Bysecond) > 1:
		return nil, fmt.Errorf("must not come more than %d times a day", maxADay)
	}
	if !option.Until.IsZero() && untilIsUTC(text) {
		option.Until = Wall(option.Until, zone)
	}
	option.Dtstart = Wall(start, zone)
	rule, err := rrule.NewRRule(*option)
	if err != nil {
		return nil, fmt.Errorf("is not an RFC 5545 rule: %w", err)
	}
	return &Recurrence{rule, zone}, nil
}

// untilIsUTC says that the end of the rule is a moment, not a time on the wall.
func untilIsUTC(text string) bool {
	_, until, _ := strings.Cut(text, "UNTIL=")
	until, _, _ = strings.Cut(until, ";")
	return strings.HasSuffix(until, "Z")
}

// Starts are the moments at which it happens, in order. A time that the wall
// leaves out happens as late as the clocks were put forward, where RFC 5545
// would leave it out: work that is planned for a night is done in that night.
func (r *Recurrence) Starts() iter.Seq[time.Time] {
	return func(yield func(time.Time) bool) {
		next := r.rule.Iterator()
		var last time.Time
		for range maxStarts {
			wall, ok := next()
			if !ok {
				return
			}
			at := Moment(wall, r.zone)
			if !at.After(last) {
				continue // two times on the wall that are one moment
			}
			if last = at; !yield(at) {
				return
			}
		}
	}
}

// Moment is when the clock of the zone shows wall, which is written as UTC. What
// it shows twice is the first time; what it leaves out is counted from before.
func Moment(wall time.Time, zone *time.Location) time.Time {
	before := wall.Add(-offset(wall.Add(-24*time.Hour), zone))
	after := wall.Add(-offset(wall.Add(24*time.Hour), zone))
	if !Wall(before, zone).Equal(wall) && Wall(after, zone).Equal(wall) {
		return after
	}
	return before
}

// Wall is what the clock of the zone shows, written as UTC.
func Wall(at time.Time, zone *time.Location) time.Time { return at.UTC().Add(offset(at, zone)) }

func offset(at time.Time, zone *time.Location) time.Duration {
	_, seconds := at.In(zone).Zone()
	return time.Duration(seconds) * time.Second
}
