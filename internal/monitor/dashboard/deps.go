package dashboard

import (
	"context"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/ledger"
	"mainstay/internal/platform/metricstore"
	"mainstay/internal/platform/sqldb"
)

// Item is what a dashboard shows of an item.
type Item struct {
	ID      string
	Name    string
	Class   string
	Classes []string // Class and those it inherits from, the nearest first
	Team    string
	Parent  string // id of the item it is a part of, "" without
}

// Items is the graph as dashboards see it.
type Items interface {
	// Item returns an item by its id; core.CodeNotFound when there is none.
	Item(ctx context.Context, id string) (Item, error)
	// Select returns the ids of the items that a selector matches; an
	// unreadable selector is an error of core.CodeInvalid.
	Select(ctx context.Context, selector string) (ids []string, err error)
}

// Metrics is the part of the metric store that is used.
type Metrics interface {
	Query(ctx context.Context, expr string, at time.Time) (metricstore.Result, error)
	// Metadata tells what metrics are, by their names; those nobody described are left out.
	Metadata(ctx context.Context) (map[string]metricstore.Metadata, error)
}

// Dependencies of the component; all are needed.
type Dependencies struct {
	DB      *sqldb.DB
	Ledger  *ledger.Ledger
	Items   Items
	Metrics Metrics
	Clock   core.Clock
	IDs     *core.IDs
}
