package monitor

import (
	"context"
	"log/slog"
	"net/netip"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/ledger"
	"mainstay/internal/platform/metricstore"
	"mainstay/internal/platform/probe"
	"mainstay/internal/platform/sqldb"
)

// Events takes events; they are durable there when nil returns.
type Events interface {
	Accept(ctx context.Context, events []core.Event) error
}

// Item is what a check may use of an item.
type Item struct {
	ID         string
	Name       string
	Class      string
	Team       string
	Agent      string // id of the agent on it, "" without
	Address    string // where it is reached
	Attributes map[string]string
}

// Items is the graph as monitoring sees it.
type Items interface {
	// ItemOf returns the item the identities name; core.CodeNotFound when there is none yet.
	ItemOf(ctx context.Context, identities []core.Identity) (id string, err error)
	// Item returns an item by its id.
	Item(ctx context.Context, id string) (Item, error)
	// Select returns the ids of the items that a selector matches; an
	// unreadable selector is an error of core.CodeInvalid.
	Select(ctx context.Context, selector string) (ids []string, err error)
}

// RemoteRunner runs a probe on an agent. core.CodeUnavailable means that the
// agent cannot be reached now.
type RemoteRunner interface {
	RunCheck(ctx context.Context, agentID string, spec probe.Spec) (probe.Result, error)
}

// Secrets gives the value behind a reference such as "secret:web-password".
type Secrets interface {
	// Reveal returns the value if the team that the check belongs to may use it.
	Reveal(ctx context.Context, reference string, check core.Ref, team string) (string, error)
}

// Metrics is the part of the metric store that is used.
type Metrics interface {
	Append(ctx context.Context, samples []metricstore.Sample) error
	AppendHistograms(ctx context.Context, samples []metricstore.HistogramSample) error
	Query(ctx context.Context, expr string, at time.Time) (metricstore.Result, error)
	QueryRange(ctx context.Context, expr string, start, end time.Time, step time.Duration) (metricstore.Result, error)
	Describe(metrics ...metricstore.Metadata)
}

// Binder finds the item that labels of a series are about; "" when it is not known.
type Binder interface {
	Bind(ctx context.Context, label func(name string) string) (item string)
}

// Changes are what the service desk means to modify.
type Changes interface {
	// Planned returns a change as it is now; core.CodeNotFound when there is none.
	Planned(ctx context.Context, id string) (PlannedChange, error)
}

// Dependencies of the component. Binder, Items, Agents, Places, Secrets,
// Changes and Allow may be nil: then nothing is bound, run remotely, known by
// name, revealed, in maintenance by a change, or kept from being reached.
type Dependencies struct {
	DB      *sqldb.DB
	Ledger  *ledger.Ledger
	Metrics Metrics
	Events  Events
	Items   Items
	Binder  Binder
	Agents  RemoteRunner
	Places  Places
	Secrets Secrets
	Changes Changes
	Clock   core.Clock
	IDs     *core.IDs
	Log     *slog.Logger
	// Needs returns the ids of the items that an item needs directly, from
	// memory; nil: maintenance of what is below an item reaches nothing.
	Needs func(item string) []string
	// Allow guards the addresses that probes of the server may reach.
	Allow func(ip netip.Addr) error
	// Drivers run the probes of the server that need more than every program holds.
	Drivers map[string]probe.Driver
}
