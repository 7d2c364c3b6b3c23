package desk

import (
	"encoding/json"
	"testing"
	"time"

	"mainstay/internal/core"
)

// FuzzDocuments reads the documents of the desk; what is accepted is used.
func FuzzDocuments(f *testing.F) {
	for _, seed := range []string{
		`{"timeZone": "Europe/Berlin", "week": {"monday": ["08:00-12:30", "13:00-17:00"]}, "holidays": [{"date": "12-25"}, {"date": "2026-03-29", "hours": ["02:00-03:00"]}]}`,
		`{"timeZone": "Pacific/Apia", "week": {"friday": ["00:00-24:00"], "Friday": ["00:00-01:00"]}}`,
		`{"timeZone": "UTC", "week": {"sunday": ["23:00-24:00"]}, "holidays": [{"date": "02-29"}]}`,
		`{"order": 1, "calendar": "x", "warnAt": 100, "targets": {"P1": {"response": "15m", "resolution": "2562047h"}}, "condition": "incident.priority == 'P1'"}`,
		`{"order": 1, "condition": "items.exists(i, i.class == 'host' && item.attributes.a > 1)", "team": "x"}`,
		`{"condition": "services[0].name.matches('a*')", "team": "x"}`, `{"timeZone": "\u0000", "week": null}`,
	} {
		f.Add(seed)
	}
	now := time.Date(2026, 3, 28, 12, 0, 0, 0, time.UTC)
	variables := facts(&Incident{Item: "a", Title: "T"}, []Facts{{ID: "a", Class: "host"}})
	holds := func(t *testing.T, condition string) {
		var p programs
		begun := time.Now()
		_, _ = p.holds(condition, variables)
		if took := time.Since(begun); took > 2*time.Second {
			t.Errorf("%q takes %s", condition, took)
		}
	}
	f.Fuzz(func(t *testing.T, text string) {
		spec := json.RawMessage(text)
		if calendar, err := ParseCalendar(spec); accepted(t, err) {
			due := calendar.Add(now, 8*time.Hour)
			if counted := calendar.Between(now, due); !due.IsZero() && counted != 8*time.Hour {
				t.Errorf("%s: %s until %s", text, counted, due)
			}
		}
		if level, err := ParseServiceLevel(spec); accepted(t, err) {
			for _, promise := range level.Targets {
				c := Clock{State: Running, Since: now, Target: promise.Resolution, warnPercent: level.WarnAt}
				if c.plan(alwaysOpen()); c.WarnAt.After(*c.DueAt) || c.WarnAt.Before(now) {
					t.Errorf("%s: warns at %s and is due at %s", text, c.WarnAt, c.DueAt)
				}
			}
			holds(t, level.Condition)
		}
		if rule, err := ParseAssignmentRule(spec); accepted(t, err) {
			holds(t, rule.Condition)
		}
	})
}

func accepted(t *testing.T, err error) bool {
	t.Helper()
	if err != nil && core.CodeOf(err) != core.CodeInvalid {
		t.Errorf("%v", err)
	}
	return err == nil
}

// FuzzTexts reads what is written as a text of its own.
func FuzzTexts(f *testing.F) {
	for _, seed := range []string{"P1", "INC-7", "7", "-1", "1h30m", "08:00-24:00", "24:00-24:00", "+8:+0-9:00"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		var p Priority
		if p.UnmarshalText(text) == nil && p.String() != string(text) {
			t.Errorf("%q is %s", text, p)
		}
		var h, again Hours
		if h.UnmarshalText(text) == nil {
			if written, err := h.MarshalText(); err != nil || again.UnmarshalText(written) != nil || again != h {
				t.Errorf("%q is %v, then %v", text, h, again)
			}
		}
		var d, same Duration
		if d.UnmarshalText(text) == nil && (same.UnmarshalText([]byte(d.String())) != nil || same != d) {
			t.Errorf("%q is %s", text, d)
		}
		var n Number
		if n.UnmarshalText(text) == nil && n < 0 {
			t.Errorf("%q is %d", text, n)
		}
	})
}
