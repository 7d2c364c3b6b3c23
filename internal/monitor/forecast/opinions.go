package forecast

import (
	"math"
	"slices"
)

// opinion continues y into out; it says false when y is too short for it.
type opinion struct {
	name string
	of   func(h *history, out []float64) bool
}

// history is what opinions share of the series up to an origin.
type history struct {
	y       []float64
	day     int // points in a day
	slope   float64
	recent  []float64 // y since the last shift of level
	shifted int       // points in recent, 0 when the level never jumped
}

const trendDays = 42

func look(y []float64, perDay int) *history {
	h := &history{y: y, day: perDay, recent: y}
	size := perDay
	if len(y) < 6*perDay {
		size = max(len(y)/12, 1) // too few days: parts of a day must do
	}
	far := y
	if most := trendDays * max(perDay, 1); len(far) > most {
		far = far[len(far)-most:]
	}
	medians := blocks(far, size)
	if at := shift(medians); at > 0 {
		h.recent = far[len(far)-(len(medians)-at)*size:]
		h.shifted = len(h.recent)
		medians = medians[at:]
	}
	if len(medians) >= 3 {
		h.slope = slope(medians) / float64(size)
	}
	return h
}

// level is a smooth value of the end of the series.
func (h *history) level(weight float64) float64 {
	from := max(len(h.y)-200, 0)
	v := h.y[from]
	for _, x := range h.y[from:] {
		v += weight * (x - v)
	}
	return v
}

func opinions() []opinion {
	return []opinion{
		{"last", func(h *history, out []float64) bool {
			for i := range out {
				out[i] = h.y[len(h.y)-1]
			}
			return true
		}},
		{"level", func(h *history, out []float64) bool {
			v := h.level(0.15)
			for i := range out {
				out[i] = v
			}
			return true
		}},
		{"mean", func(h *history, out []float64) bool {
			y := h.recent[max(len(h.recent)-7*h.day, 0):]
			if len(y) == 0 {
				return false
			}
			var sum float64
			for _, v := range y {
				sum += v
			}
			for i := range out {
				out[i] = sum / float64(len(y))
			}
			return true
		}},
		{"middle", func(h *history, out []float64) bool {
			y := slices.Clone(h.recent[max(len(h.recent)-7*h.day, 0):])
			if len(y) == 0 {
				return false
			}
			v := median(y)
			for i := range out {
				out[i] = v
			}
			return true
		}},
		{"usual day", func(h *history, out []float64) bool { return h.usual(out, h.day) }},
		{"usual week", func(h *history, out []float64) bool { return h.usual(out, 7*h.day) }},
		{"trend", func(h *history, out []float64) bool { return h.trend(out, h.level(0.3)) }},
		{"trend of last", func(h *history, out []float64) bool { return h.trend(out, h.y[len(h.y)-1]) }},
		{"yesterday", func(h *history, out []float64) bool { return h.naive(out, h.day) }},
		{"last week", func(h *history, out []float64) bool { return h.naive(out, 7*h.day) }},
		{"day", func(h *history, out []float64) bool { return h.profile(out, h.day, 0) }},
		{"week", func(h *history, out []float64) bool { return h.profile(out, 7*h.day, 0) }},
		{"day and trend", func(h *history, out []float64) bool { return h.profile(out, h.day, h.slope) }},
		{"week and trend", func(h *history, out []float64) bool { return h.profile(out, 7*h.day, h.slope) }},
		{"likeness", (*history).likeness},
	}
}

func (h *history) trend(out []float64, from float64) bool {
	for i := range out {
		out[i] = from + h.slope*float64(i+1)
	}
	return h.slope != 0
}

// naive repeats the last season.
func (h *history) naive(out []float64, season int) bool {
	if season < 2 || len(h.y) < season {
		return false
	}
	for i := range out {
		out[i] = h.y[len(h.y)-season+i%season]
	}
	return true
}

const (
	profileSeasons = 6
	profileFade    = 0.7 // weight of a season relative to the one after it
)

// profile repeats the faded mean of the last seasons, moved along the trend, and
// corrected by how far the series is off it now; the correction fades within a day.
func (h *history) profile(out []float64, season int, slope float64) bool {
	if season < 2 || len(h.y) < 2*season {
		return false
	}
	n := len(h.y)
	at := func(position int) float64 { // position counts from the end: 0 is the next point
		var sum, weights float64
		w := 1.0
		for s := 1; s <= profileSeasons; s++ {
			i := n + position - s*season
			if i < 0 {
				break
			}
			if i < n {
				sum += w * (h.y[i] + slope*float64(s*season))
				weights += w
				w *= profileFade
			}
		}
		return sum / weights
	}
	const looked = 12
	offs := make([]float64, looked)
	for i := range offs {
		offs[i] = h.y[n-1-i] - at(-1-i)
	}
	off := median(offs)
	cycle := make([]float64, season)
	for i := range cycle {
		cycle[i] = at(i)
	}
	fade := math.Pow(0.5, 2/float64(max(h.day, 8)))
	for i := range out {
		off *= fade
		out[i] = cycle[i%season] + slope*float64(i-i%season) + off
	}
	return true
}

// usual repeats the median of the last seasons: one odd day does not come again.
func (h *history) usual(out []float64, season int) bool {
	if season < 2 || len(h.y) < 3*season {
		return false
	}
	n := len(h.y)
	cycle := make([]float64, season)
	values := make([]float64, 0, profileSeasons)
	for i := range cycle {
		values = values[:0]
		for s := 1; s <= profileSeasons; s++ {
			if at := n + i - s*season; at >= 0 {
				values = append(values, h.y[at])
			}
		}
		cycle[i] = median(values)
	}
	for i := range out {
		out[i] = cycle[i%season]
	}
	return true
}

const (
	likeWindow = 24
	likeMost   = 5
	likeSearch = 1500 // points back
)

// likeness continues as the series went on after the hours most like the last
// ones: it knows saw teeth of any length.
func (h *history) likeness(out []float64) bool {
	n := len(h.y)
	if n < 3*likeWindow {
		return false
	}
	type place struct {
		at       int
		distance float64
	}
	var found [likeMost]place
	count := 0
	last := h.y[n-likeWindow:]
	for end := n - min(likeWindow/2, len(out)); end >= max(likeWindow, n-likeSearch); end-- {
		var d float64
		then := h.y[end-likeWindow : end]
		for i, v := range last {
			x := v - then[i]
			d += x * x
			if count == likeMost && d >= found[likeMost-1].distance {
				break
			}
		}
		if count == likeMost && d >= found[likeMost-1].distance {
			continue
		}
		count = min(count+1, likeMost)
		i := count - 1
		for ; i > 0 && found[i-1].distance > d; i-- {
			found[i] = found[i-1]
		}
		found[i] = place{end, d}
	}
	for i := range out {
		var sum float64
		for _, p := range found[:count] {
			// Past the end of what followed, what is already forecast goes on.
			at := p.at + i
			switch {
			case at < n:
				sum += h.y[at]
			default:
				sum += out[min(at-n, i-1)]
			}
		}
		out[i] = sum / float64(count)
	}
	return count > 0
}
