package logrules

import (
	"context"
	"iter"
	"log/slog"

	"mainstay/internal/core"
	"mainstay/internal/platform/ledger"
	"mainstay/internal/platform/logstore"
	"mainstay/internal/platform/metricstore"
	"mainstay/internal/platform/sqldb"
)

// Dependencies are what the component is built from.
type Dependencies struct {
	DB       *sqldb.DB
	Ledger   *ledger.Ledger
	Logs     Logs
	Patterns Patterns
	Datasets Datasets // nil: there are none but the default one
	Metrics  Metrics
	Events   Events
	Clock    core.Clock
	IDs      *core.IDs
	Log      *slog.Logger
}

// Logs answers queries.
type Logs interface {
	Query(ctx context.Context, q logstore.Query) iter.Seq2[logstore.Row, error]
}

// Datasets knows who may read which records.
type Datasets interface {
	// Narrow refuses what the caller may not read.
	Narrow(ctx context.Context, asked []string) ([]string, error)
	// Common are the datasets without rules of access.
	Common() []string
}

// Patterns knows the query that finds the lines of a pattern.
type Patterns interface {
	QueryOf(id string) string
}

// Metrics takes samples.
type Metrics interface {
	Append(ctx context.Context, samples []metricstore.Sample) error
}

// Events takes events; when it returns nil they are durable.
type Events interface {
	Accept(ctx context.Context, list []core.Event) error
}
