package rollup

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/tsdb/chunkenc"
)

// batchSamples bounds what a pass holds in memory.
const batchSamples = 1_500_000

// writer collects series into blocks of bounded size and joins them to one.
type writer struct {
	s       *Store
	dir     string
	span    span
	current *batch
	app     storage.AppenderV2
	samples int
	made    []string
}

// newWriter works in a directory of its own below that for work in progress.
func (s *Store) newWriter(tier string, sp span) (*writer, error) {
	dir := filepath.Join(s.building, fmt.Sprintf("%s_%d_%d", tier, sp.from, sp.to))
	if err := os.RemoveAll(dir); err != nil {
		return nil, err
	}
	return &writer{s: s, dir: dir, span: sp}, os.MkdirAll(filepath.Join(dir, "parts"), 0o750)
}

// reach is of time: the engine takes samples as old as half of it before its newest.
func (w *writer) reach() int64 { return 4 * (w.span.to - w.span.from) }

func (w *writer) appender(ctx context.Context) (storage.AppenderV2, error) {
	if w.app != nil {
		return w.app, nil
	}
	if w.current == nil {
		b, err := newBatch(w.s.log, w.dir, w.reach())
		if err != nil {
			return nil, err
		}
		w.current = b
	}
	w.app = w.current.head.AppenderV2(ctx)
	return w.app, nil
}

// series is done: what it wrote is committed, and a full batch becomes a block.
func (w *writer) series(ctx context.Context, samples int) (full bool, err error) {
	w.samples += samples
	if w.samples < w.s.batch {
		return false, nil
	}
	return true, w.flush(ctx)
}

func (w *writer) flush(ctx context.Context) error {
	if w.app != nil {
		if err := w.app.Commit(); err != nil {
			return err
		}
		w.app = nil
	}
	if w.current == nil {
		return nil
	}
	compactor, err := w.compactor(ctx)
	if err != nil {
		return err
	}
	made, err := w.current.write(compactor, filepath.Join(w.dir, "parts"))
	if cerr := w.current.close(); err == nil {
		err = cerr
	}
	w.current, w.samples = nil, 0
	if made != "" {
		w.made = append(w.made, made)
	}
	return err
}

// finish gives the one block of all that was written, "" when that was nothing.
func (w *writer) finish(ctx context.Context) (string, error) {
	if err := w.flush(ctx); err != nil {
		return "", err
	}
	switch len(w.made) {
	case 0:
		return "", nil
	case 1:
		return w.made[0], nil
	}
	compactor, err := w.compactor(ctx)
	if err != nil {
		return "", err
	}
	ids, err := compactor.Compact(w.dir, w.made, nil)
	return first(w.dir, ids), err
}

// discard ends a writer; what it published is no longer in its directory.
func (w *writer) discard() {
	if w.app != nil {
		_ = w.app.Rollback()
	}
	if w.current != nil {
		_ = w.current.close()
	}
	_ = os.RemoveAll(w.dir)
}

// sink appends the rows of one series to a tier's writer.
type sink struct {
	w       *writer
	app     storage.AppenderV2
	ls      [6]labels.Labels
	refs    [6]storage.SeriesRef
	samples int
}

func (k *sink) take(r row) error {
	for i := range r.has {
		if !r.has[i] {
			continue
		}
		ref, err := k.app.Append(k.refs[i], k.ls[i], 0, r.t, r.v[i], nil, r.hist[i], storage.AOptions{})
		if err != nil {
			return err
		}
		k.refs[i] = ref
		k.samples++
	}
	return nil
}

