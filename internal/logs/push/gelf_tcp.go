package push

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"

	"mainstay/internal/platform/receivers"
)

func (c *Component) listenGELFTCP(ctx context.Context) error {
	return c.listenTCP(ctx, &c.gelfTCP, c.cfg.GELF.TCP, receivers.About{Name: "gelf-tcp", Protocol: "GELF over TCP"},
		c.cfg.GELF.Certificate, c.cfg.GELF.Key, c.cfg.GELF.ClientCA, c.serveGELFTCP)
}

// serveGELFTCP reads messages that end with a NUL byte (graylog.org, "GELF via
// TCP"); senders that end them with a line feed as well are understood.
func (c *Component) serveGELFTCP(ctx context.Context, conn net.Conn, from netip.Addr, m *receivers.Meter) {
	writing, cancel := receivers.Grace(ctx, c.deps.Clock, closeLimit)
	defer cancel()
	defer context.AfterFunc(writing, func() { _ = conn.Close() })()
	in := bufio.NewReaderSize(conn, 64<<10)
	var entries []entry
	size := 0
	for {
		raw, tooLong, err := readUntil(in, 0, c.cfg.GELF.MaxMessage)
		came := c.deps.Clock.Now()
		switch {
		case tooLong:
			m.Refused(1, fmt.Sprintf("%s: a message has more than %d bytes", from, c.cfg.GELF.MaxMessage))
		case len(raw) > 0:
			read, bad := c.entries(raw, from)
			if bad != nil {
				m.Refused(1, from.String()+": "+bad.Error())
			}
			entries, size = append(entries, read...), size+len(raw)
		}
		if in.Buffered() == 0 || err != nil || len(entries) >= writeAtOnce {
			if c.insist(writing, m, entries, size, came) != nil {
				return
			}
			entries, size = nil, 0
		}
		if err != nil {
			return
		}
		if ctx.Err() != nil {
			receivers.Quiet(conn, c.deps.Clock)
		}
	}
}

// readUntil reads to a delimiter, which it takes off; of what is longer than
// most it says so, and skips it.
func readUntil(in *bufio.Reader, delimiter byte, most int) (out []byte, tooLong bool, err error) {
	for {
		part, err := in.ReadSlice(delimiter)
		if err == nil {
			part = part[:len(part)-1]
		}
		if len(out)+len(part) > most {
			out, tooLong = nil, true
		} else if !tooLong {
			out = append(out, part...)
		}
		if errors.Is(err, bufio.ErrBufferFull) {
			continue
		}
		if errors.Is(err, io.EOF) && len(out) == 0 && !tooLong {
			return nil, false, io.EOF
		}
		return out, tooLong, err
	}
}
