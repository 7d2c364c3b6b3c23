package prefetch

import (
	"context"
	"sync"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/util/annotations"
)

const (
	// fewest is how many series are worth a helper.
	fewest = 8 * blockSeries
	// blockSeries is how many series are taken at once.
	blockSeries = 16
	// mostPoints bounds what is read ahead for one selector, 16 bytes each.
	mostPoints = 4 << 20
)

// Helpers are the places of those that read ahead.
type Helpers struct{ places chan struct{} }

// New lets so many help at a time, all queries together.
func New(most int) *Helpers { return &Helpers{places: make(chan struct{}, max(most, 0))} }

// Free is how many could help now.
func (h *Helpers) Free() int { return cap(h.places) - len(h.places) }

// Go lets a helper do what is to be done, when there is one.
func (h *Helpers) Go(group *sync.WaitGroup, do func()) bool {
	select {
	case h.places <- struct{}{}:
	default:
		return false
	}
	group.Go(func() {
		defer func() { <-h.places }()
		do()
	})
	return true
}

// Queryable gives the series of q.
func (h *Helpers) Queryable(q storage.Queryable) storage.Queryable { return queryable{q, h} }

type queryable struct {
	storage.Queryable
	helpers *Helpers
}

// Querier implements storage.Queryable.
func (q queryable) Querier(mint, maxt int64) (storage.Querier, error) {
	base, err := q.Queryable.Querier(mint, maxt)
	if err != nil {
		return nil, err
	}
	return &querier{Querier: base, helpers: q.helpers, another: func() (storage.Querier, error) { return q.Queryable.Querier(mint, maxt) }}, nil
}

// querier belongs to one query, whose engine uses it from one goroutine.
type querier struct {
	storage.Querier
	helpers *Helpers
	another func() (storage.Querier, error) // readers of chunks are not safe for concurrent use
	jobs    []*job
}

// Select implements storage.Querier.
func (q *querier) Select(ctx context.Context, sorted bool, hints *storage.SelectHints, matchers ...*labels.Matcher) storage.SeriesSet {
	base := q.Querier.Select(ctx, sorted, hints, matchers...)
	if cap(q.helpers.places) == 0 {
		return base
	}
	return &set{SeriesSet: base, querier: q, ctx: ctx, again: func(ctx context.Context, other storage.Querier) storage.SeriesSet {
		return other.Select(ctx, sorted, hints, matchers...)
	}}
}

// Close implements storage.Querier. It waits for those that help.
func (q *querier) Close() error {
	for _, j := range q.jobs {
		j.cancel()
	}
	for _, j := range q.jobs {
		j.helping.Wait()
	}
	return q.Querier.Close()
}

// set reads its series at the first Next, to know how many there are.
type set struct {
	storage.SeriesSet
	querier *querier
	ctx     context.Context
	again   func(context.Context, storage.Querier) storage.SeriesSet

	expanded bool
	list     []storage.Series
	at       int
	err      error
}

// Next implements storage.SeriesSet.
func (s *set) Next() bool {
	if s.expanded {
		s.at++
		return s.at < len(s.list)
	}
	s.expanded = true
	s.list, s.err = expand(s.ctx, s.SeriesSet)
	if s.err == nil && len(s.list) >= fewest {
		s.list = s.querier.help(s)
	}
	return len(s.list) > 0
}

// At implements storage.SeriesSet.
func (s *set) At() storage.Series { return s.list[s.at] }

// Err implements storage.SeriesSet.
func (s *set) Err() error { return s.err }

// Warnings implements storage.SeriesSet.
func (s *set) Warnings() annotations.Annotations { return s.SeriesSet.Warnings() }

func expand(ctx context.Context, set storage.SeriesSet) (list []storage.Series, err error) {
	for set.Next() {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		list = append(list, set.At())
	}
	return list, set.Err()
}

// help starts as many helpers as there are places for and series worth one.
func (q *querier) help(s *set) []storage.Series {
	if q.helpers.Free() == 0 {
		return s.list
	}
	j, helpers := newJob(s), 0
	for helpers < len(s.list)/fewest && q.helpers.Go(&j.helping, func() { j.help(q.another, s.again) }) {
		helpers++
	}
	if helpers == 0 {
		j.cancel()
		return s.list
	}
	q.jobs = append(q.jobs, j)
	// One piece of memory for all.
	ahead, list := make([]readAhead, len(s.list)), make([]storage.Series, len(s.list))
	for i := range ahead {
		ahead[i] = readAhead{Series: s.list[i], job: j, index: i}
		list[i] = &ahead[i]
	}
	return list
}
