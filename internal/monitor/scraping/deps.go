package scraping

import (
	"context"
	"log/slog"
	"net"

	"github.com/prometheus/prometheus/storage"

	"mainstay/internal/core"
	"mainstay/internal/platform/ledger"
	"mainstay/internal/platform/metricstore"
	"mainstay/internal/platform/sqldb"
)

// Metrics is the part of the metric store that is used.
type Metrics interface {
	// Appendable takes what is scraped.
	Appendable(source string) storage.AppendableV2
	Append(ctx context.Context, samples []metricstore.Sample) error
	Describe(metrics ...metricstore.Metadata)
}

// Binder finds the item of a target by its labels; "" when unknown.
type Binder interface {
	Bind(ctx context.Context, label func(name string) string) (item string)
}

// Secrets gives the value behind a reference such as "secret:web-password".
type Secrets interface {
	// Reveal returns the value if the team that the document belongs to may use it.
	Reveal(ctx context.Context, reference string, scrape core.Ref, team string) (string, error)
}

// Dependencies of the component. Binder, Secrets, Items, Dial and Allowed may be nil:
// then nothing is bound, revealed or kept from being reached.
type Dependencies struct {
	DB      *sqldb.DB
	Ledger  *ledger.Ledger
	Metrics Metrics
	Binder  Binder
	Secrets Secrets
	Items   Items
	Clock   core.Clock
	IDs     *core.IDs
	Log     *slog.Logger
	// Dial connects to targets; it refuses addresses that may not be called.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
	// Allowed says early whether a host may be called.
	Allowed func(ctx context.Context, host string) error
}
