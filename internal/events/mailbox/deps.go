package mailbox

import (
	"context"
	"log/slog"
	"net"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/ledger"
	"mainstay/internal/platform/receivers"
	"mainstay/internal/platform/sqldb"
)

// Dependencies of the component; Log may be nil.
type Dependencies struct {
	DB        *sqldb.DB
	Ledger    *ledger.Ledger
	Clock     core.Clock
	Log       *slog.Logger
	Sources   Sources
	Receivers *receivers.Registry
	// Reveal gives the value behind secret:NAME for the mailbox that is named.
	Reveal func(ctx context.Context, reference, mailbox string) (string, error)
	// Dial connects to where a document says; it must refuse addresses that
	// nobody may aim at.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
}

// Sources make events of mails.
type Sources interface {
	// TakeMail hands a mail to an event source. Without an error its events are
	// durable. An error with the code invalid, malformed or too_large is about
	// this mail; after any other it may be tried again.
	TakeMail(ctx context.Context, source string, raw []byte, came time.Time) (taken int, err error)
}
