package rootcause

import (
	"math"
	"slices"
)

// Kind is what a signal speaks of.
type Kind string

// The kinds of signals.
const (
	Latency  Kind = "latency"  // time per request; more is worse
	Errors   Kind = "errors"   // failures, in percent of requests or of probes; more is worse
	Traffic  Kind = "traffic"  // requests in an interval; both directions tell something
	Resource Kind = "resource" // CPU, memory, disk, queues of the node itself; both directions
)

// Signal is one measured quantity of a node. NaN means that nothing was measured.
type Signal struct {
	Kind   Kind
	Name   string    // as a person knows it, such as "p95 of latency"
	Unit   string    // of the values: "s", "%", ""
	Normal []float64 // values of normal operation, in any order
	Before []float64 // values just before the onset, the earliest first
	During []float64 // values since the onset; the same moments for all signals of an Input
}

// Deviation is how far a signal is from its normal.
type Deviation struct {
	Normal  float64 // the value it is compared with
	Now     float64 // the worst value since the onset
	Excess  float64 // mean of what is above normal since the onset
	Spreads float64 // Now - Normal in robust spreads; infinite spreads do not occur
	Known   bool    // there was a normal, and a value since the onset
	Silent  bool    // there was a normal, and no value since the onset
	New     bool    // a value since the onset, and none ever before
}

// deviation compares a signal with its normal.
func (s Signal) deviation(w Weights) Deviation {
	normal, before, during := measured(s.Normal), measured(s.Before), measured(s.During)
	if len(normal) < enoughHistory {
		normal = append(normal, before...)
	}
	switch {
	case len(normal) == 0 && len(during) == 0:
		return Deviation{}
	case len(during) == 0:
		return Deviation{Silent: regular(s.Normal) && len(before) > 0}
	case len(normal) == 0:
		return Deviation{New: true, Now: slices.Max(during)}
	}
	slices.Sort(normal)
	d := Deviation{Known: true}
	median := quantile(normal, 0.5)
	spread := s.spread(w, normal, median)
	up, down := slices.Max(during), slices.Min(during)
	d.Now, d.Normal = up, level(median, before, w.ClearDeviation*spread)
	if s.bothWays() {
		below := -level(-median, negated(before), w.ClearDeviation*spread)
		if below-down > up-d.Normal {
			d.Now, d.Normal = down, below
		}
	}
	for _, v := range during {
		d.Excess += max(0, v-d.Normal)
	}
	d.Excess = min(d.Excess/float64(len(during)), math.MaxFloat64/1e6)
	d.Spreads = (d.Now - d.Normal) / spread
	return d
}

func (s Signal) bothWays() bool { return s.Kind == Traffic || s.Kind == Resource }

// spread is a robust standard deviation. The upper tail counts as well, because
// most signals are skewed: what is reached one time in twenty is normal.
func (s Signal) spread(w Weights, normal []float64, median float64) float64 {
	off := make([]float64, len(normal))
	for i, v := range normal {
		off[i] = math.Abs(v - median)
	}
	slices.Sort(off)
	floor := w.RelativeFloor * math.Abs(median)
	if s.Kind == Errors {
		floor = w.PercentFloor
	}
	return max(1.4826*quantile(off, 0.5), quantile(off, 0.9)/1.645, floor, 1e-9)
}

// level is what a rise is measured from: the level of normal operation, or what
// was there just before, where that was higher already, or lower by far. So a
// level that moved weeks ago is not taken for a fault, and noise is not either.
func level(median float64, before []float64, far float64) float64 {
	if len(before) == 0 {
		return median
	}
	low, high := slices.Min(before), slices.Max(before)
	if high < median-far {
		return high
	}
	return max(median, low)
}

func negated(values []float64) []float64 {
	out := make([]float64, len(values))
	for i, v := range values {
		out[i] = -v
	}
	return out
}

// likely turns robust spreads into how likely the signal is abnormal, 0 to 1.
func (w Weights) likely(spreads float64) float64 {
	if math.IsNaN(spreads) {
		return 0
	}
	r := min(max(spreads, -1e6), 1e6) / w.ClearDeviation
	return r * r / (1 + r*r)
}

// regular says that a signal has a value most of the time.
func regular(values []float64) bool {
	return len(values) >= enoughHistory && 10*len(measured(values)) >= 9*len(values)
}

func measured(values []float64) []float64 {
	out := make([]float64, 0, len(values))
	for _, v := range values {
		if !math.IsNaN(v) && !math.IsInf(v, 0) {
			out = append(out, v)
		}
	}
	return out
}

// quantile of sorted values, at least one of them, between neighbours.
func quantile(sorted []float64, q float64) float64 {
	at := q * float64(len(sorted)-1)
	i := int(at)
	if i+1 >= len(sorted) {
		return sorted[len(sorted)-1]
	}
	return sorted[i] + (at-float64(i))*(sorted[i+1]-sorted[i])
}
