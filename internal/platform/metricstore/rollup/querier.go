package rollup

import (
	"context"
	"slices"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/tsdb"
	"github.com/prometheus/prometheus/tsdb/chunkenc"
	"github.com/prometheus/prometheus/util/annotations"
)

// querier reads blocks as they are, with the label of the aggregates.
func (b *blocks) querier(mint, maxt int64) (storage.Querier, error) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	var queriers []storage.Querier
	for _, one := range b.list {
		if one.read == nil || one.to < mint || one.from > maxt {
			continue
		}
		q, err := tsdb.NewBlockQuerier(one.read, mint, maxt)
		if err != nil {
			for _, open := range queriers {
				_ = open.Close()
			}
			return nil, err
		}
		queriers = append(queriers, q)
	}
	return storage.NewMergeQuerier(queriers, nil, storage.ChainedSeriesMerge), nil
}

// reading shows one aggregate of each series under the series' own labels.
type reading struct{ storage.Querier }

// Select implements storage.Querier. Without a matcher of an aggregate, as from
// the endpoints that list series, each series is shown once.
func (q reading) Select(ctx context.Context, sorted bool, hints *storage.SelectHints, matchers ...*labels.Matcher) storage.SeriesSet {
	if !slices.ContainsFunc(matchers, func(m *labels.Matcher) bool { return m.Name == Label }) {
		matchers = append(slices.Clone(matchers), labels.MustNewMatcher(labels.MatchEqual, Label, Count))
	}
	return &stripped{SeriesSet: q.Querier.Select(ctx, sorted, hints, matchers...), b: labels.NewBuilder(labels.EmptyLabels())}
}

// LabelNames implements storage.LabelQuerier.
func (q reading) LabelNames(ctx context.Context, hints *storage.LabelHints, matchers ...*labels.Matcher) ([]string, annotations.Annotations, error) {
	names, notes, err := q.Querier.LabelNames(ctx, hints, matchers...)
	return slices.DeleteFunc(names, func(n string) bool { return n == Label }), notes, err
}

type stripped struct {
	storage.SeriesSet
	b *labels.Builder
}

func (s *stripped) At() storage.Series {
	at := s.SeriesSet.At()
	s.b.Reset(at.Labels())
	s.b.Del(Label)
	return named{at, s.b.Labels()}
}

type named struct {
	storage.Series
	labels labels.Labels
}

func (n named) Labels() labels.Labels                           { return n.labels }
func (n named) Iterator(it chunkenc.Iterator) chunkenc.Iterator { return n.Series.Iterator(it) }
