package monitor

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/probe"
)

func TestStateTable(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile("testdata/state.txt")
	if err != nil {
		t.Fatal(err)
	}
	var state State
	retries, at := 0, time.Unix(1_700_000_000, 0)
	for n, line := range strings.Split(string(raw), "\n") {
		if strings.HasPrefix(line, "#") || strings.TrimSpace(line) == "" {
			continue
		}
		if _, err := fmt.Sscanf(line, "retries %d", &retries); err == nil {
			state = State{}
			continue
		}
		left, want, ok := strings.Cut(line, "=")
		if !ok {
			t.Fatalf("line %d: %q", n+1, line)
		}
		result, parents, _ := strings.Cut(strings.TrimSpace(left), "@")
		in := Input{At: at, Retries: retries, Parents: map[string]Parents{"": ParentsUp, "down": ParentsDown, "doubt": ParentsDoubt}[parents]}
		if in.Result, err = probe.ParseState(result); err != nil {
			t.Fatalf("line %d: %v", n+1, err)
		}
		at = at.Add(time.Minute)
		var change Change
		state, change = state.Next(in)
		if got := tale(state, change); got != strings.TrimSpace(want) {
			t.Errorf("line %d: %s: got %q, want %q", n+1, strings.TrimSpace(left), got, strings.TrimSpace(want))
		}
	}
}

func tale(s State, c Change) string {
	kind := "soft"
	if s.Hard {
		kind = "hard"
	}
	out := fmt.Sprintf("%s %s %d", s.Show(), kind, s.Attempt)
	switch {
	case c.Event == core.Problem:
		out += " problem"
	case c.Event == core.Cleared:
		out += " clear"
	case c.AskParents:
		out += " asks"
	case s.Flapping:
		out += " flapping"
	}
	return out
}
