package processing

import (
	"context"
	"iter"
	"log/slog"

	"mainstay/internal/core"
	"mainstay/internal/platform/ledger"
	"mainstay/internal/platform/logstore"
	"mainstay/internal/platform/sqldb"
)

// Dependencies are what the component is built from.
type Dependencies struct {
	DB       *sqldb.DB
	Ledger   *ledger.Ledger
	Keys     Keys
	Datasets Datasets
	Logs     Logs
	Clock    core.Clock
	Log      *slog.Logger
}

// Keys keeps the key of the hashes that stand for masked values; sealed.
type Keys interface {
	GetInternal(ctx context.Context, q sqldb.Querier, name string) ([]byte, error)
	PutInternal(ctx context.Context, tx *sqldb.Tx, name string, value []byte) error
}

// Datasets knows where records may be put, and who may read which.
type Datasets interface {
	Known(name string) bool
	Narrow(ctx context.Context, asked []string) ([]string, error)
}

// Logs has the records a draft is tried with.
type Logs interface {
	Query(ctx context.Context, q logstore.Query) iter.Seq2[logstore.Row, error]
}

// Writer is where records go on to.
type Writer interface {
	Write(ctx context.Context, records []logstore.Record) (refused int, err error)
}
