package health

import (
	"mainstay/internal/core"
	"mainstay/internal/events"
	"mainstay/internal/events/health/propagation"
)

// State is how a service or site stands.
type State string

// The states, the best first.
const (
	OK       State = "ok"
	Unknown  State = "unknown"     // nothing below it is looked at
	Planned  State = "maintenance" // what is wrong is planned work
	Degraded State = "degraded"
	Down     State = "down"
)

func (s State) rank() int {
	switch s {
	case Down:
		return 4
	case Degraded:
		return 3
	case Planned:
		return 2
	case Unknown:
		return 1
	}
	return 0
}

func stateOf(s propagation.State) State { return State(s.String()) }

// own is how an item stands by its alerts.
func own(s events.Standing, down, degraded core.Severity) propagation.State {
	switch {
	case s.Severity != core.Clear && s.Severity >= down:
		return propagation.Down
	case s.Severity != core.Clear && s.Severity >= degraded:
		return propagation.Degraded
	case s.Planned:
		return propagation.Maintenance
	}
	return propagation.OK
}
