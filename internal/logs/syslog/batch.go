package syslog

import (
	"context"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/receivers"
)

const (
	retryFirst = 50 * time.Millisecond
	retryMost  = 2 * time.Second
)

// store writes the batch and returns when it is durable, or ctx ends; which it
// is, it says. While the store does not take it, it is tried again: who calls
// reads no more meanwhile.
func (c *Component) store(ctx context.Context, m *receivers.Meter, convert *converter, batch []raw, size int, came time.Time) bool {
	records := convert.convert(ctx, batch, came)
	if len(records) == 0 {
		return true
	}
	for wait := retryFirst; ; wait = min(2*wait, retryMost) {
		refused, err := c.deps.Logs.Write(ctx, records)
		if err == nil {
			m.Took(len(records)-refused, size)
			m.Stored(c.deps.Clock.Now().Sub(came))
			if refused > 0 {
				m.Refused(refused, "their time is outside of what is kept")
			}
			return true
		}
		c.waits(m, err)
		timer := c.deps.Clock.NewTimer(wait)
		select {
		case <-timer.C():
		case <-ctx.Done():
			timer.Stop()
			m.Refused(len(records), "Mainstay stopped while the log store took nothing: "+err.Error())
			return false
		}
	}
}

// waits says that senders are held up, once in a while.
func (c *Component) waits(m *receivers.Meter, err error) {
	m.Refused(0, "senders wait, because the log store does not take what they send: "+err.Error())
	now := core.Micros(c.deps.Clock.Now())
	last := c.told.Load()
	if now-last > time.Minute.Microseconds() && c.told.CompareAndSwap(last, now) {
		c.deps.Log.Warn("the log store does not take what syslog brings; senders wait", "receiver", m.Name, "error", err)
	}
}

func (c *Component) converter(transport string) *converter {
	return &converter{parser: Parser{Zone: c.zone}, items: c.items, transport: transport, keeps: c.deps.Keeps}
}
