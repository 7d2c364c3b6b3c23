package metricstore

import (
	"context"
	"net/http"
	"sync"
	"time"

	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/storage"

	"mainstay/internal/platform/metricstore/promapi"
	"mainstay/internal/platform/metricstore/rollup"
)

// Storage is an embedded store as the engine's own tests load and query it.
type Storage struct {
	*database
	Store Store
}

// StorageOf shows an embedded store's storage.
func StorageOf(s Store) *Storage { return &Storage{s.(*local).db, s} }

// Close implements storage.Storage.
func (s *Storage) Close() error { return s.Store.Close() }

// Engine is what answers the store's queries.
func (s *Storage) Engine() promql.QueryEngine { return s.Store.(*local).engine }

var _ storage.Storage = (*Storage)(nil)

// API is Prometheus' API for the queries of this store. All stores share it, and
// a request says which is asked: a test of PromQL opens thousands of stores, and
// to make an API takes longer than to ask it.
func (s *Storage) API() http.Handler {
	asked := s.Store.(*local)
	sharedAPI.once.Do(func() {
		e := asked.prometheus()
		e.Query = theAsked{}
		sharedAPI.router = promapi.Router(e)
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		sharedAPI.router.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), theAsked{}, asked)))
	})
}

var sharedAPI struct {
	once   sync.Once
	router http.Handler
}

// theAsked is the engine of the store that a request names, and the name's key.
type theAsked struct{}

func (k theAsked) NewInstantQuery(ctx context.Context, _ storage.Queryable, opts promql.QueryOpts, expr string, at time.Time) (promql.Query, error) {
	s := ctx.Value(k).(*local)
	return s.engine.NewInstantQuery(ctx, archive{s.db}, opts, expr, at)
}

func (k theAsked) NewRangeQuery(ctx context.Context, _ storage.Queryable, opts promql.QueryOpts, expr string, start, end time.Time, step time.Duration) (promql.Query, error) {
	s := ctx.Value(k).(*local)
	return s.engine.NewRangeQuery(ctx, archive{s.db}, opts, expr, start, end, step)
}

// Plain is the engine alone: it remembers nothing and knows no rollups.
func (s *Storage) Plain() promql.QueryEngine { return s.Store.(*local).engine.engine }

// Rollups of an embedded store.
func Rollups(s Store) *rollup.Store { return s.(*local).rollups }

// TiersOf says where a range query is answered from: -1 is samples.
func TiersOf(s Store, expr string, start, end time.Time, step time.Duration) []int {
	var out []int
	for _, p := range s.(*local).engine.plan(expr, start.UnixMilli(), end.UnixMilli(), step.Milliseconds()) {
		out = append(out, p.tier)
	}
	return out
}

// HoldQuery takes one of the places for queries that run, until the call of what it returns.
func HoldQuery(ctx context.Context, s Store) (free func(), err error) {
	t := s.(*local).tracker
	at, err := t.Insert(ctx, "held")
	return func() { t.Delete(at) }, err
}
