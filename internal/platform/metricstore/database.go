package metricstore

import (
	"context"
	"fmt"
	"math"
	"time"

	"github.com/prometheus/prometheus/model/exemplar"
	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/tsdb"

	"mainstay/internal/platform/metricstore/querycache"
	"mainstay/internal/platform/metricstore/rollup"
)

// punctual is how far behind the newest sample of all a sample may be before
// it counts as late, in milliseconds. Up to there commits are told apart by
// time alone, which costs an append next to nothing.
const punctual = int64(2 * time.Minute / time.Millisecond)

// database is the engine, whose commits tell the journal of the query cache
// and the rollups which times they touched.
type database struct {
	*tsdb.DB
	journal *querycache.Journal
	rollups *rollup.Store
}

// AppenderV2 implements storage.AppendableV2.
func (d *database) AppenderV2(ctx context.Context) storage.AppenderV2 {
	return &noting{AppenderV2: d.DB.AppenderV2(ctx), touched: d.touching()}
}

// Appender implements storage.Appendable.
func (d *database) Appender(ctx context.Context) storage.Appender {
	return &notingV1{Appender: d.DB.Appender(ctx), touched: d.touching()}
}

// Bounds implements rollup.Raw.
func (d *database) Bounds() (oldest, newest int64, ok bool) {
	oldest, newest = d.Head().MinTime(), d.Head().MaxTime()
	for _, b := range d.Blocks() {
		oldest, newest = min(oldest, b.MinTime()), max(newest, b.MaxTime()-1)
	}
	return oldest, newest, oldest <= newest
}

func (d *database) touching() touched {
	t := touched{db: d, oldest: math.MaxInt64, lateOldest: math.MaxInt64, newest: math.MinInt64, floor: math.MinInt64}
	if newest := d.Head().MaxTime(); newest > math.MinInt64+punctual {
		t.floor = newest - punctual
	}
	return t
}

// touched collects the times of one commit.
type touched struct {
	db         *database
	floor      int64
	oldest     int64 // of the samples in time
	newest     int64
	lateOldest int64
	late       map[uint8]int64
}

func (t *touched) sample(ls labels.Labels, at int64) {
	if at > t.newest {
		t.newest = at
	}
	if at >= t.floor {
		if at < t.oldest {
			t.oldest = at
		}
		return
	}
	t.lateOldest = min(t.lateOldest, at)
	name := ls.Get(labels.MetricName)
	if name == "" {
		t.oldest = min(t.oldest, at)
		return
	}
	if t.late == nil {
		t.late = map[uint8]int64{}
	}
	shard := t.db.journal.Shard(name)
	if old, ok := t.late[shard]; !ok || at < old {
		t.late[shard] = at
	}
}

// tell is called when the samples can be seen, and before their sender hears of it.
func (t *touched) tell() {
	if t.newest == math.MinInt64 {
		return
	}
	t.db.journal.Note(t.oldest, t.late)
	if t.db.rollups != nil {
		t.db.rollups.Touched(min(t.oldest, t.lateOldest), t.newest)
	}
}

type noting struct {
	storage.AppenderV2
	touched touched
}

// Append implements storage.AppenderV2.
func (a *noting) Append(ref storage.SeriesRef, ls labels.Labels, st, t int64, v float64, h *histogram.Histogram, fh *histogram.FloatHistogram, opts storage.AOptions) (storage.SeriesRef, error) {
	a.touched.sample(ls, t)
	return a.AppenderV2.Append(ref, ls, st, t, v, h, fh, opts)
}

// Commit implements storage.AppenderV2.
func (a *noting) Commit() error {
	defer a.touched.tell()
	return a.AppenderV2.Commit()
}

// AppendExemplars implements storage.ExemplarAppenderV2.
func (a *noting) AppendExemplars(ref storage.SeriesRef, ls labels.Labels, exemplars []exemplar.Exemplar) (storage.SeriesRef, error) {
	next, ok := a.AppenderV2.(storage.ExemplarAppenderV2)
	if !ok {
		return 0, fmt.Errorf("metric store: %T takes no exemplars", a.AppenderV2)
	}
	return next.AppendExemplars(ref, ls, exemplars)
}

// GetRef implements storage.GetRef.
func (a *noting) GetRef(ls labels.Labels, hash uint64) (storage.SeriesRef, labels.Labels) {
	if next, ok := a.AppenderV2.(storage.GetRef); ok {
		return next.GetRef(ls, hash)
	}
	return 0, labels.EmptyLabels()
}

type notingV1 struct {
	storage.Appender
	touched touched
}

// Append implements storage.Appender.
func (a *notingV1) Append(ref storage.SeriesRef, ls labels.Labels, t int64, v float64) (storage.SeriesRef, error) {
	a.touched.sample(ls, t)
	return a.Appender.Append(ref, ls, t, v)
}

// AppendHistogram implements storage.HistogramAppender.
func (a *notingV1) AppendHistogram(ref storage.SeriesRef, ls labels.Labels, t int64, h *histogram.Histogram, fh *histogram.FloatHistogram) (storage.SeriesRef, error) {
	a.touched.sample(ls, t)
	return a.Appender.AppendHistogram(ref, ls, t, h, fh)
}

// Commit implements storage.Appender.
func (a *notingV1) Commit() error {
	defer a.touched.tell()
	return a.Appender.Commit()
}
