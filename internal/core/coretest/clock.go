// Package coretest offers a manual clock and free ports to tests.
package coretest

import (
	"sync"
	"time"

	"mainstay/internal/core"
)

// Clock stands still until Advance moves it. It is safe for concurrent use.
type Clock struct {
	mu     sync.Mutex
	now    time.Time
	timers map[*timer]struct{}
}

// NewClock returns a clock that shows now.
func NewClock(now time.Time) *Clock {
	return &Clock{now: now.UTC(), timers: map[*timer]struct{}{}}
}

// Now returns the clock's time.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Advance moves the clock and fires every timer that falls due, each with the
// time the clock then shows.
func (c *Clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
	for t := range c.timers {
		if !t.at.After(c.now) {
			delete(c.timers, t)
			t.fire(c.now)
		}
	}
}

// Timers returns how many timers wait: a test can wait for a sleeper to sleep.
func (c *Clock) Timers() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.timers)
}

// NewTimer returns a timer that fires when Advance passes now+d.
func (c *Clock) NewTimer(d time.Duration) core.Timer {
	t := &timer{clock: c, c: make(chan time.Time, 1)}
	t.Reset(d)
	return t
}

type timer struct {
	clock *Clock
	at    time.Time
	c     chan time.Time
}

func (t *timer) C() <-chan time.Time { return t.c }

func (t *timer) Stop() bool {
	t.clock.mu.Lock()
	defer t.clock.mu.Unlock()
	_, waited := t.clock.timers[t]
	delete(t.clock.timers, t)
	return waited
}

func (t *timer) Reset(d time.Duration) bool {
	t.clock.mu.Lock()
	defer t.clock.mu.Unlock()
	_, waited := t.clock.timers[t]
	t.at = t.clock.now.Add(d)
	if d <= 0 {
		delete(t.clock.timers, t)
		t.fire(t.clock.now)
		return waited
	}
	t.clock.timers[t] = struct{}{}
	return waited
}

func (t *timer) fire(now time.Time) {
	select {
	case t.c <- now:
	default:
	}
}
