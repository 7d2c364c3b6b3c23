package jobs

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
)

var noon = time.Date(2026, 11, 2, 12, 0, 0, 0, time.UTC)

// TestPlans reads testdata/plans.txt: the steps of a runbook and where a run
// of it stands, then what follows.
func TestPlans(t *testing.T) {
	t.Parallel()
	for _, c := range cases(t, "testdata/plans.txt") {
		spec, stands, _ := strings.Cut(c.given, "\nstands ")
		book, err := ParseRunbook(toJSON(t, spec))
		if err != nil {
			t.Fatalf("line %d: %v", c.line, err)
		}
		words := strings.Fields(stands)
		run := &Run{State: words[0], Definition: book, Steps: newSteps(book), StartedAt: at(noon)}
		for _, word := range words[1:] {
			id, state, _ := strings.Cut(word, "=")
			if s := run.step(id); s != nil {
				s.State, s.StartedAt = state, at(noon)
				if state == Retrying {
					s.RetryAt = at(noon.Add(time.Minute))
				}
			} else {
				run.Error = state
			}
		}
		moves, wake := plan(run, noon.Add(30*time.Second))
		var got []string
		for _, m := range moves {
			name := "run"
			if m.step >= 0 {
				name = run.Steps[m.step].ID
			}
			got = append(got, name+" "+m.event)
		}
		if !wake.IsZero() {
			got = append(got, "wake "+wake.Sub(noon).String())
		}
		if text := strings.Join(got, "\n"); text != c.want {
			t.Errorf("line %d:\n%s\ngave\n%s\nwant\n%s", c.line, c.given, text, c.want)
		}
	}
}

// drive carries a run to its end with steps that end at random: whatever
// happens, the planner asks only for what states.txt allows, and ends the run.
func drive(t *testing.T, run *Run) {
	t.Helper()
	m, err := parseMachine(statesText)
	if err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(uint64(len(run.Steps)), 1))
	now := noon
	for range 10 * (len(run.Steps) + 1) {
		moves, _ := plan(run, now)
		for _, mv := range moves {
			record, state := "run", &run.State
			if mv.step >= 0 {
				record, state = "step", &run.Steps[mv.step].State
				run.Steps[mv.step].StartedAt = at(now)
			}
			next, err := m.next(record, *state, mv.event)
			if err != nil {
				t.Fatal(err)
			}
			*state = next
		}
		if final(run.State) {
			return
		}
		for i := range run.Steps {
			s := &run.Steps[i]
			switch s.State {
			case Running:
				s.State = []string{Succeeded, Succeeded, Failed, Interrupted, Retrying, Cancelled}[random.IntN(6)]
				s.RetryAt = nil
			case Waiting:
				s.State = []string{Succeeded, Failed}[random.IntN(2)]
			}
		}
	}
	t.Fatalf("a run of %d steps does not end: %s", len(run.Steps), fmt.Sprint(run.Steps))
}

func TestRandomGraphsEnd(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(3, 3))
	for range 500 {
		book := &Runbook{}
		for i := range 1 + random.IntN(20) {
			needs := []string{}
			for j := range i {
				if random.IntN(4) == 0 {
					needs = append(needs, book.Steps[j].ID)
				}
			}
			s := Step{ID: fmt.Sprintf("s%d", i), Needs: &needs, Wait: &WaitStep{Duration(time.Second)}}
			if random.IntN(3) == 0 {
				s.OnFailure = ContinueOnFailure
			}
			book.Steps = append(book.Steps, s)
		}
		if err := book.Validate(); err != nil {
			t.Fatal(err)
		}
		drive(t, &Run{State: Running, Definition: book, Steps: newSteps(book), StartedAt: at(noon)})
	}
}

func TestTheStateTableIsWhole(t *testing.T) {
	t.Parallel()
	m, err := parseMachine(statesText)
	if err != nil {
		t.Fatal(err)
	}
	left := map[[2]string]bool{}
	for key := range m {
		left[[2]string{key[0], key[1]}] = true
	}
	for key, to := range m {
		ends := key[0] == "run" && final(to) || key[0] == "step" && over(to)
		if ends == left[[2]string{key[0], to}] {
			t.Errorf("%s %s: it is over, and is left; or it is not over, and never left", key[0], to)
		}
	}
	for _, bad := range []string{"run queued start", "run a b c\nrun a b d"} {
		if _, err := parseMachine(bad); err == nil {
			t.Errorf("%q is accepted", bad)
		}
	}
}
