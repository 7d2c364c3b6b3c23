package figures

import "time"

// State is what an item is known to be.
type State string

// The states, the best first. None is an item that nothing is known of.
const (
	None     State = ""
	Up       State = "up"
	Degraded State = "degraded"
	Unknown  State = "unknown"
	Down     State = "down"
)

func (s State) rank() int {
	switch s {
	case Up:
		return 1
	case Degraded:
		return 2
	case Unknown:
		return 3
	case Down:
		return 4
	}
	return 0
}

// Worse returns the worse of two states.
func Worse(a, b State) State {
	if b.rank() > a.rank() {
		return b
	}
	return a
}

// Interval is a state that held for a time; To is zero while it holds.
type Interval struct {
	From  time.Time `json:"from"`
	To    time.Time `json:"to,omitzero" doc:"Absent while it holds"`
	State State     `json:"state" enum:"up,degraded,unknown,down"`
	Cause []string  `json:"cause,omitempty" doc:"Ids of the items that are the reason"`
}

// Span is a stretch of time.
type Span struct {
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
}

// Need is one thing an item needs: at least Require of Items must work.
type Need struct {
	Items   []string
	Require int
}

// Combine returns the state of an item of which its own state and those of what
// it needs are known. What nothing is known of is taken to work. Cause names
// the needed items that made it so.
func Combine(own State, needs []Need, of func(item string) State) (state State, cause []string) {
	state = own
	for _, need := range needs {
		var down, unknown, degraded []string
		known := 0
		for _, item := range need.Items {
			s := of(item)
			if s != None {
				known++
			}
			switch s {
			case Down:
				down = append(down, item)
			case Unknown:
				unknown = append(unknown, item)
			case Degraded:
				degraded = append(degraded, item)
			}
		}
		if known == 0 {
			continue
		}
		found, why := Up, []string(nil)
		working := len(need.Items) - len(down)
		switch {
		case working < need.Require:
			found, why = Down, down
		case working-len(unknown) < need.Require:
			found, why = Unknown, unknown
		case len(down) > 0:
			found, why = Degraded, down
		case len(degraded) > 0:
			found, why = Degraded, degraded
		}
		switch {
		case found.rank() > state.rank():
			state, cause = found, why
		case found == state && found != Up && own != state:
			cause = append(cause, why...)
		}
	}
	return state, cause
}
