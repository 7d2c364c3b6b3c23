// Package vote decides what a check that runs from several places found: the
// worst state that enough places agree on. A place that is away has no say. It
// is a pure function of what the places answered.
package vote

import (
	"fmt"
	"strings"
	"time"

	"mainstay/internal/platform/probe"
)

// Vote is what one place found.
type Vote struct {
	Place    string         `json:"place" doc:"name of the agent, or server"`
	Away     bool           `json:"away,omitempty" doc:"the place could not run the check: it does not count"`
	State    probe.State    `json:"state" enum:"ok,warning,critical,unknown"`
	Output   string         `json:"output"`
	Duration probe.Duration `json:"duration"`
	At       time.Time      `json:"at"`
}

// Verdict is what the places together say.
type Verdict struct {
	State  probe.State
	Output string
	Away   bool // no place could run the check
	Spoken Vote // the vote whose output stands for the state
}

// Needed is how many of n places must agree: agree, or more than half when it is 0.
func Needed(agree, n int) int {
	if agree > 0 {
		return agree
	}
	return n/2 + 1
}

// badness orders states from ok over warning and unknown to critical.
func badness(s probe.State) int {
	for i, state := range [...]probe.State{probe.OK, probe.Warning, probe.Unknown, probe.Critical} {
		if s == state {
			return i
		}
	}
	return 2
}

// Decide applies the rule: a state holds when at least agree places found it
// or worse. With fewer places present than must agree, a fault that all of
// them see is unknown, because nobody can confirm it, and a place that is well
// makes the check ok.
func Decide(votes []Vote, agree int) Verdict {
	needed := Needed(agree, len(votes))
	var present []Vote
	var away []string
	for _, v := range votes {
		if v.Away {
			away = append(away, v.Place)
			continue
		}
		present = append(present, v)
	}
	if len(present) == 0 {
		return Verdict{State: probe.Unknown, Away: true, Output: fmt.Sprintf("none of %d places could run the check (away: %s)", len(votes), strings.Join(away, ", "))}
	}
	state := agreed(present, min(needed, len(present)))
	short := len(present) < needed && state != probe.OK
	spoken := present[0]
	for _, v := range present {
		if closer(v, spoken, state) {
			spoken = v
		}
	}
	if short {
		state = probe.Unknown
	}
	return Verdict{State: state, Spoken: spoken, Output: tell(votes, present, away, needed, short, spoken)}
}

// agreed is the worst state that at least needed votes reach.
func agreed(present []Vote, needed int) probe.State {
	for _, state := range [...]probe.State{probe.Critical, probe.Unknown, probe.Warning} {
		count := 0
		for _, v := range present {
			if badness(v.State) >= badness(state) {
				count++
			}
		}
		if count >= needed {
			return state
		}
	}
	return probe.OK
}

// closer says that v speaks for the state better than the vote so far.
func closer(v, than Vote, state probe.State) bool {
	distance := func(s probe.State) int {
		d := badness(s) - badness(state)
		if d < 0 {
			return 4 - d // a vote for something better speaks last
		}
		return d
	}
	return distance(v.State) < distance(than.State)
}

func tell(votes, present []Vote, away []string, needed int, short bool, spoken Vote) string {
	var failing []string
	for _, v := range present {
		if v.State != probe.OK {
			failing = append(failing, v.Place)
		}
	}
	out := fmt.Sprintf("well at %d of %d places", len(present)-len(failing), len(votes))
	if len(failing) > 0 {
		out = fmt.Sprintf("failing at %d of %d places (%s), %d must agree", len(failing), len(votes), strings.Join(failing, ", "), needed)
	}
	if short {
		out += fmt.Sprintf(", only %d can be asked", len(present))
	}
	if len(away) > 0 {
		out += "; away: " + strings.Join(away, ", ")
	}
	return out + ": " + spoken.Place + ": " + spoken.Output
}
