package forecast

import (
	"math"
	"slices"
)

// median of values, which it reorders.
func median(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	slices.Sort(values)
	n := len(values)
	if n%2 == 1 {
		return values[n/2]
	}
	return (values[n/2-1] + values[n/2]) / 2
}

// quantile of sorted values, between the two nearest.
func quantile(sorted []float64, q float64) float64 {
	if len(sorted) == 0 {
		return 0
	}
	at := q * float64(len(sorted)-1)
	at = min(max(at, 0), float64(len(sorted)-1))
	i := int(at)
	if i+1 >= len(sorted) {
		return sorted[len(sorted)-1]
	}
	return sorted[i] + (at-float64(i))*(sorted[i+1]-sorted[i])
}

// blocks cuts values from the end into blocks of size points and returns their
// medians, oldest first. A block of a day has no season of the day in it.
func blocks(values []float64, size int) []float64 {
	size = max(size, 1)
	n := len(values) / size
	out := make([]float64, n)
	buffer := make([]float64, size)
	for i := range n {
		from := len(values) - (n-i)*size
		copy(buffer, values[from:from+size])
		out[i] = median(buffer)
	}
	return out
}

// slope is the median of the slopes between all pairs (Theil and Sen).
func slope(values []float64) float64 {
	var all []float64
	for i := range values {
		for j := i + 1; j < len(values); j++ {
			all = append(all, (values[j]-values[i])/float64(j-i))
		}
	}
	return median(all)
}

// shift finds where the level of values jumped last and stayed: the index of
// the first point after it, or 0. A jump is one step from block to block that is
// far greater than the usual step and does not come again and again, as the
// rotation of logs does.
func shift(values []float64) int {
	if len(values) < 4 {
		return 0
	}
	steps := make([]float64, 0, len(values)-1)
	for i := 1; i < len(values); i++ {
		steps = append(steps, math.Abs(values[i]-values[i-1]))
	}
	usual := median(slices.Clone(steps))
	low, high := slices.Min(values), slices.Max(values)
	least := max(6*usual, 0.15*(high-low))
	if least == 0 {
		return 0
	}
	last, jumps := 0, 0
	for i, s := range steps {
		if s > least {
			last, jumps = i+1, jumps+1
		}
	}
	if jumps > 2 {
		return 0
	}
	return last
}

// spliced lifts what was before a jump to the level after it, so that what
// followed each moment is again what could have been known.
func spliced(y []float64, at, perDay int, slope float64) []float64 {
	k := min(max(perDay, 3), at, len(y)-at)
	if k < 1 {
		return y
	}
	jump := median(slices.Clone(y[at:at+k])) - median(slices.Clone(y[at-k:at])) - slope*float64(k)
	out := slices.Clone(y)
	for i := range at {
		out[i] += jump
	}
	return out
}
