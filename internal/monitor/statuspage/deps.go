package statuspage

import (
	"context"
	"log/slog"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/monitor/availability/figures"
	"mainstay/internal/platform/ledger"
	"mainstay/internal/platform/mail"
	"mainstay/internal/platform/sqldb"
	"mainstay/internal/platform/tasks"
)

// Availability says what items are and were.
type Availability interface {
	States(ctx context.Context, items []string) (map[string]figures.State, error)
	Days(ctx context.Context, item string, zone *time.Location, from, to time.Time) ([]figures.Day, error)
}

// Items finds items.
type Items interface {
	Select(ctx context.Context, selector string) ([]string, error)
	ItemOf(ctx context.Context, identities []core.Identity) (string, error)
}

// Maintenance says whether an item is worked on.
type Maintenance interface {
	InMaintenance(ctx context.Context, item string, at time.Time) (bool, string)
}

// Mail sends messages.
type Mail interface {
	Configured() bool
	Send(ctx context.Context, tx *sqldb.Tx, messages ...mail.Message) error
}

// Dependencies of the component.
type Dependencies struct {
	DB           *sqldb.DB
	Ledger       *ledger.Ledger
	Tasks        *tasks.Component
	Availability Availability
	Items        Items
	Maintenance  Maintenance
	Mail         Mail
	Address      func() string // of the installation, as people outside reach it: https://status.example.org
	Clock        core.Clock
	IDs          *core.IDs
	Log          *slog.Logger
}
