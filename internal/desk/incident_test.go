package desk

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"mainstay/internal/core"
)

func TestTransitions(t *testing.T) {
	t.Parallel()
	content, err := os.ReadFile("testdata/transitions.txt")
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for n, line := range strings.Split(string(content), "\n") {
		words := strings.Fields(line)
		if len(words) == 0 || words[0] == "#" {
			continue
		}
		from, hasOwner := State(words[0]), words[1] == "owned"
		if hasOwner {
			words = words[1:]
		}
		action, part, want := Action(words[1]), Part(words[3]), words[5]
		seen[fmt.Sprint(from, action, part)] = true
		to, err := Next(from, action, part, hasOwner)
		got := string(to)
		switch core.CodeOf(err) {
		case core.CodeForbidden:
			got = "forbidden"
		case core.CodeConflict:
			got = "impossible"
		}
		if got != want {
			t.Errorf("line %d: %s: got %s", n+1, line, got)
		}
	}
	for _, r := range rules() {
		for _, from := range r.from {
			for _, part := range r.parts {
				if part == Staff && !seen[fmt.Sprint(from, r.action, part)] {
					t.Errorf("no case for %s in %s by %s", r.action, from, part)
				}
			}
		}
	}
}

func TestPriorityMatrix(t *testing.T) {
	t.Parallel()
	levels, want := []Level{High, Medium, Low}, [][]string{{"P1", "P2", "P3"}, {"P2", "P3", "P4"}, {"P3", "P4", "P5"}}
	for i, impact := range levels {
		for u, urgency := range levels {
			if got := PriorityOf(impact, urgency).String(); got != want[i][u] {
				t.Errorf("impact %s, urgency %s: %s", impact, urgency, got)
			}
		}
	}
	if ImpactOf(nil) != Low || ImpactOf([]Service{{}}) != Medium || ImpactOf([]Service{{Criticality: High}}) != High || ImpactOf(make([]Service, 3)) != High {
		t.Error("impact of services")
	}
	if UrgencyOf(core.Critical) != High || UrgencyOf(core.Major) != Medium || UrgencyOf(core.Minor) != Medium || UrgencyOf(core.Warning) != Low {
		t.Error("urgency of severities")
	}
}

func TestNumberAndPriorityAsText(t *testing.T) {
	t.Parallel()
	out, err := json.Marshal(Incident{Number: 123, Priority: 2})
	if err != nil || !strings.Contains(string(out), `"number":"INC-000123"`) || !strings.Contains(string(out), `"priority":"P2"`) {
		t.Fatalf("%s, %v", out, err)
	}
	var back Incident
	if err := json.Unmarshal(out, &back); err != nil || back.Number != 123 || back.Priority != 2 {
		t.Fatalf("%+v, %v", back, err)
	}
	for _, bad := range []string{"", "INC-", "INC-x", "-3", "REQ-1"} {
		if new(Number).UnmarshalText([]byte(bad)) == nil {
			t.Errorf("%q is taken for a number", bad)
		}
	}
}
