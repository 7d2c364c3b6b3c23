package push

import (
	"context"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/receivers"
)

const (
	retryFirst = 50 * time.Millisecond
	retryMost  = 2 * time.Second
	closeLimit = 2 * time.Second // for storing what has been read when Mainstay stops
)

// insist stores entries and returns when they are durable, or ctx ends. While
// the store does not take them it is tried again: who calls reads no more
// meanwhile, and its sender waits.
func (c *Component) insist(ctx context.Context, m *receivers.Meter, entries []entry, size int, came time.Time) error {
	records := c.records(ctx, entries, came)
	if len(records) == 0 {
		return nil
	}
	for wait := retryFirst; ; wait = min(2*wait, retryMost) {
		refused, err := c.deps.Logs.Write(ctx, records)
		if err == nil {
			m.Took(len(records)-refused, size)
			m.Stored(c.deps.Clock.Now().Sub(came))
			if refused > 0 {
				m.Refused(refused, "older than the retention, or too far in the future")
			}
			return nil
		}
		c.waits(m, err)
		receivers.Pause(ctx, c.deps.Clock, wait)
		if ctx.Err() != nil {
			m.Refused(len(records), "the log store took nothing until there was no more time: "+err.Error())
			return ctx.Err()
		}
	}
}

// waits says that senders are held up, once in a while.
func (c *Component) waits(m *receivers.Meter, err error) {
	m.Refused(0, "senders wait, because the log store does not take what they send: "+err.Error())
	now := core.Micros(c.deps.Clock.Now())
	last := c.told.Load()
	if now-last > time.Minute.Microseconds() && c.told.CompareAndSwap(last, now) {
		c.deps.Log.Warn("the log store does not take what senders bring; they wait", "receiver", m.Name, "error", err)
	}
}
