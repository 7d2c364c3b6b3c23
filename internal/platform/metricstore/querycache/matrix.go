package querycache

import (
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

// cut is the part of an answer from start to end, both included; it shares the points.
func cut(m promql.Matrix, start, end int64) promql.Matrix {
	out := make(promql.Matrix, 0, len(m))
	for _, s := range m {
		s.Floats = within(s.Floats, start, end, func(p promql.FPoint) int64 { return p.T })
		s.Histograms = within(s.Histograms, start, end, func(p promql.HPoint) int64 { return p.T })
		if len(s.Floats)+len(s.Histograms) > 0 {
			out = append(out, s)
		}
	}
	return out
}

func within[P any](points []P, start, end int64, at func(P) int64) []P {
	find := func(t int64) int {
		i, _ := slices.BinarySearchFunc(points, t, func(p P, t int64) int {
			if at(p) < t {
				return -1
			}
			return 1
		})
		return i
	}
	from, to := find(start), find(end+1)
	if from == to {
		return nil
	}
	return points[from:to:to]
}

// size is about what an answer takes in memory.
func size(m promql.Matrix) int64 {
	var n int64
	for i := range m {
		n += 96 + 32*int64(m[i].Metric.Len()) + 16*int64(len(m[i].Floats))
		for _, h := range m[i].Histograms {
			n += 16 + int64(h.H.Size())
		}
	}
	return n
}
