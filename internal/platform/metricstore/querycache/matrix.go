package querycache

import (
	"cmp"
	"math"
	"slices"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql"
)

// Join puts parts of one answer together. The parts are sorted by labels, as
// the engine gives them, and follow each other in time. The result shares
// nothing with them but labels and histograms.
func Join(parts ...promql.Matrix) promql.Matrix {
	floats, histograms, most := 0, 0, 0
	for _, p := range parts {
		most = max(most, len(p))
		for i := range p {
			floats += len(p[i].Floats)
			histograms += len(p[i].Histograms)
		}
	}
	// One piece of memory for all points.
	fs := make([]promql.FPoint, 0, floats)
	hs := make([]promql.HPoint, 0, histograms)
	out := make(promql.Matrix, 0, most)
	at := make([]int, len(parts))
	for {
		var next *labels.Labels
		for i, p := range parts {
			if at[i] < len(p) && (next == nil || labels.Compare(p[at[i]].Metric, *next) < 0) {
				next = &p[at[i]].Metric
			}
		}
		if next == nil {
			return out
		}
		s := promql.Series{Metric: *next}
		f0, h0 := len(fs), len(hs)
		for i, p := range parts {
			if at[i] < len(p) && labels.Equal(p[at[i]].Metric, s.Metric) {
				fs = append(fs, p[at[i]].Floats...)
				hs = append(hs, p[at[i]].Histograms...)
				at[i]++
			}
		}
		if len(fs) > f0 {
			s.Floats = fs[f0:len(fs):len(fs)]
		}
		if len(hs) > h0 {
			s.Histograms = hs[h0:len(hs):len(hs)]
		}
		out = append(out, s)
	}
}

// extend puts what is fresh in the place of what m has after the time good. The
// points up to good stay where they are, and where there is room behind them
// the others follow them: whoever holds a part of m that cut made never sees
// one change.
func extend(m promql.Matrix, good int64, fresh promql.Matrix) promql.Matrix {
	out := make(promql.Matrix, 0, max(len(m), len(fresh)))
	for len(m)+len(fresh) > 0 {
		order := -1 // which of the two has the next series
		switch {
		case len(m) == 0:
			order = 1
		case len(fresh) > 0:
			order = labels.Compare(m[0].Metric, fresh[0].Metric)
		}
		var s, more promql.Series
		if order <= 0 {
			s, m = m[0], m[1:]
		}
		if order >= 0 {
			more, fresh = fresh[0], fresh[1:]
			s.Metric = more.Metric
		}
		s.Floats = replace(s.Floats, good, more.Floats, len(out), timeF, func(a, b promql.FPoint) bool {
			return a.T == b.T && math.Float64bits(a.F) == math.Float64bits(b.F)
		})
		s.Histograms = replace(s.Histograms, good, more.Histograms, len(out), timeH, func(a, b promql.HPoint) bool {
			return a.T == b.T && a.H.Equals(b.H)
		})
		if len(s.Floats)+len(s.Histograms) > 0 {
			out = append(out, s)
		}
	}
	return out
}

// replace puts fresh in the place of what points has after good. Points that
// would be replaced by their equals stay. Others are never written over: then,
// and when there is no room, the result is a copy with room of its own. Series
// are given different room, so that they do not all run out of it at once.
func replace[P any](points []P, good int64, fresh []P, series int, at func(P) int64, same func(a, b P) bool) []P {
	keep := first(points, good+1, at)
	old := points[keep:]
	if n := len(old); n <= len(fresh) && slices.EqualFunc(old, fresh[:n], same) {
		keep, fresh = len(points), fresh[n:]
	} else {
		points = points[:keep:keep]
	}
	if need := keep + len(fresh); need > cap(points) {
		points = append(make([]P, 0, need+room(need)-series%16), points...)
	}
	return append(points, fresh...)
}

// room is the most that is left free behind n points.
func room(n int) int { return n/4 + 16 }

// Own copies an answer of the engine, which takes its points back.
func Own(m promql.Matrix) promql.Matrix {
	out := Join(m)
	for i := range out {
		for k, p := range out[i].Histograms {
			out[i].Histograms[k].H = p.H.Copy()
		}
	}
	return out
}

// cut is the part of an answer from start to end, both included. It shares the
// points, and whoever appends to it gets a copy.
func cut(m promql.Matrix, start, end int64) promql.Matrix {
	out := make(promql.Matrix, 0, len(m))
	for _, s := range m {
		s.Floats = between(s.Floats, start, end, timeF)
		s.Histograms = between(s.Histograms, start, end, timeH)
		if len(s.Floats)+len(s.Histograms) > 0 {
			out = append(out, s)
		}
	}
	return out
}

// windows are two parts of an answer: what is from a time on, with the room
// behind it, and what cut makes. Both at once, since going through the points
// of thousands of series is mostly waiting for memory.
func windows(m promql.Matrix, from, start, end int64) (kept, shown promql.Matrix) {
	kept, shown = make(promql.Matrix, 0, len(m)), make(promql.Matrix, 0, len(m))
	for _, s := range m {
		part := s
		s.Floats = s.Floats[first(s.Floats, from, timeF):]
		s.Histograms = s.Histograms[first(s.Histograms, from, timeH):]
		if len(s.Floats)+len(s.Histograms) > 0 {
			kept = append(kept, s)
		}
		part.Floats, part.Histograms = between(part.Floats, start, end, timeF), between(part.Histograms, start, end, timeH)
		if len(part.Floats)+len(part.Histograms) > 0 {
			shown = append(shown, part)
		}
	}
	return kept, shown
}

func between[P any](points []P, start, end int64, at func(P) int64) []P {
	points = points[first(points, start, at):]
	n := first(points, end+1, at)
	return points[:n:n]
}

func timeF(p promql.FPoint) int64 { return p.T }
func timeH(p promql.HPoint) int64 { return p.T }

// first is the index of the first point at t or after. Most series have a point
// at each step: so it looks first where it would be then, which of thousands of
// series is much less memory to wait for.
func first[P any](points []P, t int64, at func(P) int64) int {
	n := len(points)
	if n == 0 {
		return 0
	}
	begin, end := at(points[0]), at(points[n-1])
	switch {
	case begin >= t:
		return 0
	case end < t:
		return n
	}
	span := end - begin
	if i := ((t-begin)*int64(n-1) + span - 1) / span; at(points[i-1]) < t && t <= at(points[i]) {
		return int(i)
	}
	i, _ := slices.BinarySearchFunc(points, t, func(p P, t int64) int { return cmp.Compare(at(p), t) })
	return i
}

// size is about what an answer takes in memory.
func size(m promql.Matrix) int64 {
	var n int64
	for i := range m {
		floats := len(m[i].Floats)
		n += 96 + 32*int64(m[i].Metric.Len()) + 16*int64(floats+room(floats))
		for _, h := range m[i].Histograms {
			n += 16 + int64(h.H.Size())
		}
	}
	return n
}
