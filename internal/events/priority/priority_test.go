package priority

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"

	"mainstay/internal/core"
)

func reachOf(t *testing.T, text string) (r Reach) {
	t.Helper()
	for word := range strings.FieldsSeq(text) {
		name, value, _ := strings.Cut(word, "=")
		n, err := strconv.Atoi(value)
		if err != nil && word != "nothing" {
			t.Fatal(word)
		}
		switch name {
		case "services":
			for i := range n {
				r.Services = append(r.Services, Service{Name: fmt.Sprint("s", i)})
			}
		case "critical":
			r.Services[0].Criticality = n
		case "users":
			r.Users = n
		case "sites":
			r.Sites = make([]string, n)
		case "targets":
			r.Targets = make([]Target, n)
		}
	}
	return r
}

func TestDefaultMatrix(t *testing.T) {
	t.Parallel()
	m := Default()
	if err := m.Validate(); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile("testdata/priority.txt")
	if err != nil {
		t.Fatal(err)
	}
	cases := 0
	for line := range strings.Lines(string(text)) {
		given, want, ok := strings.Cut(strings.TrimSpace(line), " -> ")
		if !ok || line[0] == '#' {
			continue
		}
		cases++
		reach, name, _ := strings.Cut(given, ", ")
		severity, err := core.ParseSeverity(name)
		if err != nil {
			t.Fatal(err)
		}
		d := m.Decide(reachOf(t, reach), severity)
		if got := fmt.Sprintf("%s %s %s", Name(d.Priority), d.Impact, d.Urgency); got != want {
			t.Errorf("%s: %s, want %s (%v)", given, got, want, d.Why)
		}
		if len(d.Why) != 2 {
			t.Errorf("%s: %v", given, d.Why)
		}
	}
	if cases < 15 {
		t.Fatalf("only %d cases", cases)
	}
}

func TestValidateNamesFields(t *testing.T) {
	t.Parallel()
	m := Default()
	m.Priorities = map[Level]map[Level]string{High: {High: "P0", Medium: "P2", Low: "P3"}, Medium: {High: "P2", Medium: "P3", Low: "P4"}, Low: {High: "P3", Medium: "P4", Low: "P5"}, "none": {}}
	m.Urgency.Medium = "critical"
	m.Urgency.High = "major"
	err := m.Validate()
	var coded *core.Error
	if !errors.As(err, &coded) {
		t.Fatal(err)
	}
	text, _ := json.Marshal(coded.Details)
	for _, field := range []string{"spec.priorities.high.high", "spec.priorities.none", "spec.urgency.medium"} {
		if !strings.Contains(string(text), field) {
			t.Errorf("%s does not name %s", text, field)
		}
	}
}
