package monitor

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/probe"
	"mainstay/internal/platform/sqldb/sqldbtest"
)

// jumping is the system's clock, which can be put forward.
type jumping struct {
	core.SystemClock
	ahead atomic.Int64
}

func (j *jumping) Now() time.Time { return j.SystemClock.Now().Add(time.Duration(j.ahead.Load())) }

func (j *jumping) jump(d time.Duration) { j.ahead.Add(int64(d)) }

// absent are agents that are not there.
type absent struct{}

func (absent) RunCheck(context.Context, string, probe.Spec) (probe.Result, error) {
	return probe.Result{}, core.Errorf(core.CodeUnavailable, "the agent is not connected")
}

func TestAnAgentThatIsNotThereYetIsNoFault(t *testing.T) {
	t.Parallel()
	b, clock := newBench(t, sqldbtest.SQLite(t)), &jumping{}
	b.deps.Clock, b.deps.Agents = clock, absent{}
	b.start()
	ctx, none := context.Background(), 0
	declare := func(name, agent string) {
		b.check(name, CheckSpec{Item: itemID, RunOn: onAgent, Agent: agent, Retries: &none, Interval: probe.Duration(time.Hour),
			Spec: probe.Spec{Command: &probe.Command{Path: "/x"}}})
	}
	run := func(name string, hard bool) {
		t.Helper()
		if res, err := b.c.RunNow(ctx, name); err != nil || res.Status != Unknown || res.Hard != hard {
			t.Fatalf("%s: %+v %v", name, res, err)
		}
	}
	grace := Defaults().AgentGrace

	// After a start: however often it is looked for, and whether or not the
	// item has an agent at all.
	declare("load", "agent-7")
	declare("disk", "")
	for range 5 {
		run("load", false)
		run("disk", false)
	}
	clock.jump(grace / 2)
	run("load", false)
	clock.jump(grace / 2)
	run("load", true)
	run("disk", true)
	b.wait(2)

	// A check that is made later has its own minute.
	declare("swap", "agent-7")
	run("swap", false)
	clock.jump(grace)
	run("swap", true)
	if got := b.wait(3); len(got) != 3 {
		t.Fatalf("%+v", got)
	}
}

// A fault that a host reports itself counts at once.
func TestThePatienceIsForAgentsAlone(t *testing.T) {
	t.Parallel()
	b := newBench(t, sqldbtest.SQLite(t))
	b.deps.Agents, b.deps.Secrets = agents{make(chan string, 100)}, vault{}
	b.start()
	none := 0
	b.check("load", CheckSpec{Item: itemID, RunOn: onAgent, Agent: "agent-7", Retries: &none, Interval: probe.Duration(time.Hour),
		Spec: probe.Spec{Command: &probe.Command{Path: "/x", Env: map[string]string{"PASSWORD": "secret:db"}}}})
	if res, err := b.c.RunNow(context.Background(), "load"); err != nil || res.Status != Warning || !res.Hard {
		t.Fatalf("%+v %v", res, err)
	}
}
