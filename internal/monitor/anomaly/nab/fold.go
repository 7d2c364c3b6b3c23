package nab

import "strings"

// Fold is one group of series, scored at the threshold that is best for all others.
type Fold struct {
	Group     string
	Threshold float64
	Result    Result
}

// OutOfFold leaves out one group of series after the other, takes the threshold
// that is best for the rest, and scores the group with it. The score is what the
// folds make together.
func OutOfFold(all []Scored) ([]Fold, float64) {
	groups := map[string]bool{}
	var order []string
	for _, s := range all {
		if g := group(s.Name); !groups[g] {
			groups[g] = true
			order = append(order, g)
		}
	}
	var folds []Fold
	var sum float64
	windows := 0
	for _, g := range order {
		var rest, left []Scored
		for _, s := range all {
			if group(s.Name) == g {
				left = append(left, s)
			} else {
				rest = append(rest, s)
			}
		}
		f := Fold{Group: g}
		f.Threshold, _ = Best(rest)
		for _, s := range left {
			r := s.At(f.Threshold)
			f.Result.add(r)
		}
		sum += f.Result.Sum
		windows += f.Result.Windows
		folds = append(folds, f)
	}
	return folds, Normalised(sum, windows)
}

func (r *Result) add(other Result) {
	r.Sum += other.Sum
	r.Hits += other.Hits
	r.False += other.False
	r.Windows += other.Windows
	r.Points += other.Points
}

func group(name string) string {
	g, _, _ := strings.Cut(name, "/")
	return g
}
