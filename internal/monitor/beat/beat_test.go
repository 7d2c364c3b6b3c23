package beat

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"mainstay/internal/platform/probe"
)

func TestBeatsTable(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile("testdata/beats.txt")
	if err != nil {
		t.Fatal(err)
	}
	var h Heartbeat
	for n, line := range strings.Split(string(raw), "\n") {
		switch {
		case strings.HasPrefix(line, "#"), strings.TrimSpace(line) == "":
			continue
		case strings.HasPrefix(line, "every"), strings.HasPrefix(line, "cron"):
			h = heartbeatOf(t, line)
			continue
		}
		left, want, _ := strings.Cut(line, "=")
		last, gap, ok := moment(left), []Gap(nil), false
		if from, to, found := strings.Cut(strings.TrimSpace(left)[8:], ".."); found {
			gap, ok = []Gap{{moment(from), moment(to)}}, true
		}
		deadline, expected := h.Deadline(last, gap)
		if got := show(expected) + ", " + show(deadline); got != strings.TrimSpace(want) {
			t.Errorf("line %d (gap %v): %s, not %s", n+1, ok, got, strings.TrimSpace(want))
		}
	}
}

func heartbeatOf(t *testing.T, line string) (h Heartbeat) {
	t.Helper()
	line, h.TimeZone, _ = strings.Cut(line, " zone ")
	line, grace, _ := strings.Cut(line, " grace ")
	h.Cron, _ = strings.CutPrefix(line, "cron ")
	if every, ok := strings.CutPrefix(line, "every "); ok {
		h.Cron = ""
		_ = h.Every.UnmarshalText([]byte(every))
	}
	_ = h.Grace.UnmarshalText([]byte(grace))
	if bad := h.Validate(""); len(bad) > 0 {
		t.Fatalf("%s: %v", line, bad)
	}
	return h
}

func moment(text string) time.Time {
	var day, hour, minute int
	_, _ = fmt.Sscanf(strings.TrimSpace(text), "%d %d:%d", &day, &hour, &minute)
	return time.Date(2026, 11, day, hour, minute, 0, 0, time.UTC)
}

func show(t time.Time) string { return t.Format("02 15:04") }

func TestAnAbsenceGivesResultsTheWholeTimeAgain(t *testing.T) {
	t.Parallel()
	p := Passive{StaleAfter: probe.Duration(10 * time.Minute)}
	last := moment("27 01:00")
	if got := show(p.Deadline(last, nil)); got != "27 01:10" {
		t.Error(got)
	}
	if got := show(p.Deadline(last, []Gap{{moment("27 01:05"), moment("27 04:00")}})); got != "27 04:10" {
		t.Error(got)
	}
	if got := (&Passive{}).Deadline(last, nil); !got.IsZero() {
		t.Error(got)
	}
}

func TestFaultsNameTheirFields(t *testing.T) {
	t.Parallel()
	for field, h := range map[string]Heartbeat{
		"every":    {},
		"cron":     {Cron: "every day"},
		"timeZone": {Cron: "0 2 * * *", TimeZone: "Mars/Base"},
		"grace":    {Every: probe.Duration(time.Hour), Grace: -1},
	} {
		if bad := h.Validate(""); len(bad) != 1 || bad[0].Field != field {
			t.Errorf("%s: %v", field, bad)
		}
	}
	never := Heartbeat{Cron: "0 0 31 2 *"}
	if bad := never.Validate(""); len(bad) != 1 || bad[0].Field != "cron" {
		t.Errorf("%v", bad)
	}
}

// FuzzCron: whatever a person writes, the next time lies ahead.
func FuzzCron(f *testing.F) {
	for _, s := range []string{"0 2 * * *", "@daily", "*/5 * * * 1-5", "0 0 31 2 *", "L * * * *", "@every 1s"} {
		f.Add(s, int64(1_790_000_000))
	}
	f.Fuzz(func(t *testing.T, text string, at int64) {
		h := Heartbeat{Cron: text}
		if len(text) > 200 || at < 0 || at > 4_000_000_000 || len(h.Validate("")) > 0 {
			return
		}
		last := time.Unix(at, 0)
		if next := h.Expected(last); next.Before(last) && !next.IsZero() {
			t.Errorf("%q: %v after %v", text, next, last)
		}
	})
}
