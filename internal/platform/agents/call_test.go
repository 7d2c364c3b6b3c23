package agents_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"mainstay/internal/core"
	"mainstay/internal/platform/agents"
	"mainstay/internal/platform/agents/protocol"
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
		Ledger: ledger.New(ledger.Configuration{}, ledger.Dependencies{DB: db, Clock: clock, IDs: core.NewIDs(clock, nil)})})
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

func TestCalls(t *testing.T) {
	t.Parallel()
	w := setup(t, sqldbtest.SQLite(t))
	h, other := newHost(), newHost()
	_, token := w.token(`{}`)
	w.enrol(h, token)
	_, token = w.token(`{}`)
	w.enrol(other, token)
	began := time.Now()
	if err := w.agents.Call(t.Context(), h.id, "x", nil, nil); core.CodeOf(err) != core.CodeUnavailable || time.Since(began) > 2*time.Second {
		t.Errorf("an agent that is away: %v after %s", err, time.Since(began))
	}
	var away *agents.AwayError
	if _, err := w.agents.Run(t.Context(), h.id, agents.Command{Execution: "1", Script: "id"}, nil); core.CodeOf(err) != core.CodeUnavailable ||
		!errors.As(err, &away) || away.Name != "db1" || away.Error() != "agent db1 has not connected yet" {
		t.Errorf("a command for an agent that is away: %v", err)
	}
	nc, err := w.connect(h)
	if err != nil {
		t.Fatal(err)
	}
	intruder, err := w.connect(other)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = nc.Subscribe(protocol.CallsSubject(h.id), func(msg *nats.Msg) {
		switch protocol.MethodOf(msg.Subject) {
		case "good":
			// Another agent tries to answer first.
			_ = intruder.Publish(msg.Reply, []byte(`{"result":"forged"}`))
			_ = intruder.Flush()
			data, _ := json.Marshal(protocol.Succeed("genuine"))
			_ = msg.Respond(data)
		case "bad":
			data, _ := json.Marshal(protocol.Fail(core.Invalid("field", "is wrong")))
			_ = msg.Respond(data)
		}
	})
	_ = nc.Flush()
	var out string
	if err := w.agents.Call(t.Context(), h.id, "good", nil, &out); err != nil || out != "genuine" {
		t.Errorf("%q %v", out, err)
	}
	if err := w.agents.Call(t.Context(), h.id, "bad", nil, nil); core.CodeOf(err) != core.CodeInvalid || !strings.Contains(err.Error(), "field: is wrong") {
		t.Errorf("%v", err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := w.agents.Call(ctx, h.id, "silent", nil, nil); core.CodeOf(err) != core.CodeUnavailable {
		t.Errorf("%v", err)
	}
}

// TestAnAgentThatHoldsNoReadIsNotAskedWithoutPause: the protocol has an agent
// hold a read that has no news; one that answers at once must not keep the
// server busy.
func TestAnAgentThatHoldsNoReadIsNotAskedWithoutPause(t *testing.T) {
	t.Parallel()
	w := setup(t, sqldbtest.SQLite(t))
	h := newHost()
	_, token := w.token(`{}`)
	w.enrol(h, token)
	nc, err := w.connect(h)
	if err != nil {
		t.Fatal(err)
	}
	var reads atomic.Int64
	_, _ = nc.Subscribe(protocol.CallsSubject(h.id), func(msg *nats.Msg) {
		if protocol.MethodOf(msg.Subject) == protocol.MethodRead {
			reads.Add(1)
		}
		data, _ := json.Marshal(protocol.Succeed(protocol.State{}))
		_ = msg.Respond(data)
	})
	_ = nc.Flush()
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	if _, err := w.agents.Run(ctx, h.id, agents.Command{Execution: "1", Script: "id"}, nil); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v", err)
	}
	if n := reads.Load(); n < 1 || n > 6 {
		t.Errorf("%d reads in a second", n)
	}
}
