package graph

import (
	"context"
	"log/slog"

	"mainstay/internal/core"
	"mainstay/internal/platform/ledger"
	"mainstay/internal/platform/sqldb"
)

// Dependencies are what a Component is built from.
type Dependencies struct {
	DB     *sqldb.DB
	Clock  core.Clock
	IDs    *core.IDs
	Log    *slog.Logger
	Ledger Ledger
}

// Ledger takes an entry for every change.
type Ledger interface {
	Append(ctx context.Context, tx *sqldb.Tx, e ledger.Entry) (string, error)
}
