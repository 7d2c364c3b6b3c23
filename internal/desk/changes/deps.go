package changes

import (
	"context"

	"mainstay/internal/core"
	"mainstay/internal/platform/ledger"
	"mainstay/internal/platform/sqldb"
)

// Dependencies are what changes are built from.
type Dependencies struct {
	DB     *sqldb.DB
	Ledger *ledger.Ledger
	Clock  core.Clock
	IDs    *core.IDs
	Items  Items
	Teams  Teams
}

// Items knows the graph's items.
type Items interface {
	// Names returns the names of items; those it does not know are left out.
	Names(ctx context.Context, ids []string) (map[string]string, error)
}

// Teams knows the installation's teams.
type Teams interface {
	// Team finds a team's id by its id or name; "" when there is none.
	Team(ctx context.Context, idOrName string) (id string, err error)
}
