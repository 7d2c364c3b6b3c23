package agents_test

import (
	"testing"

	"mainstay/internal/core"
	"mainstay/internal/platform/agents"
	"mainstay/internal/platform/bus"
	"mainstay/internal/platform/ledger"
	"mainstay/internal/platform/sqldb/sqldbtest"
)

// TestCallsBeforeTheStartAndAfterTheStopAreRefused: steps of runs are taken up
// again as soon as a server starts, and may be faster than the bus.
func TestCallsBeforeTheStartAndAfterTheStopAreRefused(t *testing.T) {
	t.Parallel()
	db := sqldbtest.SQLite(t)
	clock := core.SystemClock{}
	b, err := bus.New(bus.Defaults(), bus.Dependencies{})
	if err != nil {
		t.Fatal(err)
	}
	c, err := agents.New(agents.Defaults(), agents.Dependencies{DB: db, Bus: b, Sink: &sink{}, Clock: clock,
		Ledger: ledger.New(ledger.Dependencies{DB: db, Clock: clock, IDs: core.NewIDs(clock, nil)})})
	if err != nil {
		t.Fatal(err)
	}
	agent := core.NewIDs(clock, nil).New()
	refused := func(when string) {
		t.Helper()
		for range 2 { // the first leaves nothing behind that would hold the second
			if err := c.Call(t.Context(), agent, "x", nil, nil); core.CodeOf(err) != core.CodeUnavailable {
				t.Errorf("%s: %v", when, err)
			}
		}
	}
	refused("before the start")
	if err := b.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := c.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	refused("nobody listens")
	if err := c.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	refused("after the stop")
	if err := b.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
}
