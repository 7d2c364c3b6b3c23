package forecast

// Full says when a path reaches a limit, in points from now; 0 is already,
// Never is not within the forecast.
type Full struct {
	Earliest, Likely, Latest int
}

// Never stands for beyond the horizon.
const Never = -1

// Full tells when the forecast reaches the limit: the upper edge first, the
// middle, the lower edge last. now is the newest value.
func (p Path) Full(now, limit float64) Full {
	if now >= limit {
		return Full{}
	}
	reach := func(path []float64) int {
		for i, v := range path {
			if v >= limit {
				return i + 1
			}
		}
		return Never
	}
	return Full{reach(p.High), reach(p.Mid), reach(p.Low)}
}
