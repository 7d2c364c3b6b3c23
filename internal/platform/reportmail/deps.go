package reportmail

import (
	"context"
	"log/slog"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/ledger"
	"mainstay/internal/platform/mail"
	"mainstay/internal/platform/sqldb"
)

// Dependencies are what the component is built from.
type Dependencies struct {
	DB      *sqldb.DB
	Ledger  *ledger.Ledger
	Mail    Mail
	Sources map[string]Source // by the name that documents call a report
	Clock   core.Clock
	IDs     *core.IDs
	Log     *slog.Logger
}

// Mail queues messages; *mail.Component is one.
type Mail interface {
	Configured() bool
	Send(ctx context.Context, tx *sqldb.Tx, messages ...mail.Message) error
}

// Source makes reports of one kind. Needs is what who declares a mail of it must
// be permitted everywhere.
type Source struct {
	Title string
	Needs auth.Permission
	// Write makes the report of a time in words.
	Write func(ctx context.Context, from, to time.Time) (text string, err error)
}
