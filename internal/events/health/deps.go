package health

import (
	"context"
	"log/slog"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/events"
	"mainstay/internal/platform/ledger"
	"mainstay/internal/platform/sqldb"
)

// Need is one thing that an item needs by the graph.
type Need struct {
	Items   []string
	Require int
}

// Item is what is shown of an item.
type Item struct {
	ID          string
	Name        string
	Class       string
	Label       string   // of the class
	Ancestors   []string // of the class, itself first
	Team        string
	Criticality string
}

// Site is a place and the items that are there.
type Site struct {
	Name  string
	Item  string // the site's own item, if there is one
	Items []string
}

// Graph knows what there is and what depends on what.
type Graph interface {
	// Needs answers from memory.
	Needs(item string) []Need
	// Services lists the items that the business sees.
	Services(ctx context.Context) ([]string, error)
	Sites(ctx context.Context) ([]Site, error)
	// Items describes items; those it does not know are left out.
	Items(ctx context.Context, ids []string) (map[string]Item, error)
	Select(ctx context.Context, selector string) ([]string, error)
	// ItemOf finds one item; core.CodeNotFound or core.CodeConflict when it cannot.
	ItemOf(ctx context.Context, identities []core.Identity) (string, error)
}

// Alerts tell how items stand by themselves.
type Alerts interface {
	Standings(items []string) map[string]events.Standing
	OnStanding(fn func(items []string))
}

// Checks knows which items are looked at: without any, nothing is known.
type Checks interface {
	Watched(ctx context.Context) ([]string, error)
}

// Maintenance knows when an item is worked on.
type Maintenance interface {
	InMaintenance(ctx context.Context, item string, at time.Time) (bool, string)
}

// Dependencies of the component; all are needed.
type Dependencies struct {
	DB          *sqldb.DB
	Ledger      *ledger.Ledger
	Graph       Graph
	Alerts      Alerts
	Checks      Checks
	Maintenance Maintenance
	Clock       core.Clock
	IDs         *core.IDs
	Log         *slog.Logger
}
