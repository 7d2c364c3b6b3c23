package health

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"
)

func at(t *testing.T, text string) time.Time {
	t.Helper()
	if text == "..." {
		return time.Time{}
	}
	when, err := time.Parse("2006-01-02T15:04", "2026-11-"+text)
	if err != nil {
		t.Fatal(err)
	}
	return when
}

func TestCount(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("testdata/history.txt")
	if err != nil {
		t.Fatal(err)
	}
	cases := 0
	for part := range strings.SplitSeq(string(text), "\n\n") {
		var name, want string
		var from, to, now time.Time
		var intervals []Interval
		for line := range strings.Lines(part) {
			words := strings.Fields(line)
			switch {
			case len(words) == 0 || words[0] == "#":
			case words[0] == "case:":
				name = strings.Join(words[1:], " ")
			case words[0] == "=":
				want = strings.Join(words[1:], " ")
			case words[0] == "span":
				from, to, now = at(t, words[1]), at(t, words[2]), at(t, "28T00:00")
				if len(words) == 5 {
					now = at(t, words[4])
				}
			default:
				intervals = append(intervals, Interval{From: at(t, words[0]), To: at(t, words[1]), State: State(words[2])})
			}
		}
		if name == "" {
			continue
		}
		cases++
		f := Count(intervals, from, to, now)
		got := "none"
		if f.Availability != nil {
			got = fmt.Sprintf("%v", *f.Availability)
		}
		got += fmt.Sprintf(", %d outage", f.Outages)
		if f.Outages != 1 {
			got += "s"
		}
		for _, s := range []State{OK, Degraded, Planned, Unknown, Down} {
			if m := f.Minutes[s]; m > 0 {
				got += fmt.Sprintf(", %s %v", s, m)
			}
		}
		if got != want {
			t.Errorf("%s:\n%s\nwant\n%s", name, got, want)
		}
	}
	if cases < 10 {
		t.Fatalf("only %d cases were read", cases)
	}
}
