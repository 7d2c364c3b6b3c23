package metricstore

import (
	"context"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/storage"
)

// untrimmed lets the storage give whole chunks. PromQL's engine looks at the
// times of samples anyway, and cutting chunks is a good part of the cost of
// asking many series for their newest step.
type untrimmed struct{ storage.Queryable }

// Querier implements storage.Queryable.
func (u untrimmed) Querier(mint, maxt int64) (storage.Querier, error) {
	q, err := u.Queryable.Querier(mint, maxt)
	if err != nil {
		return nil, err
	}
	return untrimmedQuerier{q}, nil
}

type untrimmedQuerier struct{ storage.Querier }

// Select implements storage.Querier.
func (q untrimmedQuerier) Select(ctx context.Context, sorted bool, hints *storage.SelectHints, matchers ...*labels.Matcher) storage.SeriesSet {
	if hints != nil {
		own := *hints
		own.DisableTrimming = true
		hints = &own
	}
	return q.Querier.Select(ctx, sorted, hints, matchers...)
}
