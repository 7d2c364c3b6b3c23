package metricstore

import (
	"context"
	"time"

	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/storage"

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
