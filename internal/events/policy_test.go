package events

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"mainstay/internal/core"
)

// TestAlertTables runs the cases of testdata/alerts: one line per thing that
// happens, with the effect and the state it must have.
func TestAlertTables(t *testing.T) {
	t.Parallel()
	files, _ := filepath.Glob("testdata/alerts/*.txt")
	if len(files) == 0 {
		t.Fatal("no tables")
	}
	for _, file := range files {
		f, err := os.Open(file)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		var run *alertRun
		scan := bufio.NewScanner(f)
		for n := 1; scan.Scan(); n++ {
			line, _, _ := strings.Cut(scan.Text(), "#")
			line = strings.TrimSpace(line)
			switch {
			case line == "":
			case strings.HasPrefix(line, "== "):
				run = newAlertRun()
			default:
				if err := run.line(line); err != nil {
					t.Errorf("%s:%d: %s: %v", filepath.Base(file), n, line, err)
				}
			}
		}
	}
}

type alertRun struct {
	policy Policy
	start  time.Time
	alert  *Alert
	made   int
}

func newAlertRun() *alertRun {
	return &alertRun{
		policy: Policy{Reopen: 10 * time.Minute, FlapCount: 5, FlapWindow: 10 * time.Minute, FlapStable: 5 * time.Minute},
		start:  time.Date(2026, 3, 29, 0, 0, 0, 0, time.UTC),
	}
}

// line is "TIME WHAT [WORD] [at TIME] -> EFFECT [STATE] [flapping] [count N] [id N] [severity]".
func (r *alertRun) line(line string) error {
	left, right, ok := strings.Cut(line, "->")
	if !ok {
		return fmt.Errorf("no ->")
	}
	words := strings.Fields(left)
	offset, err := time.ParseDuration(words[0])
	if err != nil {
		return err
	}
	now := r.start.Add(offset)
	o := &observation{Event: core.Event{Key: "k", Title: "t", At: now, Kind: core.Problem, Severity: core.Major}, Received: now}
	rest := words[2:]
	if len(rest) >= 2 && rest[len(rest)-2] == "at" {
		at, err := time.ParseDuration(rest[len(rest)-1])
		if err != nil {
			return err
		}
		o.At = r.start.Add(at)
		rest = rest[:len(rest)-2]
	}
	if len(rest) >= 2 && rest[len(rest)-2] == "until" {
		at, _ := time.ParseDuration(rest[len(rest)-1])
		o.ExpiresAt = r.start.Add(at)
		rest = rest[:len(rest)-2]
	}
	if len(rest) > 0 {
		if s, err := core.ParseSeverity(rest[0]); err == nil {
			o.Severity = s
		} else {
			o.Title = rest[0]
		}
	}
	var effect Effect
	switch words[1] {
	case "clear":
		o.Kind = core.Cleared
		effect, _ = r.policy.Apply(r.alert, o, now)
	case "problem":
		effect = Fresh
		if r.alert != nil {
			effect, _ = r.policy.Apply(r.alert, o, now)
		}
		if effect == Fresh {
			r.made++
			r.alert, effect = r.policy.Begin(fmt.Sprint(r.made), o, now), Opened
		}
	case "passes":
		effect, _ = r.policy.Pass(r.alert, now)
	case "acknowledge":
		r.alert.Acknowledge("maria", "", now)
		effect = Changed
	case "suppress":
		r.alert.Suppressed = Suppression{By: "maintenance"}
		effect = Changed
	case "end":
		r.policy.ClearNow(r.alert, now)
		effect = Ended
	default:
		return fmt.Errorf("%q?", words[1])
	}
	return r.check(effect, strings.Fields(right))
}

func (r *alertRun) check(effect Effect, want []string) error {
	if string(effect) != want[0] {
		return fmt.Errorf("the effect is %s", effect)
	}
	flapping := false
	for i := 1; i < len(want); i++ {
		switch w := want[i]; w {
		case "flapping":
			flapping = true
		case "count":
			i++
			if fmt.Sprint(r.alert.Count) != want[i] {
				return fmt.Errorf("the count is %d", r.alert.Count)
			}
		case "id":
			i++
			if r.alert.ID != want[i] {
				return fmt.Errorf("the id is %s", r.alert.ID)
			}
		case "open", "acknowledged", "suppressed", "cleared":
			if string(r.alert.State()) != w {
				return fmt.Errorf("the state is %s", r.alert.State())
			}
		default:
			if r.alert.Severity.String() != w {
				return fmt.Errorf("the severity is %s", r.alert.Severity)
			}
		}
	}
	if flapping != r.alert.Flapping {
		return fmt.Errorf("flapping is %v", r.alert.Flapping)
	}
	return nil
}
