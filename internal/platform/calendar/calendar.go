package calendar

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	_ "time/tzdata" // hosts without a zone database must count the same hours

	"mainstay/internal/core"
	"mainstay/internal/platform/declare"
)

// Calendar says which time counts. A moment counts when a clock on the wall in
// the calendar's zone shows a time within the hours of its day. So a day of
// 00:00-24:00 has 23 or 25 hours when the clocks change, and an hour that the
// clocks show twice counts twice.
type Calendar struct {
	TimeZone string             `json:"timeZone" doc:"Name of the IANA zone: Europe/Berlin"`
	Week     map[string][]Hours `json:"week" doc:"Hours by day of the week: monday to sunday; a day that is absent is closed"`
	Holidays []Holiday          `json:"holidays,omitempty"`

	zone   *time.Location
	days   [7][]Hours
	always bool
}

// Holiday replaces the hours of one date.
type Holiday struct {
	Date  string  `json:"date" doc:"YYYY-MM-DD, or MM-DD for every year"`
	Name  string  `json:"name,omitempty"`
	Hours []Hours `json:"hours,omitempty" doc:"None: closed all day"`
}

// Hours is one interval of a day, written "08:00-12:30"; the end may be 24:00.
type Hours struct{ from, to time.Duration }

// MarshalText writes HH:MM-HH:MM.
func (h Hours) MarshalText() ([]byte, error) {
	clock := func(d time.Duration) string { return fmt.Sprintf("%02d:%02d", int(d.Hours()), int(d.Minutes())%60) }
	return []byte(clock(h.from) + "-" + clock(h.to)), nil
}

// UnmarshalText reads HH:MM-HH:MM.
func (h *Hours) UnmarshalText(text []byte) error {
	from, to, ok := strings.Cut(string(text), "-")
	var err1, err2 error
	h.from, err1 = parseClock(from)
	h.to, err2 = parseClock(to)
	if !ok || err1 != nil || err2 != nil || h.from >= h.to {
		return core.Invalid("hours", fmt.Sprintf("%q must be HH:MM-HH:MM with the start before the end", text))
	}
	return nil
}

func parseClock(text string) (time.Duration, error) {
	hour, minute, ok := strings.Cut(strings.TrimSpace(text), ":")
	h, err1 := strconv.Atoi(hour)
	m, err2 := strconv.Atoi(minute)
	if !ok || err1 != nil || err2 != nil || len(minute) != 2 || h < 0 || m < 0 || m > 59 || h > 24 || h == 24 && m > 0 {
		return 0, fmt.Errorf("calendar: %q is not a time of day", text)
	}
	return time.Duration(h)*time.Hour + time.Duration(m)*time.Minute, nil
}

// Always counts all time.
func Always() *Calendar { return &Calendar{TimeZone: "UTC", zone: time.UTC, always: true} }

// Parse reads and checks the spec of a Calendar document.
func Parse(spec json.RawMessage) (*Calendar, error) {
	c := &Calendar{}
	if err := declare.Decode(spec, c); err != nil {
		return nil, err
	}
	return c, c.prepare()
}

// prepare checks the calendar and derives what counting needs.
func (c *Calendar) prepare() error {
	var wrong []core.Detail
	add := func(field, rule string) { wrong = append(wrong, core.Detail{Field: "spec." + field, Rule: rule}) }
	zone, err := time.LoadLocation(c.TimeZone)
	if err != nil || c.TimeZone == "" || c.TimeZone == "Local" {
		add("timeZone", "must name an IANA time zone, such as Europe/Berlin or UTC")
		zone = time.UTC
	}
	c.zone = zone
	open := 0
	for name, hours := range c.Week {
		day := slices.IndexFunc(weekdays[:], func(d string) bool { return d == strings.ToLower(name) })
		if day < 0 {
			add("week."+name, "must be a day of the week in English")
			continue
		}
		if c.days[day] != nil {
			add("week."+name, "is given twice")
		}
		c.days[day] = sorted(hours)
		if overlap(c.days[day]) {
			add("week."+name, "intervals must not overlap")
		}
		open += len(hours)
	}
	if open == 0 {
		add("week", "must have hours on at least one day")
	}
	for i, h := range c.Holidays {
		if _, err := time.Parse("2006-01-02", h.Date); err != nil {
			if _, err := time.Parse("2006-01-02", "2024-"+h.Date); err != nil {
				add(fmt.Sprintf("holidays[%d].date", i), "must be YYYY-MM-DD or MM-DD")
			}
		}
		c.Holidays[i].Hours = sorted(h.Hours)
		if overlap(h.Hours) {
			add(fmt.Sprintf("holidays[%d].hours", i), "intervals must not overlap")
		}
	}
	c.always = len(c.Holidays) == 0 && !slices.ContainsFunc(c.days[:], func(h []Hours) bool {
		return len(h) != 1 || h[0] != Hours{0, 24 * time.Hour}
	})
	return core.InvalidAll(wrong)
}

