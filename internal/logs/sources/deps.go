package sources

import (
	"context"
	"log/slog"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/agents"
	"mainstay/internal/platform/ledger"
	"mainstay/internal/platform/sqldb"
)

// Dependencies are what the component is built from; Log may be nil.
type Dependencies struct {
	DB     *sqldb.DB
	Ledger *ledger.Ledger
	Agents Agents
	Items  Items
	Clock  core.Clock
	IDs    *core.IDs
	Log    *slog.Logger
}

// Agents are those that follow; *agents.Component is one.
type Agents interface {
	Connected(ctx context.Context) ([]agents.Agent, error)
	Agent(ctx context.Context, id string) (agents.Agent, error)
	Call(ctx context.Context, agent, method string, in, out any) error
}

// Items finds the items that a selector names.
type Items interface {
	Select(ctx context.Context, selector string) (items []string, err error)
}

// Configuration of the room.
type Configuration struct {
	Every time.Duration `yaml:"every" json:"every"` // how often it is looked who follows what
}

// Defaults look often enough for an agent that comes back.
func Defaults() Configuration { return Configuration{Every: 15 * time.Second} }

// Validate names the field that cannot work.
func (c Configuration) Validate() error {
	if c.Every < time.Second {
		return core.Invalid("every", "must be at least 1s")
	}
	return nil
}
