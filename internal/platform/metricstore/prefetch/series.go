package prefetch

import (
	"sort"

	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/tsdb/chunkenc"
)

// readAhead is a series of which a helper may have the points.
type readAhead struct {
	storage.Series
	job   *job
	index int
}

// Iterator implements storage.Series.
func (a *readAhead) Iterator(it chunkenc.Iterator) chunkenc.Iterator {
	b := &a.job.blocks[a.index/blockSeries]
	if b.owner.CompareAndSwap(nobody, engine) || b.owner.Load() == engine {
		return a.Series.Iterator(it)
	}
	<-b.ready
	s := b.series[a.index%blockSeries]
	if !s.read {
		return a.Series.Iterator(it)
	}
	f, ok := it.(*floats)
	if !ok {
		f = &floats{}
	}
	f.points, f.at = b.points[s.from:s.to], -1
	return f
}

// milliseconds since 1970.
type milliseconds = int64

// floats iterates over points.
type floats struct {
	points []promql.FPoint
	at     int
}

// Next implements chunkenc.Iterator.
func (f *floats) Next() chunkenc.ValueType {
	if f.at++; f.at < len(f.points) {
		return chunkenc.ValFloat
	}
	f.at = len(f.points)
	return chunkenc.ValNone
}

// Seek implements chunkenc.Iterator.
func (f *floats) Seek(t milliseconds) chunkenc.ValueType {
	f.at = max(f.at, 0)
	rest := f.points[f.at:]
	f.at += sort.Search(len(rest), func(i int) bool { return rest[i].T >= t })
	if f.at < len(f.points) {
		return chunkenc.ValFloat
	}
	return chunkenc.ValNone
}

// At implements chunkenc.Iterator.
func (f *floats) At() (int64, float64) { return f.points[f.at].T, f.points[f.at].F }

// AtT implements chunkenc.Iterator.
func (f *floats) AtT() int64 { return f.points[f.at].T }

// AtST implements chunkenc.Iterator.
func (f *floats) AtST() int64 { return 0 }

// Err implements chunkenc.Iterator.
func (f *floats) Err() error { return nil }

// AtHistogram implements chunkenc.Iterator; there are none.
func (f *floats) AtHistogram(*histogram.Histogram) (int64, *histogram.Histogram) { return f.AtT(), nil }

// AtFloatHistogram implements chunkenc.Iterator; there are none.
func (f *floats) AtFloatHistogram(*histogram.FloatHistogram) (int64, *histogram.FloatHistogram) {
	return f.AtT(), nil
}
