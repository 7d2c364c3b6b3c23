package datasets

import (
	"context"
	"iter"
	"log/slog"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/ledger"
	"mainstay/internal/platform/logstore"
	"mainstay/internal/platform/sqldb"
)

// Dependencies are what the component is built from.
type Dependencies struct {
	DB     *sqldb.DB
	Ledger *ledger.Ledger
	Store  Store
	Teams  Teams
	Keeps  time.Duration // the store's retention: no dataset is kept for longer
	Clock  core.Clock
	IDs    *core.IDs
	Log    *slog.Logger
}

// Store is the log store; *logstore.Store is one.
type Store interface {
	Query(ctx context.Context, q logstore.Query) iter.Seq2[logstore.Row, error]
	Erase(ctx context.Context, erasures []logstore.Erasure) (logstore.Erased, error)
	Check(ctx context.Context, filter string) error
}

// Teams knows the teams: names by id.
type Teams interface {
	Teams(ctx context.Context) (map[string]string, error)
}
