package foresight

import (
	"context"
	"log/slog"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/ledger"
	"mainstay/internal/platform/metricstore"
	"mainstay/internal/platform/sqldb"
)

// Item is what is shown of the item that a series is of.
type Item struct {
	ID, Name, Team string
	Site           string // where it is, "" when nobody said
}

// Items is the graph as foresight sees it.
type Items interface {
	// Items describes items by their ids; unknown ones are left out.
	Items(ctx context.Context, ids []string) (map[string]Item, error)
	// Needed are the ids of an item and of everything it depends on, however
	// far, at most so many; core.CodeNotFound for an item that is not there.
	Needed(ctx context.Context, id string, most int) ([]string, error)
}

// Metrics is the part of the metric store that is used.
type Metrics interface {
	Append(ctx context.Context, samples []metricstore.Sample) error
	Query(ctx context.Context, expr string, at time.Time) (metricstore.Result, error)
	QueryRange(ctx context.Context, expr string, start, end time.Time, step time.Duration) (metricstore.Result, error)
	Describe(metrics ...metricstore.Metadata)
}

// Dependencies of the component.
type Dependencies struct {
	DB      *sqldb.DB
	Ledger  *ledger.Ledger
	Metrics Metrics
	Items   Items
	Clock   core.Clock
	IDs     *core.IDs
	Log     *slog.Logger
}
