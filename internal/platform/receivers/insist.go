package receivers

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"

	"mainstay/internal/core"
)

const (
	retryFirst = 50 * time.Millisecond
	retryMost  = 2 * time.Second
)

// Insistence stores what senders bring who can wait: while the store does not
// take it, it is tried again, and who calls reads no more meanwhile. It is safe
// for concurrent use.
type Insistence struct {
	Clock core.Clock
	Log   *slog.Logger

	told atomic.Int64
}

// Store writes n records of size bytes that came at a time, and returns when
// they are durable or ctx ends. Of those that write does not refuse it counts
// the rest as taken.
func (i *Insistence) Store(ctx context.Context, m *Meter, n, size int, came time.Time, write func(context.Context) (refused int, err error)) error {
	if n == 0 {
		return nil
	}
	for wait := retryFirst; ; wait = min(2*wait, retryMost) {
		refused, err := write(ctx)
		if err == nil {
			m.Took(n-refused, size)
			m.Stored(i.Clock.Now().Sub(came))
			if refused > 0 {
				m.Refused(refused, "older than the retention, or too far in the future")
			}
			return nil
		}
		i.waits(m, err)
		Pause(ctx, i.Clock, wait)
		if ctx.Err() != nil {
			m.Refused(n, "the log store took nothing until there was no more time: "+err.Error())
			return ctx.Err()
		}
	}
}

// waits says that senders are held up, once in a while.
func (i *Insistence) waits(m *Meter, err error) {
	m.Refused(0, "senders wait, because the log store does not take what they send: "+err.Error())
	now := core.Micros(i.Clock.Now())
	last := i.told.Load()
	if now-last > time.Minute.Microseconds() && i.told.CompareAndSwap(last, now) {
		i.Log.Warn("the log store does not take what senders bring; they wait", "receiver", m.Name, "error", err)
	}
}
