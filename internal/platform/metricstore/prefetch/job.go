package prefetch

import (
	"context"
	"sync"
	"sync/atomic"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/tsdb/chunkenc"
)

// job is what the engine and its helpers share of one selector.
type job struct {
	ctx     context.Context
	cancel  context.CancelFunc
	helping sync.WaitGroup
	series  []storage.Series
	blocks  []block
	next    atomic.Int64 // helpers have taken the blocks from here on
	points  atomic.Int64 // read ahead
}

// block is a stretch of series that one of them reads.
type block struct {
	owner  atomic.Int32
	ready  chan struct{} // closed when the helper is done with it
	points []promql.FPoint
	series [blockSeries]span
}

// owners of a block.
const (
	nobody = iota
	engine
	helper
)

// span is where the points of a series are. Of one that was not read, which
// the engine reads itself, read is false.
type span struct {
	from, to int32
	read     bool
}

func newJob(s *set) *job {
	j := &job{series: s.list, blocks: make([]block, (len(s.list)+blockSeries-1)/blockSeries)}
	for i := range j.blocks {
		j.blocks[i].ready = make(chan struct{})
	}
	j.next.Store(int64(len(j.blocks)))
	j.ctx, j.cancel = context.WithCancel(s.ctx)
	return j
}

// help reads blocks from the end until it meets the engine. What goes wrong,
// even so far as to panic, the engine is left to meet itself: it makes an error
// of it.
func (j *job) help(open func() (storage.Querier, error), choose func(context.Context, storage.Querier) storage.SeriesSet) {
	defer func() { _ = recover() }()
	q, err := open()
	if err != nil {
		return
	}
	defer func() { _ = q.Close() }()
	list, err := expand(j.ctx, choose(j.ctx, q))
	if err != nil {
		return
	}
	list = pair(j.series, list)
	var it chunkenc.Iterator
	for j.ctx.Err() == nil && j.points.Load() < mostPoints {
		n := int(j.next.Add(-1))
		if n < 0 || !j.blocks[n].owner.CompareAndSwap(nobody, helper) {
			return
		}
		first := n * blockSeries
		it = j.blocks[n].read(list[first:min(first+blockSeries, len(list))], it)
		j.points.Add(int64(len(j.blocks[n].points)))
	}
}

// pair finds the series of want in have, which was chosen in the same way a
// little later: both are in the same order, and have may have more. What is not
// found is nil.
func pair(want, have []storage.Series) []storage.Series {
	out := make([]storage.Series, len(want))
	k := 0
	for i, s := range want {
		for k < len(have) && !labels.Equal(s.Labels(), have[k].Labels()) {
			k++
		}
		if k < len(have) {
			out[i] = have[k]
			k++
		}
	}
	return out
}

// read takes the points of a block's series.
func (b *block) read(list []storage.Series, it chunkenc.Iterator) chunkenc.Iterator {
	defer close(b.ready)
	for i, s := range list {
		if s == nil {
			continue
		}
		begin := len(b.points)
		it = s.Iterator(it)
		kind := it.Next()
		for ; kind == chunkenc.ValFloat && it.AtST() == 0; kind = it.Next() {
			t, v := it.At()
			b.points = append(b.points, promql.FPoint{T: t, F: v})
		}
		if kind != chunkenc.ValNone || it.Err() != nil {
			b.points = b.points[:begin]
			continue
		}
		b.series[i] = span{int32(begin), int32(len(b.points)), true}
	}
	return it
}