var weekdays = [7]string{"sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"}

func sorted(hours []Hours) []Hours {
	out := slices.Clone(hours)
	slices.SortFunc(out, func(a, b Hours) int { return int(a.from - b.from) })
	return out
}

func overlap(hours []Hours) bool {
	for i := 1; i < len(hours); i++ {
		if hours[i].from < hours[i-1].to {
			return true
		}
	}
	return false
}

// Span is a stretch of time that counts.
type Span struct{ From, To time.Time }

// hoursOf returns the hours of a date: a holiday's of that year first, then a
// yearly one's, then the week's.
func (c *Calendar) hoursOf(date time.Time) []Hours {
	full, yearly := date.Format("2006-01-02"), date.Format("01-02")
	for _, wanted := range []string{full, yearly} {
		for _, h := range c.Holidays {
			if h.Date == wanted {
				return h.Hours
			}
		}
	}
	return c.days[date.Weekday()]
}

// spansOf returns the spans of one date in order. Date is midnight UTC of it.
// Each stretch of constant offset from UTC is looked at by itself, which is
// what makes gaps and repeated hours come out right.
func (c *Calendar) spansOf(date time.Time) []Span {
	var out []Span
	// No zone is further from UTC than 15 hours, so this window holds the whole local day.
	at, end := date.Add(-15*time.Hour), date.Add(39*time.Hour)
	for at.Before(end) {
		local := at.In(c.zone)
		_, offset := local.Zone()
		first, next := local.ZoneBounds()
		for _, h := range c.hoursOf(date) {
			s := Span{date.Add(h.from - time.Duration(offset)*time.Second), date.Add(h.to - time.Duration(offset)*time.Second)}
			if !first.IsZero() && s.From.Before(first) {
				s.From = first.UTC()
			}
			if !next.IsZero() && s.To.After(next) {
				s.To = next.UTC()
			}
			if s.From.Before(s.To) {
				out = append(out, s)
			}
		}
		if next.IsZero() {
			break
		}
		at = next.UTC()
	}
	return out
}

// localDate is midnight UTC of the date that the wall shows at t.
func (c *Calendar) localDate(t time.Time) time.Time {
	y, m, d := t.In(c.zone).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}

// Open says whether t counts.
func (c *Calendar) Open(t time.Time) bool {
	for _, s := range c.spansOf(c.localDate(t)) {
		if !t.Before(s.From) && t.Before(s.To) {
			return true
		}
	}
	return false
}

// Between returns how much of the time from a to b counts; 0 when b is not after a.
func (c *Calendar) Between(a, b time.Time) time.Duration {
	if !a.Before(b) {
		return 0
	}
	if c.always {
		return b.Sub(a)
	}
	var sum time.Duration
	last := c.localDate(b)
	for date := c.localDate(a).AddDate(0, 0, -1); !date.After(last); date = date.AddDate(0, 0, 1) {
		for _, s := range c.spansOf(date) {
			from, to := later(s.From, a), earlier(s.To, b)
			if from.Before(to) {
				sum += to.Sub(from)
			}
		}
	}
	return sum
}

// Spans returns the stretches between a and b that count, in order, none
// empty; stretches that touch are one.
func (c *Calendar) Spans(a, b time.Time) []Span {
	if !a.Before(b) {
		return nil
	}
	if c.always {
		return []Span{{a, b}}
	}
	var out []Span
	last := c.localDate(b)
	for date := c.localDate(a).AddDate(0, 0, -1); !date.After(last); date = date.AddDate(0, 0, 1) {
		for _, s := range c.spansOf(date) {
			from, to := later(s.From, a), earlier(s.To, b)
			switch {
			case !from.Before(to):
			case len(out) > 0 && !out[len(out)-1].To.Before(from):
				out[len(out)-1].To = to
			default:
				out = append(out, Span{from, to})
			}
		}
	}
	return out
}

// Zone is where the wall is whose clock counts.
func (c *Calendar) Zone() *time.Location { return c.zone }

// horizon bounds the search of Add.
const horizon = 10 * 366

// Add returns the moment at which d of counting time has passed since t; the
// zero time when that is more than ten years away.
func (c *Calendar) Add(t time.Time, d time.Duration) time.Time {
	if c.always {
		return t.Add(max(d, 0))
	}
	date := c.localDate(t).AddDate(0, 0, -1)
	for range horizon {
		for _, s := range c.spansOf(date) {
			from := later(s.From, t)
			if !from.Before(s.To) {
				continue
			}
			if open := s.To.Sub(from); d > open {
				d -= open
				continue
			}
			return from.Add(max(d, 0))
		}
		date = date.AddDate(0, 0, 1)
	}
	return time.Time{}
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
