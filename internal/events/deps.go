package events

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/events/correlation"
	"mainstay/internal/events/rootcause"
	"mainstay/internal/events/routing"
	"mainstay/internal/platform/ledger"
	"mainstay/internal/platform/sqldb"
)

// Dependencies are what the module is built from. DB, Ledger, Clock and IDs
// are needed; without one of the others what it would tell is unknown.
type Dependencies struct {
	DB     *sqldb.DB
	Ledger *ledger.Ledger
	Clock  core.Clock
	IDs    *core.IDs
	Log    *slog.Logger

	Items       Items
	Graph       correlation.Graph
	Impact      Impact
	Maintenance Maintenance
	Measured    Measurements

	HTTP     *http.Client    // guarded; without it webhooks are not called
	Mail     routing.Mail    // without it no mail is sent
	Secrets  routing.Secrets // without it secret:NAME is not known
	External func() string   // the address of this installation
}

// Items finds items by what senders know of them.
type Items interface {
	// Resolve returns the one item the identities name, "" when there is none
	// or it cannot be told which.
	Resolve(ctx context.Context, identities []core.Identity) (string, error)
	// Team returns the team an item belongs to, "" when none. It answers from memory.
	Team(item string) string
}

// Impact finds what a fault reaches. It answers from memory.
type Impact interface {
	// Services lists the business services that the items' failure reaches.
	Services(items []string) []Service
	// Affected lists the items that need any of the items, directly or not, up to limit.
	Affected(items []string, limit int) []string
}

// Service is a business service that is reached.
type Service struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// Measurements finds what is measured of items.
type Measurements interface {
	// Signals returns the signals of items: normal operation before the onset,
	// the moments just before it, and what is known from then until until. It
	// bounds what it reads, and gives up when ctx ends.
	Signals(ctx context.Context, items []string, onset, until time.Time) (map[string][]rootcause.Signal, error)
}

// Maintenance knows when an item is worked on.
type Maintenance interface {
	// InMaintenance says whether the item is in a maintenance window, and which.
	InMaintenance(ctx context.Context, item string, at time.Time) (bool, string)
}

// nothing stands in for the dependencies that are not given.
type nothing struct{}

func (nothing) Resolve(context.Context, []core.Identity) (string, error) { return "", nil }
func (nothing) Team(string) string                                       { return "" }
func (nothing) Services([]string) []Service                              { return nil }
func (nothing) Affected([]string, int) []string                          { return nil }
func (nothing) Needs(string) []correlation.Need                          { return nil }
func (nothing) Name(item string) string                                  { return item }
func (nothing) Class(string) string                                      { return "" }
func (nothing) Measured(string) bool                                     { return false }
func (nothing) Signals(context.Context, []string, time.Time, time.Time) (map[string][]rootcause.Signal, error) {
	return nil, nil
}
func (nothing) InMaintenance(context.Context, string, time.Time) (bool, string) {
	return false, ""
}

func (d *Dependencies) fill() error {
	if d.DB == nil || d.Ledger == nil || d.Clock == nil || d.IDs == nil {
		return core.Errorf(core.CodeInternal, "events: DB, Ledger, Clock and IDs are needed")
	}
	if d.Log == nil {
		d.Log = slog.New(slog.DiscardHandler)
	}
	if d.Items == nil {
		d.Items = nothing{}
	}
	if d.Graph == nil {
		d.Graph = nothing{}
	}
	if d.Impact == nil {
		d.Impact = nothing{}
	}
	if d.Maintenance == nil {
		d.Maintenance = nothing{}
	}
	if d.Measured == nil {
		d.Measured = nothing{}
	}
	if d.HTTP == nil {
		d.HTTP = &http.Client{Transport: nowhere{}}
	}
	if d.External == nil {
		d.External = func() string { return "" }
	}
	return nil
}

// nowhere is the network of an installation that may not call anybody.
type nowhere struct{}

func (nowhere) RoundTrip(*http.Request) (*http.Response, error) {
	return nil, core.Errorf(core.CodeForbidden, "outgoing calls are not set up")
}
