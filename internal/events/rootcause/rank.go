package rootcause

import (
	"cmp"
	"slices"
	"time"
)

// Node is one thing that may be the cause.
type Node struct {
	ID      string
	Name    string // as a person knows it; the ID when empty
	Signals []Signal
	// Address says that the node is known only as an address its callers use: what
	// is measured there is what they saw. It stands for something else.
	Address bool
}

// Change is something that was done to a node.
type Change struct {
	Node    string
	At      time.Time
	Summary string
	Ref     string
}

// Confirmation is a cause that a person confirmed for the same signature before.
type Confirmation struct {
	Node string
	At   time.Time
	By   string
}

// Input is what is known around one onset.
type Input struct {
	Nodes     []Node
	Needs     map[string][]string // a node and what it calls or needs
	Victim    string              // where the symptom was seen
	Symptom   Kind                // what hurts there; Latency or Errors
	Onset     time.Time
	Changes   []Change
	Within    time.Duration // how long before the onset a change may explain it
	Confirmed []Confirmation
}

// Candidate is a node that may be the cause.
type Candidate struct {
	ID       string
	Name     string
	Score    float64 // 0 to 1; comparable within one ranking
	Evidence []Evidence
}

// ranking is one ranking while it is worked out.
type ranking struct {
	in       Input
	weights  Weights
	at       map[string]int
	victim   int
	findings [][]finding
	topology *topology
	same     []account // of the kind that hurts
	other    []account // of the other kind
}

// Rank orders the nodes by how likely each is the cause, the likeliest first.
// Nodes about which nothing speaks come last, with a score of zero. Equal
// input gives an equal order.
func Rank(in Input) []Candidate { return RankWith(in, Defaults()) }

// RankWith ranks with other weights, to see what they matter.
func RankWith(in Input, w Weights) []Candidate {
	r := newRanking(in, w)
	out := make([]Candidate, 0, len(in.Nodes))
	for i := range in.Nodes {
		out = append(out, r.judge(i))
	}
	slices.SortStableFunc(out, func(a, b Candidate) int { return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.ID, b.ID)) })
	return out
}

func newRanking(in Input, w Weights) *ranking {
	r := &ranking{in: in, weights: w, at: make(map[string]int, len(in.Nodes)), victim: -1, findings: make([][]finding, len(in.Nodes))}
	for i, n := range in.Nodes {
		r.at[n.ID] = i
		for _, s := range n.Signals {
			r.findings[i] = append(r.findings[i], finding{s, s.deviation(w)})
		}
	}
	if i, known := r.at[in.Victim]; known {
		r.victim = i
	}
	r.topology = newTopology(in, r.at, func(i int) bool { return len(in.Nodes[i].Signals) == 0 })
	same, other := Latency, Errors
	if in.Symptom != Latency {
		same, other = Errors, Latency
	}
	r.same, r.other = make([]account, len(in.Nodes)), make([]account, len(in.Nodes))
	for i := range in.Nodes {
		r.same[i], r.other[i] = r.account(i, same), r.account(i, other)
	}
	r.settle()
	return r
}

// judge puts together what speaks for one node.
func (r *ranking) judge(i int) Candidate {
	n := r.in.Nodes[i]
	c := Candidate{ID: n.ID, Name: r.name(i)}
	same := r.covers(r.same, i)
	other := r.weights.CrossKind * r.causes(i)
	inside, why := r.inside(i)
	score := 1 - (1-same)*(1-other)*(1-inside)
	if !r.topology.reached[i] && r.victim >= 0 {
		score *= r.weights.Unreachable
	}
	if n.Address {
		score *= r.weights.Address
	}
	c.Score = score
	c.Evidence = r.words(i, why)
	return c
}

// covers is how much of the victim's excess a node's own covers, 0 to 1.
func (r *ranking) covers(accounts []account, i int) float64 {
	a := accounts[i]
	if a.excess <= 0 {
		return 0
	}
	hurts := a.excess
	if r.victim >= 0 && accounts[r.victim].excess > 0 {
		hurts = accounts[r.victim].excess
	}
	share := min(1, a.own()/hurts)
	return a.likely * (share + (1-share)*r.weights.Inherited*min(1, a.excess/hurts))
}

// causes is how far a deviation of the other kind may be what hurts: errors that
// are retried slow the victim, slowness makes it fail. It can do so at most for
// the requests that meet it.
func (r *ranking) causes(i int) float64 {
	a := r.other[i]
	if a.excess <= 0 {
		return 0
	}
	if r.victim >= 0 && r.other[r.victim].likely >= 0.5 {
		return r.covers(r.other, i)
	}
	grown := a.best.Excess / 100
	if a.best.signal.Kind == Latency {
		grown = a.best.Excess / (a.best.Excess + max(0, a.best.Normal))
	}
	own := a.own() / a.excess
	return a.likely * own * min(1, grown) * min(1, r.perVictimRequest(i))
}

func (r *ranking) name(i int) string { return cmp.Or(r.in.Nodes[i].Name, r.in.Nodes[i].ID) }

// Symptom is what hurts a node most by its signals: Latency or Errors. Where
// neither says anything it is Errors.
func Symptom(signals []Signal) Kind {
	worst, kind := 0.0, Errors
	for _, s := range signals {
		if s.Kind != Latency && s.Kind != Errors {
			continue
		}
		if d := s.deviation(Defaults()); d.Known && d.Spreads > worst {
			worst, kind = d.Spreads, s.Kind
		}
	}
	return kind
}
