package metricstore

import (
	"context"
	"slices"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/util/annotations"
)

// archive is the engine with, for questions about which series and labels
// there are, the rollups of what it no longer has samples of.
type archive struct{ *database }

// Querier implements storage.Queryable.
func (a archive) Querier(mint, maxt int64) (storage.Querier, error) {
	q, err := a.database.Querier(mint, maxt)
	if err != nil || a.rollups == nil {
		return q, err
	}
	oldest, _, _ := a.Bounds()
	tier, from := -1, oldest
	for i := range a.rollups.Tiers() {
		if f, ok := a.rollups.Coverage(i); ok && f < from {
			tier, from = i, f
		}
	}
	if tier < 0 || mint >= oldest {
		return q, nil
	}
	old, err := a.rollups.Queryable(tier).Querier(mint, min(maxt, oldest))
	if err != nil {
		_ = q.Close()
		return nil, err
	}
	return archiveQuerier{q, old}, nil
}

type archiveQuerier struct {
	storage.Querier
	old storage.Querier
}

// Select implements storage.Querier. Values are those of samples alone; which
// rollups answer a query is decided before.
func (q archiveQuerier) Select(ctx context.Context, sorted bool, hints *storage.SelectHints, matchers ...*labels.Matcher) storage.SeriesSet {
	if hints == nil || hints.Func != "series" {
		return q.Querier.Select(ctx, sorted, hints, matchers...)
	}
	return storage.NewMergeSeriesSet([]storage.SeriesSet{
		q.Querier.Select(ctx, true, hints, matchers...), q.old.Select(ctx, true, hints, matchers...),
	}, hints.Limit, storage.ChainedSeriesMerge)
}

// LabelValues implements storage.LabelQuerier.
func (q archiveQuerier) LabelValues(ctx context.Context, name string, hints *storage.LabelHints, matchers ...*labels.Matcher) ([]string, annotations.Annotations, error) {
	return both(q, hints, func(one storage.Querier) ([]string, annotations.Annotations, error) {
		return one.LabelValues(ctx, name, hints, matchers...)
	})
}

// LabelNames implements storage.LabelQuerier.
func (q archiveQuerier) LabelNames(ctx context.Context, hints *storage.LabelHints, matchers ...*labels.Matcher) ([]string, annotations.Annotations, error) {
	return both(q, hints, func(one storage.Querier) ([]string, annotations.Annotations, error) {
		return one.LabelNames(ctx, hints, matchers...)
	})
}

// Close implements storage.Querier.
func (q archiveQuerier) Close() error {
	err := q.old.Close()
	if qerr := q.Querier.Close(); qerr != nil {
		return qerr
	}
	return err
}

func both(q archiveQuerier, hints *storage.LabelHints, ask func(storage.Querier) ([]string, annotations.Annotations, error)) ([]string, annotations.Annotations, error) {
	now, notes, err := ask(q.Querier)
	if err != nil {
		return nil, nil, err
	}
	old, more, err := ask(q.old)
	if err != nil {
		return nil, nil, err
	}
	all := slices.Concat(now, old)
	slices.Sort(all)
	all = slices.Compact(all)
	if hints != nil && hints.Limit > 0 && len(all) > hints.Limit {
		all = all[:hints.Limit]
	}
	return all, notes.Merge(more), nil
}
