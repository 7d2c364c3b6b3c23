package calendar

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"mainstay/internal/core"
)

// calendarFile is testdata/calendar.txt as it is read.
type calendarFile struct {
	calendars map[string]*Calendar
	cases     []string
}

func readCalendars(t *testing.T) calendarFile {
	t.Helper()
	content, err := os.ReadFile("testdata/calendar.txt")
	if err != nil {
		t.Fatal(err)
	}
	file := calendarFile{calendars: map[string]*Calendar{}}
	var current *Calendar
	for n, line := range strings.Split(string(content), "\n") {
		words := strings.Fields(line)
		switch {
		case len(words) == 0 || strings.HasPrefix(words[0], "#"):
		case words[0] == "calendar":
			current = &Calendar{TimeZone: words[2], Week: map[string][]Hours{}}
			file.calendars[words[1]] = current
		case strings.HasPrefix(line, "  holiday"):
			current.Holidays = append(current.Holidays, Holiday{Date: words[1], Hours: readHours(t, words[2:])})
		case strings.HasPrefix(line, "  "):
			for _, day := range readDays(t, words[0]) {
				current.Week[day] = readHours(t, words[1:])
			}
		default:
			file.cases = append(file.cases, fmt.Sprintf("%d %s", n+1, line))
		}
	}
	for name, c := range file.calendars {
		if err := c.prepare(); err != nil {
			t.Fatal(name, err)
		}
	}
	return file
}

func readHours(t *testing.T, words []string) (out []Hours) {
	t.Helper()
	for _, word := range words {
		var h Hours
		if err := h.UnmarshalText([]byte(word)); err != nil {
			t.Fatal(err)
		}
		out = append(out, h)
	}
	return out
}

func readDays(t *testing.T, word string) (out []string) {
	t.Helper()
	from, to, found := strings.Cut(word, "-")
	if !found {
		to = from
	}
	index := func(short string) int {
		return slices.IndexFunc(weekdays[:], func(d string) bool { return strings.HasPrefix(d, short) })
	}
	for i := index(from); ; i = (i + 1) % 7 {
		if out = append(out, weekdays[i]); i == index(to) {
			return out
		}
	}
}

func TestCalendar(t *testing.T) {
	t.Parallel()
	file := readCalendars(t)
	moment := func(text string) time.Time {
		at, err := time.Parse(time.RFC3339, text)
		if err != nil {
			t.Fatal(err)
		}
		return at
	}
	for _, line := range file.cases {
		words := strings.Fields(line)
		number, verb, c, want := words[0], words[1], file.calendars[words[2]], words[len(words)-1]
		switch verb {
		case "between":
			expected, err := time.ParseDuration(want)
			if err != nil {
				t.Fatal(line, err)
			}
			if got := c.Between(moment(words[3]), moment(words[4])); got != expected {
				t.Errorf("line %s: %s: got %s", number, line, got)
			}
			var sum time.Duration
			for _, s := range c.Spans(moment(words[3]), moment(words[4])) {
				sum += s.To.Sub(s.From)
			}
			if sum != max(expected, 0) {
				t.Errorf("line %s: %s: the spans are %s", number, line, sum)
			}
		case "add":
			d, err := time.ParseDuration(words[4])
			if err != nil {
				t.Fatal(line, err)
			}
			got := c.Add(moment(words[3]), d)
			if want == "never" && got.IsZero() {
				continue
			}
			if want == "never" || !got.Equal(moment(want)) {
				t.Errorf("line %s: %s: got %s", number, line, got.In(c.zone).Format(time.RFC3339))
			}
		case "open":
			if got := c.Open(moment(words[3])); got != (want == "yes") {
				t.Errorf("line %s: %s: got %v", number, line, got)
			}
		default:
			t.Fatal(line)
		}
	}
}

// TestAddAndBetweenAgree walks every calendar through a year of odd moments.
func TestAddAndBetweenAgree(t *testing.T) {
	t.Parallel()
	for name, c := range readCalendars(t).calendars {
		at := time.Date(2026, 1, 1, 0, 7, 0, 0, time.UTC)
		for i := range 300 {
			d := time.Duration(1+i*37%600) * time.Minute
			if name == "never" {
				d = time.Duration(1+i%60) * time.Second
			}
			due := c.Add(at, d)
			if got := c.Between(at, due); got != d {
				t.Fatalf("%s: from %s: %s after adding %s", name, at, got, d)
			}
			at = at.Add(29*time.Hour + 13*time.Minute)
		}
	}
}

func TestCalendarThatCannotBe(t *testing.T) {
	t.Parallel()
	for spec, field := range map[string]string{
		`{"timeZone":"Mars/Olympus","week":{"monday":["08:00-12:00"]}}`:                                    "spec.timeZone",
		`{"timeZone":"UTC","week":{}}`:                                                                     "spec.week",
		`{"timeZone":"UTC","week":{"mandag":["08:00-12:00"]}}`:                                             "spec.week.mandag",
		`{"timeZone":"UTC","week":{"monday":["08:00-12:00","11:00-13:00"]}}`:                               "spec.week.monday",
		`{"timeZone":"UTC","week":{"monday":["08:00-12:00"]},"holidays":[{"date":"31.12."}]}`:              "spec.holidays[0].date",
		`{"timeZone":"UTC","week":{"monday":["12:00-08:00"]}}`:                                             "spec",
		`{"timeZone":"UTC","week":{"monday":["08:00-12:00"]},"zone":"UTC"}`:                                "spec.zone",
		`{"timeZone":"UTC","week":{"monday":["08:00-12:00"]},"holidays":[{"date":"02-29","hours":["x"]}]}`: "spec",
	} {
		_, err := Parse(json.RawMessage(spec))
		var invalid *core.Error
		if !errors.As(err, &invalid) || invalid.Details[0].Field != field {
			t.Errorf("%s: %v", spec, err)
		}
	}
}

func BenchmarkCalendarAdd(b *testing.B) {
	c := &Calendar{TimeZone: "Europe/Berlin", Week: map[string][]Hours{"monday": {{8 * time.Hour, 17 * time.Hour}}, "friday": {{8 * time.Hour, 17 * time.Hour}}}}
	if err := c.prepare(); err != nil {
		b.Fatal(err)
	}
	at := time.Date(2026, 3, 27, 9, 0, 0, 0, time.UTC)
	for b.Loop() {
		c.Add(at, 8*time.Hour)
	}
}
