package reportmail

import (
	"maps"
	"slices"
	"strings"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/mail"
)

// Spec is what a ReportMail says.
type Spec struct {
	Report   string   `json:"report" doc:"events (alerts, noise, how long people took) or capacity" example:"events"`
	Every    string   `json:"every" enum:"week,month" doc:"On Mondays, or on the first of the month, about the week or month that has ended"`
	At       string   `json:"at,omitempty" pattern:"^[0-2][0-9]:[0-5][0-9]$" doc:"07:00 when absent" example:"07:00"`
	Zone     string   `json:"zone,omitempty" doc:"Time zone of that; UTC when absent" example:"Europe/Berlin"`
	To       []string `json:"to" minItems:"1" maxItems:"50" doc:"Mail addresses" example:"[\"ops@example.com\"]"`
	Disabled bool     `json:"disabled,omitempty"`
}

const usualTime = "07:00"

func (s Spec) validate(sources map[string]Source) error {
	var bad []core.Detail
	fail := func(ok bool, field, rule string) {
		if !ok {
			bad = append(bad, core.Detail{Field: "spec." + field, Rule: rule})
		}
	}
	_, known := sources[s.Report]
	fail(known, "report", "must be a report that there is: "+strings.Join(slices.Sorted(maps.Keys(sources)), ", "))
	fail(s.Every == "week" || s.Every == "month", "every", "must be week or month")
	_, err := time.Parse("15:04", s.at())
	fail(err == nil, "at", "must be a time of the day such as 07:00")
	_, err = time.LoadLocation(s.Zone)
	fail(err == nil && s.Zone != "Local", "zone", "must be a time zone such as Europe/Berlin")
	fail(len(s.To) > 0 && len(s.To) <= 50, "to", "must be 1 to 50 mail addresses")
	seen := map[string]bool{}
	for _, to := range s.To {
		_, err := mail.Address(to)
		fail(err == nil, "to", "must be mail addresses such as ops@example.com; "+to+" is none")
		fail(!seen[to], "to", "must name "+to+" once")
		seen[to] = true
	}
	return core.InvalidAll(bad)
}

func (s Spec) at() string {
	if s.At == "" {
		return usualTime
	}
	return s.At
}

// next is the first moment after a time at which it is due. The specification
// has been checked.
func (s Spec) next(after time.Time) time.Time {
	zone, err := time.LoadLocation(s.Zone)
	if err != nil {
		zone = time.UTC
	}
	of, _ := time.Parse("15:04", s.at())
	local := after.In(zone)
	for day := 0; ; day++ {
		at := time.Date(local.Year(), local.Month(), local.Day()+day, of.Hour(), of.Minute(), 0, 0, zone)
		if at.After(after) && (s.Every == "week" && at.Weekday() == time.Monday || s.Every == "month" && at.Day() == 1) {
			return at
		}
	}
}

// period is the time that a mail is about which is due at a moment: the whole
// week or month before.
func (s Spec) period(due time.Time) (from, to time.Time) {
	zone, err := time.LoadLocation(s.Zone)
	if err != nil {
		zone = time.UTC
	}
	local := due.In(zone)
	if s.Every == "month" {
		to = time.Date(local.Year(), local.Month(), 1, 0, 0, 0, 0, zone)
		return to.AddDate(0, -1, 0), to
	}
	to = time.Date(local.Year(), local.Month(), local.Day()-(int(local.Weekday())+6)%7, 0, 0, 0, 0, zone)
	return to.AddDate(0, 0, -7), to
}
