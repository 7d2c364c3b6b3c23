package events

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/events/correlation"
	"mainstay/internal/events/pipeline/rulebook"
	"mainstay/internal/events/priority"
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
	Pipeline    Pipeline // without it events act as they come

	Directory Directory
	Records   Records
	Places    Places
	Reach     Reaching

	HTTP     *http.Client    // guarded; without it webhooks are not called
	Mail     routing.Mail    // without it no mail is sent
	Secrets  routing.Secrets // without it secret:NAME is not known
	External func() string   // the address of this installation
}

// Pipeline is what events pass before they act on alerts.
type Pipeline interface {
	// Shape lets rules act on an event; false when there are none.
	Shape(ctx context.Context, e rulebook.Event, now time.Time) (rulebook.Verdict, bool)
	// Remembers says whether rules that remember have to see the events at all.
	Remembers() bool
	// Settle lets rules that remember act, in the transaction that stores the
	// events. For each event it returns what leaves, the event itself first. It may be
	// called again with the same events after a transaction that failed.
	Settle(ctx context.Context, tx *sqldb.Tx, now time.Time, list []rulebook.Passing) ([][]rulebook.Output, error)
	// Refused hears of rules that made something of an event that cannot be.
	Refused(v rulebook.Verdict, why error)
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

// Directory knows whom alerts can be given to.
type Directory interface {
	// User and Team find one by id or name; core.CodeNotFound when there is none.
	User(ctx context.Context, idOrName string) (Holder, error)
	Team(ctx context.Context, idOrName string) (Holder, error)
}

// Reaching tells all that a fault reaches. It answers from memory where it can.
type Reaching interface {
	Reach(items []string) priority.Reach
}

// Holder is a person or team that has an alert.
type Holder struct{ ID, Name string }

// Records names what alerts are linked to.
type Records interface {
	// Title returns what a record is called; core.CodeNotFound when there is
	// none that the caller may see.
	Title(ctx context.Context, record core.Ref) (string, error)
}

// Place is where an item belongs.
type Place struct {
	Class, ClassLabel string
	Site              string
	Services          []Service // that its failure reaches
}

// Places says where items belong; those that are not known are left out.
type Places interface {
	Places(ctx context.Context, items []string) (map[string]Place, error)
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
func (nothing) Users(string) []string                                    { return nil }
func (nothing) Name(item string) string                                  { return item }
func (nothing) Class(string) string                                      { return "" }
func (nothing) Measured(string) bool                                     { return false }
func (nothing) Signals(context.Context, []string, time.Time, time.Time) (map[string][]rootcause.Signal, error) {
	return nil, nil
}
func (nothing) Title(_ context.Context, r core.Ref) (string, error) { return r.String(), nil }
func (nothing) Places(context.Context, []string) (map[string]Place, error) {
	return nil, nil
}
func (nothing) InMaintenance(context.Context, string, time.Time) (bool, string) {
	return false, ""
}

// servicesAlone is the reach where nothing but services is known.
type servicesAlone struct{ impact Impact }

func (s servicesAlone) Reach(items []string) (r priority.Reach) {
	for _, one := range s.impact.Services(items) {
		r.Services = append(r.Services, priority.Service{ID: one.ID, Name: one.Name})
	}
	return r
}

// anybody is the directory of an installation that has none.
type anybody struct{}

func (anybody) User(_ context.Context, id string) (Holder, error) { return Holder{id, id}, nil }
func (anybody) Team(_ context.Context, id string) (Holder, error) { return Holder{id, id}, nil }

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
	if d.Directory == nil {
		d.Directory = anybody{}
	}
	if d.Records == nil {
		d.Records = nothing{}
	}
	if d.Reach == nil {
		d.Reach = servicesAlone{d.Impact}
	}
	if d.Places == nil {
		d.Places = nothing{}
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
