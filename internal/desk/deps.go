package desk

import (
	"context"
	"log/slog"

	"mainstay/internal/core"
	"mainstay/internal/platform/ledger"
	"mainstay/internal/platform/sqldb"
)

// Dependencies are what the desk is built from.
type Dependencies struct {
	DB        *sqldb.DB
	Ledger    *ledger.Ledger
	Clock     core.Clock
	IDs       *core.IDs
	Log       *slog.Logger
	Graph     Graph
	Directory Directory
	Checks    Checks
}

// Graph answers what is known of items. A failure costs an incident its impact
// or its team, never the incident.
type Graph interface {
	// Services returns the business services that depend on any of the items,
	// directly or not, and the items that are services themselves.
	Services(ctx context.Context, items []string) ([]Service, error)
	// Facts describes items; those it does not know are left out.
	Facts(ctx context.Context, items []string) ([]Facts, error)
}

// Facts are what conditions may ask of an item.
type Facts struct {
	ID         string
	Name       string
	Class      string
	Team       string // id of the team that owns it
	Attributes map[string]any
}

// Directory knows teams and people.
type Directory interface {
	// Team finds a team by id or name.
	Team(ctx context.Context, idOrName string) (Entity, bool, error)
	// User finds a person by id.
	User(ctx context.Context, id string) (Entity, bool, error)
}

// Entity is a team or a person.
type Entity struct{ ID, Name string }

// Checks names checks for the note that tells which of them recovered.
type Checks interface {
	CheckNames(ctx context.Context, ids []string) (map[string]string, error)
}
