package hooks

import (
	"context"
	"log/slog"
	"net/http"

	"mainstay/internal/core"
	"mainstay/internal/events"
	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/ledger"
	"mainstay/internal/platform/receivers"
	"mainstay/internal/platform/sqldb"
)

// Events takes signals in; *events.Component does.
type Events interface {
	Take(ctx context.Context, list []events.Signal) ([]events.Result, error)
	ActOnKeys(ctx context.Context, action events.Action, keys []string, text string) ([]events.Outcome, error)
}

// Dependencies of the component; Log may be nil.
type Dependencies struct {
	DB        *sqldb.DB
	Ledger    *ledger.Ledger
	Clock     core.Clock
	IDs       *core.IDs
	Log       *slog.Logger
	Events    Events
	Receivers *receivers.Registry
	// Authenticate gives the principal of an API token.
	Authenticate func(ctx context.Context, token string) (*auth.Principal, error)
	// Client fetches what senders ask to be fetched; it must refuse addresses
	// that nobody outside may aim at.
	Client *http.Client
}
