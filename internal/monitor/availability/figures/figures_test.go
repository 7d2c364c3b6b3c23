package figures

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"mainstay/internal/platform/calendar"
)

// table is one paragraph of figures.txt.
type table struct {
	name        string
	period      Period
	terms       Terms
	intervals   []Interval
	maintenance []Span
	want        [][]string
	outages     []string
}

func moment(t *testing.T, text string) time.Time {
	t.Helper()
	if text == "open" {
		return time.Time{}
	}
	at, err := time.Parse("2006-01-02T15:04Z07:00", text)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

var week = []string{"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"}

func hours(t *testing.T, words []string) func(from, to time.Time) []Span {
	t.Helper()
	first, last, ranged := strings.Cut(words[1], "-")
	if !ranged {
		last = first
	}
	days := map[string][]string{}
	for _, day := range week[slices.Index(week, first) : slices.Index(week, last)+1] {
		days[day] = words[2:]
	}
	spec, _ := json.Marshal(map[string]any{"timeZone": words[0], "week": days})
	c, err := calendar.Parse(spec)
	if err != nil {
		t.Fatal(err)
	}
	return func(from, to time.Time) (out []Span) {
		for _, s := range c.Spans(from, to) {
			out = append(out, Span(s))
		}
		return out
	}
}

func read(t *testing.T) (out []*table) {
	t.Helper()
	text, err := os.ReadFile("testdata/figures.txt")
	if err != nil {
		t.Fatal(err)
	}
	var c *table
	for _, line := range strings.Split(string(text), "\n") {
		words := strings.Fields(line)
		if len(words) == 0 || strings.HasPrefix(line, "#") {
			continue
		}
		switch words[0] {
		case "case":
			c = &table{name: strings.TrimPrefix(line, "case ")}
			out = append(out, c)
		case "period":
			c.period = Period{From: moment(t, words[1]), To: moment(t, words[2])}
			c.period.Now = c.period.To.AddDate(1, 0, 0)
			if len(words) > 3 {
				c.period.Now = moment(t, words[4])
			}
		case "hours":
			c.terms.Hours = hours(t, words[1:])
		case "target":
			fmt.Sscan(words[1], &c.terms.Target)
		case "count":
			switch words[1] {
			case "maintenance":
				c.terms.IncludeMaintenance = true
			case "unknown":
				c.terms.Unknown = Counting(words[3])
			case "degraded":
				c.terms.Degraded = Counting(words[3])
			}
		case "maintenance":
			c.maintenance = append(c.maintenance, Span{moment(t, words[1]), moment(t, words[2])})
		case "want":
			c.want = append(c.want, words[1:])
		case "outage":
			c.outages = append(c.outages, strings.Join(words[1:], " "))
		default:
			c.intervals = append(c.intervals, Interval{moment(t, words[1]), moment(t, words[2]), State(words[0]), words[3:]})
		}
	}
	return out
}

func TestFigures(t *testing.T) {
	t.Parallel()
	cases := read(t)
	if len(cases) < 25 {
		t.Fatalf("only %d cases", len(cases))
	}
	for _, c := range cases {
		f, outages := Calculate(c.period, c.intervals, c.maintenance, c.terms)
		for _, want := range c.want {
			if got := f.show(want[0]); !agrees(t, want[0], got, want[1]) {
				t.Errorf("%s: %s is %v, want %s", c.name, want[0], got, want[1])
			}
		}
		if sum := f.Up + f.Degraded + f.Down + f.Unknown + f.Maintenance; math.Abs(float64(sum-f.Agreed)) > 1e-3 {
			t.Errorf("%s: the parts sum up to %v of %v", c.name, sum, f.Agreed)
		}
		if len(c.outages) > 0 {
			var got []string
			for _, o := range outages {
				got = append(got, o.show())
			}
			if strings.Join(got, "\n") != strings.Join(c.outages, "\n") {
				t.Errorf("%s: outages\n%s\nwant\n%s", c.name, strings.Join(got, "\n"), strings.Join(c.outages, "\n"))
			}
		}
		days(t, c, f)
	}
}

// days checks that the days of a period add up to it.
func days(t *testing.T, c *table, f Figures) {
	t.Helper()
	var down Seconds
	for _, d := range Days(c.period, time.UTC, c.intervals, c.maintenance, c.terms) {
		down += d.Down
		if d.Down > 0 && d.Worst != Down {
			t.Errorf("%s: %+v", c.name, d)
		}
	}
	if math.Abs(float64(down-f.Down)) > 1e-3 {
		t.Errorf("%s: the days have %v down, the period %v", c.name, down, f.Down)
	}
}

func (o Outage) show() string {
	to := "open"
	if !o.To.IsZero() {
		to = o.To.Format("2006-01-02T15:04Z07:00")
	}
	return strings.Join(append([]string{o.From.Format("2006-01-02T15:04Z07:00"), to, short(o.Lasted)}, o.Cause...), " ")
}

func short(s Seconds) string {
	text := s.Std().String()
	for _, tail := range []string{"0s", "0m"} {
		if cut, ok := strings.CutSuffix(text, tail); ok && strings.HasSuffix(cut, map[string]string{"0s": "m", "0m": "h"}[tail]) {
			text = cut
		}
	}
	return text
}

func (f Figures) show(name string) any {
	optional := func(s *Seconds) any {
		if s == nil {
			return "none"
		}
		return *s
	}
	switch name {
	case "availability":
		if f.Availability == nil {
			return "none"
		}
		return *f.Availability
	case "met":
		if f.Met == nil {
			return "none"
		}
		return map[bool]string{true: "yes", false: "no"}[*f.Met]
	case "outages":
		return fmt.Sprint(f.Outages)
	case "mttr":
		return optional(f.MTTR)
	case "mtbf":
		return optional(f.MTBF)
	}
	return map[string]Seconds{"agreed": f.Agreed, "up": f.Up, "down": f.Down, "degraded": f.Degraded, "unknown": f.Unknown,
		"maintenance": f.Maintenance, "budget": f.Budget, "left": f.BudgetLeft, "longest": f.Longest}[name]
}

func agrees(t *testing.T, name string, got any, want string) bool {
	t.Helper()
	switch got := got.(type) {
	case string:
		return got == want
	case float64:
		var expected float64
		fmt.Sscan(want, &expected)
		return want != "none" && math.Abs(got-expected) < 1e-6
	case Seconds:
		expected, err := time.ParseDuration(want)
		if err != nil {
			return false
		}
		return math.Abs(float64(got)-expected.Seconds()) < 1e-3
	}
	t.Fatal(name)
	return false
}

func TestCombine(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("testdata/combine.txt")
	if err != nil {
		t.Fatal(err)
	}
	state := func(text string) State {
		if text == "none" {
			return None
		}
		return State(text)
	}
	for _, line := range strings.Split(string(text), "\n") {
		parts := strings.Split(line, "|")
		if len(parts) != 4 || strings.HasPrefix(line, "#") {
			continue
		}
		var needs []Need
		for _, part := range strings.Split(parts[1], ";") {
			number, items, _ := strings.Cut(part, ":")
			n := Need{Items: strings.Fields(items)}
			fmt.Sscan(number, &n.Require)
			needs = append(needs, n)
		}
		states := map[string]State{}
		for _, word := range strings.Fields(parts[2]) {
			name, is, _ := strings.Cut(word, "=")
			states[name] = state(is)
		}
		want := strings.Fields(parts[3])
		got, cause := Combine(state(strings.Fields(parts[0])[1]), needs, func(item string) State { return states[item] })
		if got != state(want[0]) || !slices.Equal(cause, want[1:]) && len(cause)+len(want) > 1 {
			t.Errorf("%s: %s %v", line, got, cause)
		}
	}
}

// BenchmarkCountYear counts a year of an item that failed every hour, in office hours.
func BenchmarkCountYear(b *testing.B) {
	from := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	var intervals []Interval
	for at := from; at.Year() == 2026; at = at.Add(time.Hour) {
		intervals = append(intervals, Interval{From: at, To: at.Add(50 * time.Minute), State: Up}, Interval{From: at.Add(50 * time.Minute), To: at.Add(time.Hour), State: Down})
	}
	p := Period{from, from.AddDate(1, 0, 0), from.AddDate(1, 0, 0)}
	for b.Loop() {
		Calculate(p, intervals, nil, Terms{Target: 99.9})
	}
	b.ReportMetric(float64(len(intervals)), "intervals/op")
}
