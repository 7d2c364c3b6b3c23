package rollup

import (
	"math"

	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/value"
	"github.com/prometheus/prometheus/tsdb/chunkenc"
)

// aggregates in the order of the values of a row.
func aggregates() [6]string { return [6]string{Last, Count, Sum, Inc, Min, Max} }

const (
	iLast = iota
	iCount
	iSum
	iInc
	iMin
	iMax
)

// row is one finished bucket. Values that are not there are skipped: the
// minimum of histograms, the last value of a series that had gone silent.
type row struct {
	t    int64
	has  [6]bool
	v    [6]float64
	hist [6]*histogram.FloatHistogram
}

// bucket sums up the samples of (end-width, end] of one series.
type bucket struct {
	width, lookback int64
	open            bool
	end             int64
	n               float64
	lastT           int64
	last            float64
	sum, inc        float64
	min, max        float64
	lastH, sumH     *histogram.FloatHistogram
	incH            *histogram.FloatHistogram
	stale           bool
	emit            func(row) error
}

// endOf is the end of the bucket that t is in.
func endOf(t, width int64) int64 {
	q := t / width
	if t%width > 0 {
		q++
	}
	return q * width
}

// enter finishes the bucket before t and begins that of t.
func (b *bucket) enter(t int64) error {
	end := endOf(t, b.width)
	if b.open && end == b.end {
		return nil
	}
	if err := b.finish(); err != nil {
		return err
	}
	*b = bucket{width: b.width, lookback: b.lookback, emit: b.emit, open: true, end: end}
	return nil
}

func (b *bucket) float(t int64, v, inc float64) {
	if b.n == 0 {
		b.min, b.max = v, v
	}
	// PromQL's min_over_time and max_over_time: NaN only when all are.
	if v < b.min || math.IsNaN(b.min) {
		b.min = v
	}
	if v > b.max || math.IsNaN(b.max) {
		b.max = v
	}
	b.n++
	b.sum += v
	b.inc += inc
	b.last, b.lastH, b.lastT, b.stale = v, nil, t, false
}

func (b *bucket) histogram(t int64, h, inc *histogram.FloatHistogram) {
	b.n++
	b.sumH = added(b.sumH, h)
	if inc != nil {
		b.incH = added(b.incH, inc)
	}
	b.lastH, b.lastT, b.stale = h, t, false
}

func (b *bucket) finish() error {
	if !b.open || (b.n == 0 && !b.stale) {
		return nil
	}
	r := row{t: b.end}
	set := func(i int, v float64, h *histogram.FloatHistogram) { r.has[i], r.v[i], r.hist[i] = true, v, h }
	switch {
	case b.stale:
		set(iLast, math.Float64frombits(value.StaleNaN), nil)
	case b.lastT > b.end-b.lookback:
		set(iLast, b.last, b.lastH)
	}
	if b.n > 0 {
		set(iCount, b.n, nil)
		if b.sumH != nil {
			set(iSum, 0, b.sumH)
			if b.incH != nil {
				set(iInc, 0, b.incH)
			}
		} else {
			set(iSum, b.sum, nil)
			set(iInc, b.inc, nil)
			set(iMin, b.min, nil)
			set(iMax, b.max, nil)
		}
	}
	return b.emit(r)
}

// sumUp reads the samples of one series in (from, to] into buckets. What comes
// before from gives the value that the first increase is counted from.
func sumUp(it chunkenc.Iterator, from, to int64, buckets []*bucket) error {
	var (
		prev  float64
		known bool
		prevH *histogram.FloatHistogram
	)
	for kind := it.Next(); kind != chunkenc.ValNone; kind = it.Next() {
		var (
			t int64
			v float64
			h *histogram.FloatHistogram
		)
		if kind == chunkenc.ValFloat {
			t, v = it.At()
		} else {
			t, h = it.AtFloatHistogram(nil)
			v = h.Sum
		}
		if t > to {
			break
		}
		stale := value.IsStaleNaN(v)
		if t > from {
			for _, b := range buckets {
				if err := b.enter(t); err != nil {
					return err
				}
				switch {
				case stale:
					b.stale = true
				case h != nil:
					b.histogram(t, h, grownH(prevH, h))
				case known:
					b.float(t, v, grown(prev, v))
				default:
					b.float(t, v, 0)
				}
			}
		}
		if stale {
			continue // a counter goes on after a gap
		}
		if h != nil {
			prevH = h
		} else {
			prev, known = v, true
		}
	}
	for _, b := range buckets {
		if err := b.finish(); err != nil {
			return err
		}
	}
	return it.Err()
}

// grown is by how much a counter grew; one that fell was reset and began at nought.
func grown(from, to float64) float64 {
	if to < from {
		return to
	}
	return to - from
}

func grownH(from, to *histogram.FloatHistogram) *histogram.FloatHistogram {
	if from == nil {
		return nil
	}
	d := to.Copy()
	if !to.DetectReset(from) {
		if less, _, _, err := d.Sub(from); err == nil {
			d = less
		}
	}
	d.CounterResetHint = histogram.GaugeType
	return d
}

func added(a, b *histogram.FloatHistogram) *histogram.FloatHistogram {
	if a == nil {
		a = b.Copy()
		a.CounterResetHint = histogram.GaugeType
		return a
	}
	other := b.Copy()
	other.CounterResetHint = histogram.GaugeType
	sum, _, _, err := a.Add(other)
	if err != nil {
		return a // buckets that cannot be joined: what there is stays
	}
	return sum
}
