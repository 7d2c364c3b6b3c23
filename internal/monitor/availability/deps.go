package availability

import (
	"context"
	"log/slog"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/monitor/availability/figures"
	"mainstay/internal/platform/calendar"
	"mainstay/internal/platform/ledger"
	"mainstay/internal/platform/sqldb"
)

// Measured is what a check has found out about an item.
type Measured struct {
	Target string // of the check
	Item   string
	State  figures.State
	Since  time.Time
}

// Checks is monitoring as this room sees it.
type Checks interface {
	// Measured lists the confirmed states of all checks.
	Measured(ctx context.Context) ([]Measured, error)
	// WindowItems returns the items that a maintenance window covers, or that
	// it covers all; core.CodeNotFound when there is no such window any more.
	WindowItems(ctx context.Context, window string) (items []string, all bool, err error)
}

// Item is what is shown of an item.
type Item struct {
	ID    string `json:"id"`
	Name  string `json:"name"`
	Class string `json:"class"`
	Team  string `json:"team,omitempty"`
}

// Graph knows what depends on what, from memory.
type Graph interface {
	Needs(item string) []figures.Need
	Dependents(item string) []string
	// Services lists the items that the business sees.
	Services(ctx context.Context) ([]string, error)
	Select(ctx context.Context, selector string) ([]string, error)
	ItemOf(ctx context.Context, identities []core.Identity) (string, error)
	// Items describes items; those it does not know are left out.
	Items(ctx context.Context, ids []string) (map[string]Item, error)
}

// Calendars gives agreed hours by their name.
type Calendars interface {
	Calendar(ctx context.Context, q sqldb.Querier, name string) (*calendar.Calendar, error)
}

// Dependencies of the component.
type Dependencies struct {
	DB        *sqldb.DB
	Ledger    *ledger.Ledger
	Checks    Checks
	Graph     Graph
	Calendars Calendars
	Clock     core.Clock
	IDs       *core.IDs
	Log       *slog.Logger
}
