package mining

import (
	"context"
	"log/slog"

	"mainstay/internal/core"
	"mainstay/internal/platform/logstore"
	"mainstay/internal/platform/sqldb"
)

// Dependencies are what the component is built from.
type Dependencies struct {
	DB     *sqldb.DB
	Access Access // nil: who has logs:read everywhere sees all
	Clock  core.Clock
	Log    *slog.Logger
}

// Access knows which datasets the caller may read; nil is all there are.
type Access interface {
	Readable(ctx context.Context) ([]string, error)
}

// Writer is where records go: the log store.
type Writer interface {
	Write(ctx context.Context, records []logstore.Record) (refused int, err error)
}
