package logs

import (
	"context"
	"iter"
	"log/slog"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/logstore"
)

// Dependencies are what the component is built from.
type Dependencies struct {
	Logs   Store
	Traces Store
	Items  Items
	Clock  core.Clock
	Log    *slog.Logger
	Self   *Self  // Mainstay's own log; may be nil
	Own    Writer // where that goes; nil: Logs
	Access Access // nil: who has logs:read everywhere reads all, and nobody else anything
}

// Access knows who may read which datasets of records.
type Access interface {
	// Narrow returns those of the datasets asked for, or of all when none is, that
	// the caller may read; nil is all there are.
	Narrow(ctx context.Context, asked []string) ([]string, error)
}

// Writer takes records.
type Writer interface {
	Write(ctx context.Context, records []logstore.Record) (refused int, err error)
}

// Store is a dataset of the log store; *logstore.Store is one.
type Store interface {
	Write(ctx context.Context, records []logstore.Record) (refused int, err error)
	Query(ctx context.Context, q logstore.Query) iter.Seq2[logstore.Row, error]
	Tail(ctx context.Context, q logstore.Query) iter.Seq2[logstore.Row, error]
	Hits(ctx context.Context, q logstore.Query, step time.Duration, by ...string) ([]logstore.Series, error)
	Fields(ctx context.Context, q logstore.Query) ([]logstore.Count, error)
	Values(ctx context.Context, q logstore.Query, field string) ([]logstore.Count, error)
}

// Items finds the item that identities belong to; "" when none does.
type Items interface {
	Resolve(ctx context.Context, identities []core.Identity) (item string, err error)
}
