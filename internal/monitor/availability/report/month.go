package report

import (
	"fmt"
	"math"
	"time"

	"mainstay/internal/monitor/availability/figures"
)

// Month is what a file shows.
type Month struct {
	Month string // YYYY-MM
	Made  time.Time
	Items []Item
}

// Item is one item in the month.
type Item struct {
	Name, Class, Target, Calendar string
	Zone                          *time.Location
	From, To                      time.Time
	Figures                       figures.Figures
	Days                          []figures.Day
	Timeline                      []figures.Interval
	Outages                       []Outage // newest first
}

// Outage is one with the names of what is known of it.
type Outage struct {
	figures.Outage
	Causes    []string
	Incidents []string
}

// percent never rounds up to a target that was missed: 99.99951 is 99.999.
func percent(p *float64) string {
	if p == nil {
		return "unknown"
	}
	return fmt.Sprintf("%.3f %%", math.Floor(*p*1000)/1000)
}

// length writes seconds for people: 1 h 05 min.
func length(s figures.Seconds) string {
	sign := ""
	if s < 0 {
		sign, s = "-", -s
	}
	total := int64(math.Round(float64(s)))
	switch h, m, sec := total/3600, total/60%60, total%60; {
	case h >= 48:
		return fmt.Sprintf("%s%d d %d h", sign, h/24, h%24)
	case h > 0:
		return fmt.Sprintf("%s%d h %02d min", sign, h, m)
	case m > 0 && sec > 0:
		return fmt.Sprintf("%s%d min %d s", sign, m, sec)
	case m > 0:
		return fmt.Sprintf("%s%d min", sign, m)
	default:
		return fmt.Sprintf("%s%d s", sign, sec)
	}
}

func optional(s *figures.Seconds) string {
	if s == nil {
		return "-"
	}
	return length(*s)
}

func (i Item) met() string {
	switch {
	case i.Figures.Met == nil:
		return "-"
	case *i.Figures.Met:
		return "met"
	}
	return "missed"
}

func (m Month) title() string {
	at, err := time.Parse("2006-01", m.Month)
	if err != nil {
		return m.Month
	}
	return at.Format("January 2006")
}
