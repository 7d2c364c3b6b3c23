package rootcause

import "math"

// account is the bookkeeping of one node in one kind of signal.
type account struct {
	best      *finding // the signal that deviates most
	likely    float64  // that it is abnormal
	excess    float64  // likely excess per request to the victim
	inherited float64  // of it, what callees cover
	below     int      // the callee that covers most; -1 for none
}

// own is the likely excess that no callee covers.
func (a account) own() float64 { return max(0, a.excess-a.inherited) }

// finding is one signal and how far it is from normal.
type finding struct {
	signal Signal
	Deviation
}

// account finds the signals of one kind and what excess they show.
func (r *ranking) account(i int, kind Kind) account {
	a := account{below: -1}
	for j := range r.findings[i] {
		f := &r.findings[i][j]
		if f.signal.Kind == kind && f.Known && f.Spreads > 0 && (a.best == nil || f.Spreads > a.best.Spreads) {
			a.best = f
		}
	}
	if a.best == nil {
		return a
	}
	a.likely = r.weights.likely(a.best.Spreads)
	a.excess = a.likely * a.best.Excess * r.perVictimRequest(i)
	return a
}

// perVictimRequest is how many requests a node gets for each one to the victim,
// or 1 where either does not count them.
func (r *ranking) perVictimRequest(i int) float64 {
	if r.victim < 0 {
		return 1
	}
	own, victims := r.traffic(i), r.traffic(r.victim)
	if !(own > 0 && victims > 0) {
		return 1
	}
	return own / victims
}

// traffic is how many requests a node gets in an interval since the onset.
func (r *ranking) traffic(i int) float64 {
	for _, s := range r.in.Nodes[i].Signals {
		if s.Kind != Traffic {
			continue
		}
		if during := measured(s.During); len(during) > 0 {
			sum := 0.0
			for _, v := range during {
				sum += v
			}
			return sum / float64(len(during))
		}
	}
	return math.NaN()
}

// settle takes off what callees cover: what they show of the same kind, and
// then what of the rest their deviations of the other kind may be the reason of.
func (r *ranking) settle() {
	for i := range r.same {
		for _, accounts := range [][]account{r.same, r.other} {
			r.inherit(&accounts[i], accounts, i)
		}
	}
	for i := range r.same {
		a := &r.same[i]
		most, below := 0.0, -1
		for _, j := range r.topology.measuredCallees[i] {
			if c := r.causes(j); c > most {
				most, below = c, j
			}
		}
		if rest := a.own() * most; rest > a.inherited {
			a.below = below
			a.inherited += rest
		} else {
			a.inherited += rest
		}
	}
}

func (r *ranking) inherit(a *account, accounts []account, i int) {
	most := 0.0
	for _, j := range r.topology.measuredCallees[i] {
		if r.imaginary(j) {
			continue
		}
		covered := accounts[j].excess
		a.inherited += covered
		if covered > most {
			most, a.below = covered, j
		}
	}
}
