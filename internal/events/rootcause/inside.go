package rootcause

import (
	"fmt"
	"math"
	"time"
)

// inside weighs what speaks for a node from within: what does not come to it
// from what it calls.
func (r *ranking) inside(i int) (float64, []Evidence) {
	var evidence []Evidence
	left := 1.0
	add := func(weight float64, e Evidence) {
		if weight >= 0.05 {
			left *= 1 - weight
			e.Weight = weight
			evidence = append(evidence, e)
		}
	}
	if f := r.resource(i); f != nil {
		add(r.weights.Inside*r.weights.likely(f.Spreads), Evidence{Sort: "resource", Text: r.deviates(*f)})
	}
	if f, weight := r.surge(i); f != nil {
		add(r.weights.Inside*weight, Evidence{Sort: "traffic", Text: fmt.Sprintf("It gets %s, which its callers do not explain", r.fromTo(*f))})
	}
	if f := r.silence(i); f != nil {
		add(r.weights.Inside, Evidence{Sort: "silence", Text: fmt.Sprintf("It reports no %s any more, and always did", f.signal.Name)})
	}
	if j := r.wrongAddress(i); j >= 0 {
		add(r.weights.Inside, Evidence{Sort: "address", Text: fmt.Sprintf("It calls %s, which nobody ever called before: its configuration may be wrong", r.name(j))})
	}
	for _, c := range r.in.Changes {
		if c.Node == r.in.Nodes[i].ID {
			weight := r.closeness(c.At)
			add(r.weights.Change*weight, Evidence{Sort: "change", Text: fmt.Sprintf("It changed %s before: %s", span(r.in.Onset.Sub(c.At)), c.Summary), Ref: c.Ref})
		}
	}
	for _, c := range r.in.Confirmed {
		if c.Node == r.in.Nodes[i].ID {
			add(r.weights.Confirmed, Evidence{Sort: "confirmed", Text: fmt.Sprintf("It was the cause of the same alerts before: confirmed on %s by %s", c.At.Format("2 January 2006"), c.By)})
			break
		}
	}
	return 1 - left, evidence
}

// resource is the resource signal that deviates most.
func (r *ranking) resource(i int) *finding {
	var best *finding
	for j := range r.findings[i] {
		f := &r.findings[i][j]
		if f.signal.Kind == Resource && f.Known && (best == nil || math.Abs(f.Spreads) > math.Abs(best.Spreads)) {
			best = f
		}
	}
	return best
}

func (r *ranking) trafficFinding(i int) *finding {
	for j := range r.findings[i] {
		if r.findings[i][j].signal.Kind == Traffic {
			return &r.findings[i][j]
		}
	}
	return nil
}

// surge says how likely a node gets requests from elsewhere: more than normal,
// in a proportion that none of its callers shows.
func (r *ranking) surge(i int) (*finding, float64) {
	f := r.trafficFinding(i)
	if f == nil || !f.Known || f.Spreads <= 0 || f.Normal <= 0 || i == r.victim {
		return nil, 0
	}
	grown := f.Now / f.Normal
	for _, j := range r.topology.callers[i] {
		if up := r.trafficFinding(j); up != nil && up.Known && up.Normal > 0 {
			grown = min(grown, f.Now/f.Normal/max(1, up.Now/up.Normal))
		}
	}
	if grown <= 1 {
		return nil, 0
	}
	unexplained := f.Spreads * (grown - 1) / (f.Now/f.Normal - 1)
	// A few requests more are nothing: twice as many are as likely a cause as not.
	return f, r.weights.likely(unexplained) * (grown - 1) / grown
}

// silence is a signal that a node always had and lost. Where nobody calls it,
// there is nothing to report.
func (r *ranking) silence(i int) *finding {
	if f := r.trafficFinding(i); f != nil && f.Known && r.traffic(i) == 0 {
		return nil
	}
	for j := range r.findings[i] {
		f := &r.findings[i][j]
		if f.Silent && !r.in.Nodes[i].Address {
			return f
		}
	}
	return nil
}

// imaginary says that a node never existed before and fails: an address that its
// caller got wrong.
func (r *ranking) imaginary(i int) bool {
	fails, before := false, false
	for j := range r.findings[i] {
		f := &r.findings[i][j]
		switch {
		case f.signal.Kind == Errors && f.New && f.Now > 0:
			fails = true
		case f.Known && f.signal.Kind != Traffic:
			before = true
		}
	}
	return fails && !before && len(r.topology.callees[i]) == 0
}

// wrongAddress is an imaginary callee of a node, or -1.
func (r *ranking) wrongAddress(i int) int {
	for _, j := range r.topology.callees[i] {
		if r.imaginary(j) {
			return j
		}
	}
	return -1
}

// closeness is 1 for a change at the onset, 0 for one long before or after.
func (r *ranking) closeness(at time.Time) float64 {
	age := r.in.Onset.Sub(at)
	if age < 0 || r.in.Within <= 0 || age > r.in.Within {
		return 0
	}
	return 1 - float64(age)/float64(r.in.Within)
}