// buildSpan rolls up the raw samples of one span into all tiers.
func (s *Store) buildSpan(ctx context.Context, sp span) error {
	// One millisecond more than the gap: the window of a querier is closed.
	q, err := s.raw.Querier(sp.from-s.gap, sp.to)
	if err != nil {
		return err
	}
	defer q.Close()
	writers := make([]*writer, len(s.tiers))
	defer func() {
		for _, w := range writers {
			if w != nil {
				w.discard()
			}
		}
	}()
	for i, t := range s.tiers {
		if writers[i], err = s.newWriter(t.Name, sp); err != nil {
			return err
		}
	}
	set := q.Select(ctx, false, &storage.SelectHints{Start: sp.from - s.gap, End: sp.to}, labels.MustNewMatcher(labels.MatchNotEqual, labels.MetricName, ""))
	var it chunkenc.Iterator
	builder := labels.NewBuilder(labels.EmptyLabels())
	for set.Next() {
		series := set.At()
		it = series.Iterator(it)
		if err := s.buildSeries(ctx, writers, builder, series.Labels(), it, sp); err != nil {
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
	}
	if err := set.Err(); err != nil {
		return err
	}
	for i, t := range s.tiers {
		made, err := writers[i].finish(ctx)
		if err != nil {
			return err
		}
		if made == "" {
			continue
		}
		if err := t.blocks.publish(made, sp); err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) buildSeries(ctx context.Context, writers []*writer, builder *labels.Builder, ls labels.Labels, it chunkenc.Iterator, sp span) error {
	sinks := make([]*sink, len(s.tiers))
	buckets := make([]*bucket, len(s.tiers))
	for i, t := range s.tiers {
		app, err := writers[i].appender(ctx)
		if err != nil {
			return err
		}
		k := &sink{w: writers[i], app: app}
		for n, aggregate := range aggregates() {
			builder.Reset(ls)
			builder.Set(Label, aggregate)
			k.ls[n] = builder.Labels()
		}
		sinks[i] = k
		buckets[i] = &bucket{width: t.Width.Milliseconds(), lookback: s.lookback, emit: k.take}
	}
	if err := sumUp(it, sp.from, sp.to, buckets); err != nil {
		return err
	}
	rest := false
	for _, k := range sinks {
		full, err := k.w.series(ctx, k.samples)
		if err != nil {
			return err
		}
		rest = rest || full
	}
	if rest {
		return s.breathe(ctx)
	}
	return nil
}

// joinBlocks writes the blocks of a longer span as one, with full chunks.
func (s *Store) joinBlocks(ctx context.Context, t *tier, sp span) error {
	w, err := s.newWriter(t.Name, sp)
	if err != nil {
		return err
	}
	defer w.discard()
	q, err := t.blocks.querier(sp.from+1, sp.to)
	if err != nil {
		return err
	}
	defer func() {
		if q != nil {
			_ = q.Close()
		}
	}()
	set := q.Select(ctx, false, nil, labels.MustNewMatcher(labels.MatchNotEqual, Label, ""))
	var it chunkenc.Iterator
	for set.Next() {
		series := set.At()
		it = series.Iterator(it)
		app, err := w.appender(ctx)
		if err != nil {
			return err
		}
		n, err := copySeries(app, series.Labels(), it)
		if err != nil {
			return err
		}
		full, err := w.series(ctx, n)
		if err == nil && full {
			err = s.breathe(ctx)
		}
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return err
		}
	}
	if err := set.Err(); err != nil {
		return err
	}
	made, err := w.finish(ctx)
	if err != nil || made == "" {
		return err
	}
	// Publishing waits for the readers of what it replaces: this one is done.
	err = errors.Join(q.Close())
	q = nil
	if err != nil {
		return err
	}
	return t.blocks.publish(made, sp)
}

func copySeries(app storage.AppenderV2, ls labels.Labels, it chunkenc.Iterator) (n int, err error) {
	var ref storage.SeriesRef
	for kind := it.Next(); kind != chunkenc.ValNone; kind = it.Next() {
		if kind == chunkenc.ValFloat {
			t, v := it.At()
			ref, err = app.Append(ref, ls, 0, t, v, nil, nil, storage.AOptions{})
		} else {
			t, h := it.AtFloatHistogram(nil)
			ref, err = app.Append(ref, ls, 0, t, 0, nil, h, storage.AOptions{})
		}
		if err != nil {
			return n, err
		}
		n++
	}
	return n, it.Err()
}

// floor is the last multiple of width that is not after t.
func floor(t, width int64) int64 {
	if m := t % width; m < 0 {
		return t - m - width
	} else {
		return t - m
	}
}
