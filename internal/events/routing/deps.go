package routing

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/ledger"
	"mainstay/internal/platform/mail"
	"mainstay/internal/platform/sqldb"
)

// Dependencies are what a Router is built from; Secrets and Mail may be missing.
type Dependencies struct {
	DB     *sqldb.DB
	Ledger *ledger.Ledger
	Clock  core.Clock
	Log    *slog.Logger

	Alerts  Alerts
	HTTP    *http.Client // guarded: it decides what may be called
	Mail    Mail
	Secrets Secrets
	Self    string // this process, in the claims it lays
}

// Alerts is what the router asks about alerts.
type Alerts interface {
	// Muted says what holds an alert with these labels back at a time.
	Muted(set map[string]string, at time.Time) (inhibited, silenced bool)
	// Confirm brings alerts up to date that seem to have run out: another
	// process may have heard that they go on. It calls Put or Extend.
	Confirm(ctx context.Context, ids []string) error
}

// Mail queues messages in a transaction.
type Mail interface {
	Send(ctx context.Context, tx *sqldb.Tx, messages ...mail.Message) error
}

// Secrets gives the value behind a reference such as "secret:webhook".
type Secrets interface {
	Reveal(ctx context.Context, reference string) (string, error)
}

// Alert is an alert as receivers are told of it. It does not change once it
// was given to Put.
type Alert struct {
	ID          string // of the module
	Key         string // the same for the same condition
	Fingerprint string // of the labels
	Labels      map[string]string
	Annotations map[string]string
	StartsAt    time.Time
	EndsAt      time.Time // zero: until it is cleared
	UpdatedAt   time.Time
	URL         string
	Team        string
	Held        bool // by maintenance, or because a person said so
	Cleared     bool // somebody said that it is over
}

// ResolvedAt says whether it is over at a time.
func (a *Alert) ResolvedAt(at time.Time) bool { return !a.EndsAt.IsZero() && !a.EndsAt.After(at) }
