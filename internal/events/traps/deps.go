package traps

import (
	"context"
	"log/slog"

	"mainstay/internal/core"
	"mainstay/internal/platform/ledger"
	"mainstay/internal/platform/logstore"
	"mainstay/internal/platform/receivers"
	"mainstay/internal/platform/sqldb"
)

// Dependencies are what the component is built from.
type Dependencies struct {
	DB        *sqldb.DB
	Ledger    *ledger.Ledger
	Events    Events
	Logs      Store
	Items     Items
	Receivers *receivers.Registry
	Reveal    func(ctx context.Context, reference string) (string, error) // values of secrets
	Node      string                                                      // stable name of this installation's process
	Clock     core.Clock
	IDs       *core.IDs
	Log       *slog.Logger
}

// Events takes events; they are durable when it returns nil.
type Events interface {
	Accept(ctx context.Context, events []core.Event) error
}

// Store takes log records.
type Store interface {
	Write(ctx context.Context, records []logstore.Record) (refused int, err error)
}

// Items finds the item of a sender by its address; "" when there is none.
type Items interface {
	ItemOf(ctx context.Context, attributes map[string]string) string
}
