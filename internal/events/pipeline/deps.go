package pipeline

import (
	"context"
	"log/slog"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/events/pipeline/rulebook"
	"mainstay/internal/platform/ledger"
	"mainstay/internal/platform/sqldb"
)

// Dependencies are what the room is built from. Items may be left out: then
// nothing is known of items.
type Dependencies struct {
	DB     *sqldb.DB
	Ledger *ledger.Ledger
	Clock  core.Clock
	IDs    *core.IDs
	Log    *slog.Logger
	Items  Items
	Events func() Events // made after the room
}

// Items knows what the graph knows of an item. It is asked for every event that
// has one, so it answers from memory where it can.
type Items interface {
	// Describe gives id, name, class, team, owner, site, service (the first that
	// needs it), services and attributes; nil for an item that is not known.
	Describe(ctx context.Context, item string) map[string]any
}

// Events takes what time brings, and has what was recorded.
type Events interface {
	// Elapse stores what due returns in the transaction it was called with.
	Elapse(ctx context.Context, due func(ctx context.Context, tx *sqldb.Tx, now time.Time) ([]rulebook.Output, error)) error
	// Standing tells how the alerts of keys stand.
	Standing(ctx context.Context, tx *sqldb.Tx, keys []string) (map[string]rulebook.Standing, error)
	// Recorded gives recorded events as they came in, in the order in which they
	// did, from after an id (or a time) until a time, limit at most. Repetitions that
	// were only counted come as one with their number.
	Recorded(ctx context.Context, after string, from, to time.Time, limit int) ([]rulebook.Recorded, error)
	// Latest gives the events recorded last before an id, the newest first.
	Latest(ctx context.Context, before string, limit int) ([]rulebook.Recorded, error)
	// Event gives one recorded event.
	Event(ctx context.Context, id string) (rulebook.Recorded, error)
	// Rehearse begins to count what routing would send; nil when nothing is routed.
	Rehearse() rulebook.Rehearsal
}
