package events

import (
	"fmt"
	"strings"

	"mainstay/internal/events/reports"
)

const textNoise = 15

// Text is the report in words, for a mail; address is where the console is.
func (r *Report) Text(address string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "Alerts and situations, %s to %s\n\n", r.From.Format("2 January 2006"), r.To.Format("2 January 2006"))
	before := r.Before
	if before == nil {
		before = &ReportBefore{}
	}
	count := func(name string, now, then int64) { fmt.Fprintf(&b, "  %-22s %8d   (before: %d)\n", name, now, then) }
	count("Alerts", r.Alerts.Alerts, before.Alerts.Alerts)
	count("  acted on", r.Alerts.Acted, before.Alerts.Acted)
	count("  over at once", r.Alerts.Short, before.Alerts.Short)
	count("Situations", int64(r.Times.Situations), int64(before.Times.Situations))
	span := func(name string, now, then reports.Spans) {
		fmt.Fprintf(&b, "  %-22s %8s   p90 %s (before: %s, p90 %s)\n", name, median(now), p90(now), median(then), p90(then))
	}
	span("To acknowledge", r.Times.Acknowledge, before.Times.Acknowledge)
	span("To the root cause", r.Times.RootCause, before.Times.RootCause)
	span("To the end", r.Times.Resolve, before.Times.Resolve)

	fmt.Fprintf(&b, "\nNoise\n\n  %s\n\n", r.Rule)
	if len(r.Noise) == 0 {
		b.WriteString("  There was none.\n")
	}
	for i := range r.Noise[:min(len(r.Noise), textNoise)] {
		n := &r.Noise[i]
		where := n.ItemName
		if where == "" {
			where = n.Source
		}
		fmt.Fprintf(&b, "  %d. %s (%s): %s. Opened %d times, %d without anybody acting.\n", i+1, flat(n.Title), flat(where), n.Problem, n.Episodes, n.Unneeded)
		for _, p := range n.Proposals {
			fmt.Fprintf(&b, "     %s\n", flat(p.Text))
		}
	}
	if more := len(r.Noise) - textNoise; more > 0 {
		fmt.Fprintf(&b, "  and %d more.\n", more)
	}
	for _, g := range r.groups() {
		if len(g.list) == 0 || g.name == "Weeks" {
			continue
		}
		fmt.Fprintf(&b, "\n%s\n\n", g.name)
		for _, one := range g.list[:min(len(g.list), textNoise)] {
			name := one.Name
			if name == "" {
				name = "none"
			}
			fmt.Fprintf(&b, "  %-30s %6d situations   acknowledged %s   ended %s\n", flat(name), one.Situations, median(one.Acknowledge), median(one.Resolve))
		}
	}
	if address != "" {
		fmt.Fprintf(&b, "\nMore: %s/event-report\n", strings.TrimSuffix(address, "/"))
	}
	return b.String()
}

func median(s reports.Spans) string { return spanText(s, s.P50) }
func p90(s reports.Spans) string    { return spanText(s, s.P90) }

func spanText(s reports.Spans, value float64) string {
	if s.Count == 0 {
		return "-"
	}
	return seconds(value)
}

// flat is text that stays in its line.
func flat(text string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' {
			return ' '
		}
		return r
	}, text)
}
