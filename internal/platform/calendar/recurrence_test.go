package calendar

import (
	"os"
	"strings"
	"testing"
	"time"
)

const onTheWall = "2006-01-02T15:04"

func TestRecurrences(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("testdata/recurrence.txt")
	if err != nil {
		t.Fatal(err)
	}
	cases := strings.Split(string(text), "\n== ")[1:]
	for _, one := range cases {
		lines := strings.Split(strings.TrimSpace(one), "\n")
		t.Run(lines[0], func(t *testing.T) {
			t.Parallel()
			if len(lines) != 3 {
				t.Fatalf("%d lines", len(lines))
			}
			rule, rest, _ := strings.Cut(lines[1], " from ")
			from, name, _ := strings.Cut(rest, " in ")
			zone, err := time.LoadLocation(name)
			if err != nil {
				t.Fatal(err)
			}
			wall, err := time.Parse(onTheWall, from)
			if err != nil {
				t.Fatal(err)
			}
			if got := told(rule, Moment(wall, zone), zone, strings.Fields(lines[2])); got != lines[2] {
				t.Errorf("%s\n got %s\nwant %s", lines[1], got, lines[2])
			}
		})
	}
}

// told words what a rule gives the way the table does.
func told(rule string, start time.Time, zone *time.Location, want []string) string {
	r, err := ParseRecurrence(rule, start, zone)
	if err != nil {
		if part := strings.Join(want[1:], " "); strings.Contains(err.Error(), part) {
			return "! " + part
		}
		return "! " + err.Error()
	}
	var out []string
	for at := range r.Starts() {
		if len(out) == len(want)-1 {
			return strings.Join(append(out, "..."), " ")
		}
		out = append(out, at.In(zone).Format(onTheWall+"Z07:00"))
	}
	return strings.Join(append(out, "ends"), " ")
}

func FuzzRecurrence(f *testing.F) {
	for _, seed := range []string{"FREQ=DAILY", "RRULE:FREQ=WEEKLY;BYDAY=SU;COUNT=3", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "FREQ=MONTHLY;BYSETPOS=-1;BYDAY=FR", "FREQ=DAILY;INTERVAL=0", "UNTIL=20261101T080000Z;FREQ=DAILY", "x"} {
		f.Add(seed)
	}
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		f.Fatal(err)
	}
	start := time.Date(2026, 10, 24, 0, 30, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, text string) {
		r, err := ParseRecurrence(text, start, zone)
		if err != nil {
			return
		}
		before, n := time.Time{}, 0
		for at := range r.Starts() {
			if !at.After(before) || at.Before(start) {
				t.Fatalf("%q: %s after %s", text, at, before)
			}
			if before, n = at, n+1; n == 200 {
				return
			}
		}
	})
}
