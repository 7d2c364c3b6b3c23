package identity

import (
	"context"
	"embed"
	"io/fs"
	"log/slog"

	"mainstay/internal/core"
	"mainstay/internal/platform/ledger"
	"mainstay/internal/platform/sqldb"
)

// Ledger is where sign-ins and changes are recorded.
type Ledger interface {
	Append(ctx context.Context, tx *sqldb.Tx, e ledger.Entry) (id string, err error)
}

// Sealed keeps the shared secrets of second factors. platform/secrets is it.
type Sealed interface {
	PutInternal(ctx context.Context, tx *sqldb.Tx, name string, value []byte) error
	GetInternal(ctx context.Context, q sqldb.Querier, name string) ([]byte, error)
	DeleteInternal(ctx context.Context, tx *sqldb.Tx, name string) error
}

// Dependencies are what a Component is built from.
type Dependencies struct {
	DB     *sqldb.DB
	Ledger Ledger
	Sealed Sealed
	Clock  core.Clock
	IDs    *core.IDs
	Log    *slog.Logger
}

//go:embed migrations
var migrations embed.FS

// Migrations returns the tables of this package.
func Migrations() fs.FS { return migrations }
