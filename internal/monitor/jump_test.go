package monitor

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/monitor/beat"
	"mainstay/internal/platform/probe"
	"mainstay/internal/platform/sqldb/sqldbtest"
)

// The clock is put forward by an hour and back by a minute: checks go on at
// their pace, heartbeats are not missed, and no alert is opened.
func TestChecksGoOnWhenTheClockJumps(t *testing.T) {
	t.Parallel()
	b, clock := newBench(t, sqldbtest.SQLite(t)), &jumping{}
	b.deps.Clock = clock
	counting := &counter{seen: map[string]int{}}
	b.deps.Agents = counting
	b.start()
	ctx := context.Background()
	const checks = 40
	for i := range checks {
		b.check(fmt.Sprintf("c%d", i), CheckSpec{Item: itemID, RunOn: onAgent, Agent: fmt.Sprint(i), Interval: probe.Duration(500 * time.Millisecond), Spec: probe.Spec{Process: &probe.Process{Name: "x"}}})
	}
	job := b.check("job", CheckSpec{Item: itemID, Heartbeat: &beat.Heartbeat{Every: probe.Duration(10 * time.Minute)}})
	feed := b.check("feed", CheckSpec{Item: itemID, Passive: &beat.Passive{StaleAfter: probe.Duration(10 * time.Minute)}})
	for check, signal := range map[*Check]string{job: signalSuccess, feed: signalResult} {
		p := ping{Ping: Ping{ID: b.deps.IDs.New(), Target: b.one(check).id, At: clock.Now(), Signal: signal, Output: "fine"}}
		if err := b.c.keepPings(ctx, []ping{p}); err != nil {
			t.Fatal(err)
		}
	}
	b.settled()
	counting.all(t, checks, 2)
	e := b.c.leader.Load()
	for _, by := range []time.Duration{time.Hour, -time.Minute} {
		before, missed := counting.total.Load(), e.writer.missed.Load()
		clock.jump(by)
		began := time.Now()
		counting.reset()
		counting.all(t, checks, 3) // each of them goes on
		took := time.Since(began)
		ran := counting.total.Load() - before
		if most := int64(checks*(took.Seconds()/0.5+3)) + checks; ran > most {
			t.Errorf("%v: %d runs in %v: a storm", by, ran, took)
		}
		if now := e.writer.missed.Load(); now > missed+10*checks { // an hour is 7,200 of each
			t.Errorf("%v: %d intervals are called missed", by, now-missed)
		}
	}
	for _, check := range []*Check{job, feed} {
		tg := b.one(check)
		tg.mu.Lock()
		state := tg.state
		tg.mu.Unlock()
		if state.Show() != StatusOK {
			t.Errorf("%s is %s", check.Name, state.Show())
		}
	}
	if ev := b.events.all(); len(ev) != 0 {
		t.Errorf("%+v", ev)
	}
	if gaps := e.absences.all(); len(gaps) != 1 || gaps[0].To.Sub(gaps[0].From) > time.Hour+time.Minute {
		t.Errorf("%v", gaps)
	}
}

// counter are agents that are well and count.
type counter struct {
	mu    sync.Mutex
	seen  map[string]int
	total atomic.Int64
}

func (c *counter) RunCheck(_ context.Context, id string, _ probe.Spec) (probe.Result, error) {
	c.total.Add(1)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.seen[id]++
	return probe.Result{State: probe.OK, Output: "well"}, nil
}

func (c *counter) reset() {
	c.mu.Lock()
	defer c.mu.Unlock()
	clear(c.seen)
}

// all waits until each of n agents was asked so often.
func (c *counter) all(t *testing.T, n, often int) {
	t.Helper()
	for wait := time.Now(); time.Since(wait) < 20*time.Second; time.Sleep(5 * time.Millisecond) {
		c.mu.Lock()
		enough := 0
		for _, times := range c.seen {
			if times >= often {
				enough++
			}
		}
		c.mu.Unlock()
		if enough >= n {
			return
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	t.Fatalf("not all %d were run %d times: %v", n, often, c.seen)
}

// hanging are agents of which those named h never answer in time.
type hanging struct {
	counter
	stuck atomic.Int64
}

func (h *hanging) RunCheck(ctx context.Context, id string, spec probe.Spec) (probe.Result, error) {
	if id[0] == 'h' {
		h.stuck.Add(1)
		<-ctx.Done()
		return probe.Result{}, core.Errorf(core.CodeUnavailable, "no answer in time")
	}
	return h.counter.RunCheck(ctx, id, spec)
}

// As many targets hang as there are workers, and then as many again: the others run on time.
func TestTargetsThatHangDoNotHoldUpTheOthers(t *testing.T) {
	t.Parallel()
	b := newBench(t, sqldbtest.SQLite(t))
	agents := &hanging{counter: counter{seen: map[string]int{}}}
	b.deps.Agents = agents
	cfg := quick()
	cfg.Workers, cfg.Patience = 4, 20*time.Millisecond
	c, err := New(cfg, b.deps)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(context.Background()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Stop(context.Background()) })
	b.c = c
	spec := func(agent string) CheckSpec {
		return CheckSpec{Item: itemID, RunOn: onAgent, Agent: agent, Interval: probe.Duration(200 * time.Millisecond), Spec: probe.Spec{Timeout: probe.Duration(time.Minute), Process: &probe.Process{Name: "x"}}}
	}
	for i := range 8 {
		b.check(fmt.Sprintf("h%d", i), spec(fmt.Sprintf("h%d", i)))
	}
	for wait := time.Now(); agents.stuck.Load() < 8; time.Sleep(5 * time.Millisecond) {
		if time.Since(wait) > 20*time.Second {
			t.Fatalf("%d hang", agents.stuck.Load())
		}
	}
	for i := range 50 {
		b.check(fmt.Sprintf("w%d", i), spec(fmt.Sprintf("w%d", i)))
	}
	agents.all(t, 50, 5)
	e := c.leader.Load()
	if left := e.crew.away(); left != 8 {
		t.Errorf("%d runs have left their place", left)
	}
}

func TestNotMoreThanSoManyLeaveTheirPlace(t *testing.T) {
	t.Parallel()
	hired := make(chan struct{}, 100)
	late := make(chan struct{}, 3)
	c := &crew{patience: time.Millisecond, most: 2, hire: func() { hired <- struct{}{} }, late: func() { late <- struct{}{} }}
	release := make(chan struct{})
	replaced := make(chan bool, 3)
	for range 3 {
		go func() { replaced <- c.do(func() { <-release }) }()
	}
	<-hired
	<-hired
	for range 3 { // the third has lost patience, too
		<-late
	}
	if c.away() != 2 || len(hired) != 0 {
		t.Errorf("%d have left", c.away())
	}
	close(release)
	left := 0
	for range 3 {
		if <-replaced {
			left++
		}
	}
	if left != 2 || c.away() != 0 {
		t.Errorf("%d have left, %d are away", left, c.away())
	}
}
