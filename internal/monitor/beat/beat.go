// Package beat tells when something that should report by itself is overdue:
// a job that pings (a heartbeat) or a result that others push. It knows the
// times at which nobody listened, and holds nobody to account for those. It is
// made of pure functions.
package beat

import (
	"time"

	"github.com/netresearch/go-cron"

	"mainstay/internal/core"
	"mainstay/internal/platform/probe"
)

// Heartbeat says when pings are expected.
type Heartbeat struct {
	Every    probe.Duration `json:"every,omitempty" pattern:"^([0-9]+([.][0-9]+)?(ns|us|µs|ms|s|m|h))+$" patternDescription:"a duration such as 30s or 5m" doc:"how long from one ping to the next; or give cron"`
	Cron     string         `json:"cron,omitempty" maxLength:"200" doc:"when the job runs, as in its crontab: 0 2 * * *; or give every"`
	TimeZone string         `json:"timeZone,omitempty" maxLength:"60" doc:"IANA zone of cron; UTC when left out"`
	Grace    probe.Duration `json:"grace,omitempty" pattern:"^([0-9]+([.][0-9]+)?(ns|us|µs|ms|s|m|h))+$" patternDescription:"a duration such as 30s or 5m" doc:"how much later a ping may come; 5m when left out"`
	MaxRun   probe.Duration `json:"maxRun,omitempty" pattern:"^([0-9]+([.][0-9]+)?(ns|us|µs|ms|s|m|h))+$" patternDescription:"a duration such as 30s or 5m" doc:"how long a job may run from /start to its end; without limit when left out"`
}

// Passive says how long a pushed result is believed.
type Passive struct {
	StaleAfter  probe.Duration `json:"staleAfter,omitempty" pattern:"^([0-9]+([.][0-9]+)?(ns|us|µs|ms|s|m|h))+$" patternDescription:"a duration such as 30s or 5m" doc:"without a new result for so long the check is stale; never when left out"`
	StaleStatus *probe.State   `json:"staleStatus,omitempty" doc:"what a stale check is: unknown when left out"`
}

const (
	defaultGrace = 5 * time.Minute
	// searched bounds how many expected pings an absence may excuse at once.
	searched = 100_000
)

// Gap is a time in which nobody listened: the server was down, asleep, or its
// clock jumped.
type Gap struct{ From, To time.Time }

func (g Gap) touches(from, to time.Time) bool { return g.From.Before(to) && from.Before(g.To) }

// Validate returns what is wrong, each with its field below prefix.
func (h *Heartbeat) Validate(prefix string) (bad []core.Detail) {
	check := func(ok bool, field, rule string) {
		if !ok {
			bad = append(bad, core.Detail{Field: prefix + field, Rule: rule})
		}
	}
	check((h.Every != 0) != (h.Cron != ""), "every", "exactly one of every and cron must be given")
	check(h.Every == 0 || h.Every.Std() >= time.Second && h.Every.Std() <= 366*24*time.Hour, "every", "must be between 1s and 366 days")
	check(h.Grace >= 0 && h.Grace.Std() <= 31*24*time.Hour, "grace", "must be between 0s and 31 days")
	check(h.MaxRun >= 0 && h.MaxRun.Std() <= 31*24*time.Hour, "maxRun", "must be between 0s and 31 days")
	check(h.TimeZone == "" || h.Cron != "", "timeZone", "belongs to cron")
	if _, err := time.LoadLocation(h.TimeZone); err != nil || h.TimeZone == "Local" {
		check(false, "timeZone", "is not a known time zone")
	} else if h.Cron != "" {
		s, err := h.schedule()
		check(err == nil, "cron", "must have five fields, as in a crontab: minute hour day month weekday")
		check(err != nil || !s.Next(time.Unix(0, 0)).IsZero(), "cron", "never happens")
	}
	return bad
}

func (h *Heartbeat) schedule() (cron.Schedule, error) {
	zone := h.TimeZone
	if zone == "" {
		zone = "UTC"
	}
	return cron.ParseStandard("CRON_TZ=" + zone + " " + h.Cron)
}

// GraceTime is how much later than expected a ping may come.
func (h *Heartbeat) GraceTime() time.Duration {
	if h.Grace == 0 {
		return defaultGrace
	}
	return h.Grace.Std()
}

// Expected is when the ping after the one at last is expected.
func (h *Heartbeat) Expected(last time.Time) time.Time {
	if h.Cron == "" {
		return last.Add(h.Every.Std())
	}
	s, err := h.schedule()
	if err != nil {
		return last.Add(24 * time.Hour)
	}
	next := s.Next(last)
	// A job whose clock is a little ahead pings just before its time; that ping
	// is the one of this time, not one too many.
	early := min(h.GraceTime(), s.Next(next).Sub(next)/10, time.Minute)
	if next.Sub(last) < early {
		next = s.Next(next)
	}
	return next.UTC()
}

// Deadline is when the ping after the one at last is overdue, and when it was
// expected. Pings that were expected while nobody listened are excused: their
// turn is skipped.
func (h *Heartbeat) Deadline(last time.Time, gaps []Gap) (deadline, expected time.Time) {
	grace := h.GraceTime()
	expected = h.Expected(last)
	for range searched {
		excused := false
		for _, g := range gaps {
			if g.touches(expected.Add(-grace), expected.Add(grace)) && g.To.After(last) {
				excused = true
			}
		}
		if !excused {
			break
		}
		expected = h.Expected(expected)
	}
	return expected.Add(grace), expected
}

// Overrun is when a job that began at begun runs too long; zero when it may
// run for ever. Time in which nobody listened is not counted.
func (h *Heartbeat) Overrun(begun time.Time, gaps []Gap) time.Time {
	if h.MaxRun == 0 || begun.IsZero() {
		return time.Time{}
	}
	end := begun.Add(h.MaxRun.Std())
	for _, g := range gaps {
		if g.touches(begun, end) {
			end = later(end, g.To.Add(h.GraceTime()))
		}
	}
	return end
}

// Validate returns what is wrong, each with its field below prefix.
func (p *Passive) Validate(prefix string) (bad []core.Detail) {
	if p.StaleAfter != 0 && (p.StaleAfter.Std() < time.Second || p.StaleAfter.Std() > 366*24*time.Hour) {
		bad = append(bad, core.Detail{Field: prefix + "staleAfter", Rule: "must be between 1s and 366 days"})
	}
	if p.StaleStatus != nil && *p.StaleStatus == probe.OK {
		bad = append(bad, core.Detail{Field: prefix + "staleStatus", Rule: "must be warning, critical or unknown"})
	}
	return bad
}

// Stale is the state of a result that is no longer believed.
func (p *Passive) Stale() probe.State {
	if p.StaleStatus == nil {
		return probe.Unknown
	}
	return *p.StaleStatus
}

// Deadline is when the result of last is no longer believed; zero for never.
// After an absence everybody has the whole time again.
func (p *Passive) Deadline(last time.Time, gaps []Gap) time.Time {
	if p.StaleAfter == 0 {
		return time.Time{}
	}
	deadline := last.Add(p.StaleAfter.Std())
	for _, g := range gaps {
		if g.touches(last, deadline) {
			deadline = later(deadline, g.To.Add(p.StaleAfter.Std()))
		}
	}
	return deadline
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
