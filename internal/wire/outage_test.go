package wire

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/core/coretest"
)

// TestAnOutageIsToldOnce has many parts fail many times while the store is away.
func TestAnOutageIsToldOnce(t *testing.T) {
	t.Parallel()
	var out lockedBuffer
	text := slog.NewTextHandler(&out, nil)
	clock := coretest.NewClock(time.Unix(1000, 0))
	o := newOutage(clock, text)
	var answers atomic.Bool
	o.ping = func(context.Context) error {
		if answers.Load() {
			return nil
		}
		return driver.ErrBadConn
	}
	if err := o.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { o.Stop(context.Background()) })
	log := slog.New(o.handler(text))
	lines := func() []string { return strings.Split(strings.TrimSpace(out.String()), "\n") }

	log.Warn("monitor: cannot read", "error", errors.New("something of its own"))
	for range 50 {
		log.Error("write beats", "component", "x", "error", fmt.Errorf("agents: %w", driver.ErrBadConn))
		log.With("component", "ledger").Warn("a consumer waits", "error", io.ErrUnexpectedEOF)
		log.With("component", "ledger").Warn("another consumer waits", "error", fmt.Errorf("read: %w", context.DeadlineExceeded))
		log.Warn("jobs: cannot be dispatched", "error", core.Errorf(core.CodeUnavailable, "no answer"))
	}
	log.Warn("desk: a mail is refused", "error", core.Invalid("to", "is no address"))
	log.Info("business as usual")
	want := []string{"something of its own", "does not answer", "write beats", "a consumer waits", "jobs: cannot", "is no address", "as usual"}
	if got := lines(); len(got) != len(want) {
		t.Fatalf("%d lines:\n%s", len(got), out.String())
	}
	for i, line := range lines() {
		if !strings.Contains(line, want[i]) {
			t.Errorf("line %d is %s, want %s", i, line, want[i])
		}
	}

	answers.Store(true)
	await(t, "the line that it is back", func() bool {
		clock.Advance(time.Second)
		return strings.Contains(out.String(), "answers again")
	})
	if last := lines()[len(lines())-1]; !strings.Contains(last, "heldBack=197") {
		t.Error(last)
	}
	told := len(lines())
	log.Warn("jobs: a call that began before", "error", driver.ErrBadConn)
	if len(lines()) != told {
		t.Errorf("what the outage left behind is told:\n%s", out.String())
	}
	clock.Advance(time.Minute)
	answers.Store(false)
	log.Warn("jobs: the next outage", "error", driver.ErrBadConn)
	if got := lines(); len(got) != told+2 || !strings.Contains(got[told], "does not answer") {
		t.Errorf("the next outage:\n%s", out.String())
	}
}
