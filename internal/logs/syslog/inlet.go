package syslog

import (
	"context"
	"io"
	"net/netip"
	"time"

	"mainstay/internal/platform/receivers"
)

const (
	readBytes = 256 << 10 // of one read, and about of one write to the spool
	readFirst = 4 << 10   // of a connection that has sent little
)

// inlet is what came of a connection: the first held bytes are not yet taken.
type inlet struct {
	buf  []byte
	held int
}

func newInlet() inlet { return inlet{buf: make([]byte, readFirst)} }

func (i *inlet) fill(from io.Reader) error {
	n, err := from.Read(i.buf[i.held:])
	i.held += n
	return err
}

// keep drops what was taken, which is up to at. A buffer that fills becomes
// larger, which costs fewer reads and fewer writes.
func (i *inlet) keep(at int) {
	i.held = copy(i.buf, i.buf[at:i.held])
	if size := len(i.buf); i.held == size || at > size/2 && size < readBytes {
		larger := make([]byte, max(min(4*size, readBytes), i.held+readFirst))
		copy(larger, i.buf[:i.held])
		i.buf = larger
	}
}

// slow waits before the next read of a sender that sends more than it may.
func (c *Component) slow(ctx context.Context, meter *receivers.Meter, from netip.Addr, taken int, came time.Time) {
	if wait := c.limits.delay(from, taken, came); wait > 0 {
		meter.Refused(0, from.String()+" sends more than sourceRate allows; it is read more slowly")
		receivers.Pause(ctx, c.deps.Clock, wait)
	}
}
