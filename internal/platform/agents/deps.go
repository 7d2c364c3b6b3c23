package agents

import (
	"context"
	"encoding/json"
	"log/slog"

	"github.com/nats-io/nats.go"

	"mainstay/internal/core"
	"mainstay/internal/platform/agents/protocol"
	"mainstay/internal/platform/bus"
	"mainstay/internal/platform/ledger"
	"mainstay/internal/platform/sqldb"
)

// Sample is one measured value of an agent.
type Sample = protocol.Sample

// Command, Chunk and Exit are a program to run on a host, a piece of its
// output, and its end.
type (
	Command = protocol.Command
	Chunk   = protocol.Chunk
	Exit    = protocol.Exit
)

// Sink takes over what agents deliver. When a method returns nil the record is
// durable. An error with one of the codes invalid, malformed and too_large
// gives the record up; after any other the agent delivers it again. A Sink
// sees a record at least once, and the records of one agent in order.
type Sink interface {
	// Report takes the facts of a host, in the shape of a graph report.
	Report(ctx context.Context, agent string, report json.RawMessage) error
	Metrics(ctx context.Context, agent string, samples []Sample) error
	Events(ctx context.Context, agent string, events []core.Event) error
	// Logs says how many of the records were unusable.
	Logs(ctx context.Context, agent string, batch protocol.LogBatch) (refused int, err error)
}

// Bus is what the agents need of the bus.
type Bus interface {
	Conn() *nats.Conn
	AdmitAgents(bus.Admit)
	Disconnect(agent string)
}

// Events takes the alerts of lost agents. What it has taken is durable.
type Events interface {
	Accept(ctx context.Context, events []core.Event) error
}

// Dependencies of the agents. Without Events nobody hears of lost ones but
// through the ledger.
type Dependencies struct {
	DB     *sqldb.DB
	Ledger *ledger.Ledger
	Bus    Bus
	Sink   Sink
	Events Events
	Clock  core.Clock
	IDs    *core.IDs
	Log    *slog.Logger
}
