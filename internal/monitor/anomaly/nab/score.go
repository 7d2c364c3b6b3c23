package nab

import (
	"math"
	"slices"
)

const (
	// falseCost is what a detection far from every window costs.
	falseCost = 0.11
	// probation is the share of a series that is not scored, and the most rows it takes.
	probation     = 0.15
	probationMost = 750
)

// Window is a labelled anomaly, in rows, both inclusive.
type Window struct{ Left, Right int }

func (w Window) width() int { return w.Right - w.Left + 1 }

// Probation is how many of so many rows are not scored.
func Probation(rows int) int { return int(min(probation*float64(rows), probationMost)) }

// sigmoid is the benchmark's: 1 well before the end of a window, 0 at its end, -1 after it.
func sigmoid(x float64) float64 {
	if x > 3 {
		return -1
	}
	return 2/(1+math.Exp(5*x)) - 1
}

// hit is what the earliest detection of a window is worth: 1 at its first row,
// nearly 0 at its last.
func (w Window) hit(row int) float64 {
	return sigmoid(-float64(w.Right-row+1)/float64(w.width())) / sigmoid(-1)
}

// miss is what a detection outside the windows costs, a negative number.
func miss(windows []Window, row int) float64 {
	last := -1
	for i, w := range windows {
		if w.Right < row {
			last = i
		}
	}
	if last < 0 {
		return -falseCost
	}
	w := windows[last]
	return falseCost * sigmoid(float64(row-w.Right)/float64(w.width()-1))
}

// window is the index of the window a row is in, or -1.
func window(windows []Window, row int) int {
	return slices.IndexFunc(windows, func(w Window) bool { return row >= w.Left && row <= w.Right })
}

// Scored is one series with what a detector gave its points.
type Scored struct {
	Name    string
	Windows []Window
	Scores  []float64
}

// Result is how one series did at a threshold.
type Result struct {
	Sum             float64 // not normalised; from -len(Windows) to len(Windows)
	Hits, False     int
	Windows, Points int
}

// At scores one series at a threshold.
func (s Scored) At(threshold float64) Result {
	r := Result{Windows: len(s.Windows), Points: len(s.Scores)}
	found := make([]bool, len(s.Windows))
	for row := Probation(len(s.Scores)); row < len(s.Scores); row++ {
		if s.Scores[row] < threshold {
			continue
		}
		w := window(s.Windows, row)
		switch {
		case w < 0:
			r.Sum += miss(s.Windows, row)
			r.False++
		case !found[w]:
			found[w] = true
			r.Sum += s.Windows[w].hit(row)
			r.Hits++
		}
	}
	r.Sum -= float64(len(s.Windows) - r.Hits)
	return r
}

// Normalised turns a sum over so many windows into 0 for detecting nothing, 100
// for every window at its first row and nothing else.
func Normalised(sum float64, windows int) float64 {
	if windows == 0 {
		return 0
	}
	return 100 * (sum + float64(windows)) / (2 * float64(windows))
}

// detection is a point that some threshold makes a detection.
type detection struct {
	score       float64
	series, row int
}

// Best finds the threshold that is best over all series together, and the
// normalised score at it.
func Best(all []Scored) (threshold, score float64) {
	var points []detection
	windows := 0
	for i, s := range all {
		windows += len(s.Windows)
		for row := Probation(len(s.Scores)); row < len(s.Scores); row++ {
			if s.Scores[row] > 0 {
				points = append(points, detection{s.Scores[row], i, row})
			}
		}
	}
	slices.SortFunc(points, func(a, b detection) int {
		switch {
		case a.score > b.score:
			return -1
		case a.score < b.score:
			return 1
		}
		return 0
	})
	earliest := map[[2]int]int{}
	sum := -float64(windows)
	threshold, best := math.Inf(1), sum
	for i, p := range points {
		s := all[p.series]
		if w := window(s.Windows, p.row); w < 0 {
			sum += miss(s.Windows, p.row)
		} else {
			key := [2]int{p.series, w}
			before, ok := earliest[key]
			switch {
			case !ok:
				sum += 1 + s.Windows[w].hit(p.row)
				earliest[key] = p.row
			case p.row < before:
				sum += s.Windows[w].hit(p.row) - s.Windows[w].hit(before)
				earliest[key] = p.row
			}
		}
		lastOfScore := i+1 == len(points) || points[i+1].score < p.score
		if lastOfScore && sum > best {
			best, threshold = sum, p.score
		}
	}
	return threshold, Normalised(best, windows)
}
