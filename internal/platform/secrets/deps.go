package secrets

import (
	"context"
	"embed"
	"io/fs"
	"log/slog"

	"mainstay/internal/core"
	"mainstay/internal/platform/ledger"
	"mainstay/internal/platform/sqldb"
)

// Ledger is where changes are recorded.
type Ledger interface {
	Append(ctx context.Context, tx *sqldb.Tx, e ledger.Entry) (id string, err error)
}

// Dependencies are what a Component is built from.
type Dependencies struct {
	DB     *sqldb.DB
	Ledger Ledger
	Clock  core.Clock
	Log    *slog.Logger
}

//go:embed migrations
var migrations embed.FS

// Migrations returns the tables of this package.
func Migrations() fs.FS { return migrations }
