package forecast

import (
	"math"
	"slices"
)

// Make continues values. Fewer points than MinPoints, or options out of their
// bounds, are an error of core.CodeInvalid.
func Make(values []float64, o Options) (Path, error) {
	y := filled(values)
	if err := o.validate(len(y)); err != nil {
		return Path{}, err
	}
	if o.Level == 0 {
		o.Level = 0.9
	}
	h := look(y, o.PerDay)
	asked := try(y, o)
	t, shifted := asked, h.shifted
	if shifted > 0 {
		y = spliced(y, len(y)-shifted, o.PerDay, h.slope)
		h, t = look(y, o.PerDay), try(y, o)
	}
	p := Path{Mid: make([]float64, o.Horizon), Slope: h.slope, Shift: shifted, Weights: map[string]float64{}}
	now := continueAll(h, o.Horizon)
	bands := t.bands(o.Horizon)
	for b, to := range bands {
		from := 0
		if b > 0 {
			from = bands[b-1]
		}
		weights := t.weights(b, -1, now)
		blend(p.Mid[from:to], now, weights, from)
		if to == o.Horizon {
			for i, w := range weights {
				if w > 0.01 {
					p.Weights[t.opinions[i].name] = w
				}
			}
		}
	}
	asked.interval(&p, y, o) // a level that jumped may do so again
	return p, nil
}

// continueAll asks every opinion; nil for one that has none.
func continueAll(h *history, horizon int) [][]float64 {
	all := opinions()
	out := make([][]float64, len(all))
	for i, op := range all {
		path := make([]float64, horizon)
		if op.of(h, path) {
			out[i] = path
		}
	}
	return out
}

func blend(mid []float64, paths [][]float64, weights []float64, from int) {
	for i := range mid {
		var sum float64
		for k, w := range weights {
			if w > 0 {
				sum += w * paths[k][from+i]
			}
		}
		mid[i] = sum
	}
}

// trial is how the opinions did from earlier origins.
type trial struct {
	opinions []opinion
	reach    int           // how far the earlier origins could be checked
	ends     []int         // of the bands of the horizon, up to reach
	truth    [][]float64   // by origin
	paths    [][][]float64 // by origin, opinion
	errors   [][][]float64 // mean absolute error by band, origin, opinion; NaN for no opinion
}

// shortest history an origin may have, as a share of all.
const leastHistory = 0.4

// try asks the opinions at earlier origins.
func try(y []float64, o Options) *trial {
	t := &trial{opinions: opinions()}
	n := len(y)
	least := max(int(leastHistory*float64(n)), min(2*o.PerDay+1, n*2/3), MinPoints/2)
	t.reach = min(o.Horizon, max((n-least)/2, 1))
	t.ends = bandsOf(t.reach, o.PerDay)
	// Origins are spread over what may be one, and not a multiple of a day apart.
	span := n - least - t.reach
	count := min(origins, max(span+1, 1))
	for i := range count {
		origin := n - t.reach
		if count > 1 {
			origin -= i * span / (count - 1)
		}
		if origin < MinPoints/2 || origin >= n {
			continue
		}
		t.truth = append(t.truth, y[origin:min(origin+t.reach, n)])
		t.paths = append(t.paths, continueAll(look(y[:origin], o.PerDay), t.reach))
	}
	t.errors = make([][][]float64, len(t.ends))
	for b, to := range t.ends {
		from := 0
		if b > 0 {
			from = t.ends[b-1]
		}
		for j, truth := range t.truth {
			row := make([]float64, len(t.opinions))
			for k, path := range t.paths[j] {
				row[k] = math.NaN()
				if path != nil {
					row[k] = meanError(path[from:to], truth[from:to])
				}
			}
			t.errors[b] = append(t.errors[b], row)
		}
	}
	return t
}

// bandsOf cuts a horizon where methods change their rank: hours, a day, days.
func bandsOf(horizon, perDay int) []int {
	var out []int
	for _, end := range []int{max(perDay/8, 1), max(perDay/2, 2), max(perDay, 4), 3 * max(perDay, 4), 10 * max(perDay, 3)} {
		if end < horizon {
			out = append(out, end)
		}
	}
	return append(slices.Compact(out), horizon)
}

// bands are those of the trial, the last one stretched to the horizon.
func (t *trial) bands(horizon int) []int {
	out := slices.Clone(t.ends)
	out[len(out)-1] = horizon
	return out
}

func meanError(path, truth []float64) float64 {
	var sum float64
	for i, v := range path {
		sum += math.Abs(v - truth[i])
	}
	return sum / float64(len(path))
}

// sharpness is the power of the error that an opinion's weight falls with.
const sharpness = 4

// weights of the opinions in a band, from all origins but one.
func (t *trial) weights(band, without int, have [][]float64) []float64 {
	out := make([]float64, len(t.opinions))
	var total float64
	least := math.Inf(1)
	means := make([]float64, len(t.opinions))
	for k := range out {
		var sum, counted float64
		n, counts := 0, 1.0
		for j, row := range t.errors[band] { // the newest first
			if j != without && !math.IsNaN(row[k]) {
				sum += counts * row[k]
				counted += counts
				n++
			}
			counts *= memory
		}
		means[k] = math.NaN()
		// An opinion that only the newest origins could give is not yet known.
		if have[k] != nil && 2*n >= len(t.errors[band])-1 && n > 0 {
			means[k] = sum / counted
			least = min(least, means[k])
		}
	}
	for k, m := range means {
		if !math.IsNaN(m) {
			out[k] = math.Pow((least+1e-12)/(m+1e-12), sharpness)
			total += out[k]
		}
	}
	if total == 0 {
		out[0], total = 1, 1 // the last value
	}
	for k := range out {
		out[k] /= total
	}
	return out
}
