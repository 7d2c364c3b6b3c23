package forecast

import (
	"cmp"
	"math"
	"slices"
)

// interval puts the errors that the mixture made from earlier origins about the
// forecast. Past what could be checked, the interval grows with a power of the
// horizon that the errors themselves show, between the square root (a random
// walk) and one (a trend that is wrong).
func (t *trial) interval(p *Path, y []float64, o Options) {
	p.Low, p.High = make([]float64, o.Horizon), make([]float64, o.Horizon)
	widths := make([][2]float64, len(t.ends))
	for b, to := range t.ends {
		from := 0
		if b > 0 {
			from = t.ends[b-1]
		}
		widths[b] = t.width(b, from, to, o.Level)
	}
	for b := 1; b < len(widths); b++ { // farther is never surer
		widths[b][0] = max(widths[b][0], widths[b-1][0])
		widths[b][1] = max(widths[b][1], widths[b-1][1])
	}
	floor := 1e-9 * (1 + math.Abs(y[len(y)-1]))
	power := growth(widths, t.ends)
	for i := range o.Horizon {
		low, high := between(widths, t.ends, i+1)
		if i >= t.reach {
			more := math.Pow(float64(i+1)/float64(t.reach), power)
			low, high = low*more, high*more
		}
		p.Low[i], p.High[i] = p.Mid[i]-low-floor, p.Mid[i]+high+floor
	}
}

// width returns how far below and above the mixture the truth was.
func (t *trial) width(band, from, to int, level float64) [2]float64 {
	var errors []weighted
	mid := make([]float64, to-from)
	counts := 1.0
	for j, truth := range t.truth { // the newest first
		blend(mid, t.paths[j], t.weights(band, j, t.paths[j]), from)
		for i, m := range mid {
			errors = append(errors, weighted{truth[from+i] - m, counts})
		}
		counts *= memory
	}
	slices.SortFunc(errors, func(a, b weighted) int { return cmp.Compare(a.value, b.value) })
	// The errors of one origin go together: there are fewer of them than it looks.
	tail := (1 - level) / 2 * caution
	return [2]float64{max(-weightedQuantile(errors, tail), 0), max(weightedQuantile(errors, 1-tail), 0)}
}

const (
	// memory is how much an origin counts relative to the next newer one.
	memory = 0.94
	// caution is the share of the tails that is kept.
	caution = 0.7
)

type weighted struct{ value, weight float64 }

// weightedQuantile of sorted values.
func weightedQuantile(sorted []weighted, q float64) float64 {
	var total float64
	for _, w := range sorted {
		total += w.weight
	}
	var sum float64
	for _, w := range sorted {
		if sum += w.weight; sum >= q*total {
			return w.value
		}
	}
	return 0
}

// between is the width at a horizon: straight lines through the middles of the bands.
func between(widths [][2]float64, ends []int, horizon int) (low, high float64) {
	middle := func(b int) float64 {
		if b == 0 {
			return float64(ends[0]+1) / 2
		}
		return float64(ends[b-1]+ends[b]+1) / 2
	}
	x := float64(horizon)
	for b := range widths {
		if x > middle(b) && b+1 < len(widths) {
			if x >= middle(b+1) {
				continue
			}
			share := (x - middle(b)) / (middle(b+1) - middle(b))
			return widths[b][0] + share*(widths[b+1][0]-widths[b][0]), widths[b][1] + share*(widths[b+1][1]-widths[b][1])
		}
		return widths[b][0], widths[b][1]
	}
	return widths[len(widths)-1][0], widths[len(widths)-1][1]
}

func growth(widths [][2]float64, ends []int) float64 {
	n := len(ends)
	if n < 2 {
		return 0.75
	}
	whole := func(b int) float64 { return widths[b][0] + widths[b][1] }
	if whole(0) <= 0 || whole(n-1) <= 0 {
		return 0.5
	}
	power := math.Log(whole(n-1)/whole(0)) / math.Log(float64(ends[n-1])/float64(ends[0]))
	return min(max(power, 0.5), 1)
}
