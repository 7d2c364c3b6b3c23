package anomaly

import "math"

// extremes is how many of the most extreme values of a signal are remembered
// on each side. They stand for the tail: a new value is measured in mean
// excesses over the least extreme of them, so a signal with a heavy tail needs
// a larger value to be as unusual as one with a light tail.
const extremes = 32

// tail holds the greatest values of a signal, greatest first.
type tail struct {
	v   [extremes]float64
	n   int
	sum float64
}

func (t *tail) add(x float64) {
	switch {
	case t.n < extremes:
		t.n++
	case x <= t.v[extremes-1]:
		return
	default:
		t.sum -= t.v[extremes-1]
	}
	t.sum += x
	i := t.n - 1
	for ; i > 0 && t.v[i-1] < x; i-- {
		t.v[i] = t.v[i-1]
	}
	t.v[i] = x
}

// relax draws every value towards the middle: what was extreme long ago counts less.
func (t *tail) relax(rate, middle float64) {
	t.sum = 0
	for i := range t.n {
		t.v[i] -= rate * (t.v[i] - middle)
		t.sum += t.v[i]
	}
}

// least is the least extreme value remembered, excess the mean distance of all from it.
func (t *tail) least() float64  { return t.v[t.n-1] }
func (t *tail) excess() float64 { return max(t.sum/float64(t.n)-t.least(), 0) }

// signal is one number followed over time with both its tails; the lower tail
// holds negated values.
type signal struct {
	high, low tail
	mean      float64
	spread    float64 // mean absolute deviation
	n         int
}

const (
	warmUp      = 100  // points before a signal is judged
	slow        = 1e-3 // weight of one point in mean and spread, once there are many
	floor       = 0.25 // share of the spread in the scale of a tail
	forgetEvery = 32
	forgetting  = 3e-5 * forgetEvery
)

// judge says how unusual x is, 0 for inside of what was seen, and then learns it.
func (s *signal) judge(x float64) float64 {
	if s.n == 0 {
		s.mean = x
	}
	var unusual float64
	if s.n > warmUp {
		unusual = max((x-s.high.least())/s.scale(&s.high), (-x-s.low.least())/s.scale(&s.low), 0)
	}
	s.high.add(x)
	s.low.add(-x)
	s.n++
	if s.n%forgetEvery == 0 {
		s.high.relax(forgetting, s.mean)
		s.low.relax(forgetting, -s.mean)
	}
	weight := max(1/float64(s.n), slow)
	off := x - s.mean
	s.mean += weight * off
	s.spread += weight * (math.Abs(off) - s.spread)
	return unusual
}

// scale of a tail is never zero: a signal that never moved is surprised by a
// ten thousandth of its level.
func (s *signal) scale(t *tail) float64 {
	return t.excess() + floor*s.spread + 1e-4*math.Abs(s.mean) + 1e-9
}

// limits are the values at which judge would return unusual.
func (s *signal) limits(unusual float64) (low, high float64) {
	if s.n <= warmUp {
		return math.Inf(-1), math.Inf(1)
	}
	return -s.low.least() - unusual*s.scale(&s.low), s.high.least() + unusual*s.scale(&s.high)
}
