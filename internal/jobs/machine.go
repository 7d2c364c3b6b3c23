package jobs

import (
	_ "embed"
	"fmt"
	"strings"

	"mainstay/internal/core"
)

// The states of runs and steps; states.txt says how they follow each other.
const (
	Queued     = "queued"
	Running    = "running"
	Cancelling = "cancelling"
	Succeeded  = "succeeded"
	Failed     = "failed"
	Cancelled  = "cancelled"

	Pending     = "pending"
	Waiting     = "waiting"
	Retrying    = "retrying"
	Skipped     = "skipped"
	Interrupted = "interrupted"
)

//go:embed states.txt
var statesText string

// machine holds the allowed transitions: record, state, event to next state.
type machine map[[3]string]string

func parseMachine(text string) (machine, error) {
	m := machine{}
	for n, line := range strings.Split(text, "\n") {
		line, _, _ = strings.Cut(line, "#")
		words := strings.Fields(line)
		if len(words) == 0 {
			continue
		}
		if len(words) != 4 {
			return nil, fmt.Errorf("states.txt:%d: want record, state, event, next state", n+1)
		}
		key := [3]string(words[:3])
		if _, twice := m[key]; twice {
			return nil, fmt.Errorf("states.txt:%d: said twice", n+1)
		}
		m[key] = words[3]
	}
	return m, nil
}

// next returns the state that follows, or a conflict.
func (m machine) next(record, state, event string) (string, error) {
	if to, ok := m[[3]string{record, state, event}]; ok {
		return to, nil
	}
	return "", core.Errorf(core.CodeConflict, "cannot %s a %s that is %s", event, record, state)
}

// final says that nothing follows a state of runs.
func final(runState string) bool {
	return runState == Succeeded || runState == Failed || runState == Cancelled
}

// over says that nothing follows a state of steps.
func over(stepState string) bool {
	switch stepState {
	case Succeeded, Failed, Cancelled, Skipped, Interrupted:
		return true
	}
	return false
}
