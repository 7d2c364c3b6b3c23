package propagation

import "fmt"

// State is how a thing stands, the best first.
type State uint8

// The states.
const (
	OK          State = iota
	Maintenance       // what is wrong is planned
	Degraded
	Down
	states
)

// String names the state.
func (s State) String() string {
	switch s {
	case OK:
		return "ok"
	case Maintenance:
		return "maintenance"
	case Degraded:
		return "degraded"
	case Down:
		return "down"
	}
	return fmt.Sprint("state ", uint8(s))
}

// Parse reads a name that String writes.
func Parse(name string) (State, bool) {
	for s := range states {
		if s.String() == name {
			return s, true
		}
	}
	return OK, false
}

// Need is one thing that an item needs.
type Need struct {
	Name    string // of a group, for people
	Items   []string
	Require int // how many of the items must work; for one item 1

	// With Weights, one for each item, it is the share of the weight in percent
	// that decides instead: below DownBelow it is down, below DegradedBelow degraded.
	Weights                  []float64
	DownBelow, DegradedBelow float64
}

// tally counts the members of a need by state.
type tally struct {
	need   Need
	count  [states]int
	weight [states]float64
	state  State
}

func (t *tally) move(from, to State, weight float64) {
	t.count[from]--
	t.count[to]++
	t.weight[from] -= weight
	t.weight[to] += weight
}

// judge says how a need stands. A worse member never makes it better.
func (t *tally) judge() State {
	if t.need.Weights != nil {
		return t.judgeWeight()
	}
	worst := OK
	if t.count[Down]+t.count[Degraded] > 0 {
		worst = Degraded
	}
	works := t.count[OK] + t.count[Degraded]
	switch {
	case works >= t.need.Require:
		if len(t.need.Items) == 1 && t.count[Degraded] == 0 {
			return OK
		}
		return worst
	case works+t.count[Maintenance] >= t.need.Require:
		return max(worst, Maintenance)
	}
	return Down
}

func (t *tally) judgeWeight() State {
	all := t.weight[OK] + t.weight[Maintenance] + t.weight[Degraded] + t.weight[Down]
	if all <= 0 {
		return OK
	}
	const rounding = 1e-9
	// A member in planned work counts like a degraded one here: were it less, it
	// would better the whole by getting worse.
	works := (t.weight[OK] + (t.weight[Maintenance]+t.weight[Degraded])/2) / all * 100
	planned := works + t.weight[Maintenance]/2/all*100
	switch {
	case planned+rounding < t.need.DownBelow:
		return Down
	case planned+rounding < t.need.DegradedBelow:
		return Degraded
	case works+rounding < t.need.DegradedBelow:
		return Maintenance
	}
	return OK
}
