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
	DB    *sqldb.DB
	Clock core.Clock
	Log   *slog.Logger
}

// Writer is where records go: the log store.
type Writer interface {
	Write(ctx context.Context, records []logstore.Record) (refused int, err error)
}
