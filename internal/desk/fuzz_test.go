package desk

import (
	"encoding/json"
	"testing"
)

func FuzzDocuments(f *testing.F) {
	f.Add(`{"zone": "Europe/Berlin", "hours": {"monday": ["08:00-17:00"]}}`)
	f.Add(`{"targets": {"P1": {"response": "15m"}}, "calendar": "x"}`)
	f.Add(`{"order": 1, "when": ["class=host"], "team": "x"}`)
	f.Add(`{"zone": "\u0000", "hours": null}`)
	f.Fuzz(func(t *testing.T, text string) {
		spec := json.RawMessage(text)
		if calendar, err := ParseCalendar(spec); err == nil && calendar == nil {
			t.Error("a calendar that is none")
		}
		if level, err := ParseServiceLevel(spec); err == nil && level == nil {
			t.Error("a service level that is none")
		}
		if rule, err := ParseAssignmentRule(spec); err == nil && rule == nil {
			t.Error("a rule that is none")
		}
	})
}
