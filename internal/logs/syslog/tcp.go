package syslog

import (
	"context"
	"errors"
	"io"
	"net"
	"net/netip"
	"os"
	"time"

	"mainstay/internal/platform/receivers"
)

const (
	readBytes   = 256 << 10 // of one read, and about of one write to the spool
	readFirst   = 4 << 10   // of a connection that has sent little
	closeLimit  = 2 * time.Second
	acceptPause = 50 * time.Millisecond
)

// stream is a listener for connections.
type stream struct {
	*Component
	transport string
	meter     *receivers.Meter
}

func (s *stream) read(ctx context.Context, conn net.Conn, from netip.Addr) {
	in := &reading{stream: s, from: from, convert: s.converter(s.transport), frames: framer{max: s.cfg.MaxMessage}, buf: make([]byte, readFirst)}
	writing, cancel := receivers.Grace(ctx, s.deps.Clock, closeLimit)
	defer cancel()
	defer context.AfterFunc(writing, func() { _ = conn.Close() })()
	for {
		n, err := conn.Read(in.buf[in.held:])
		came := s.deps.Clock.Now()
		in.held += n
		in.take(writing, came)
		switch {
		case err == nil && ctx.Err() != nil:
			// Storing took time; the quiet that ends it begins now.
			receivers.Quiet(conn, s.deps.Clock)
			continue
		case err == nil:
		default:
			in.rest(writing, came)
			if !errors.Is(err, io.EOF) && !errors.Is(err, net.ErrClosed) && !errors.Is(err, os.ErrDeadlineExceeded) {
				s.deps.Log.Debug("a syslog connection ended", "from", from, "error", err)
			}
			return
		}
		if wait := s.limits.delay(from, in.taken, came); wait > 0 {
			s.meter.Refused(0, from.String()+" sends more than sourceRate allows; it is read more slowly")
			receivers.Pause(ctx, s.deps.Clock, wait)
		}
	}
}

// reading is the state of one connection.
type reading struct {
	*stream
	from    netip.Addr
	convert *converter
	frames  framer
	buf     []byte // the first held bytes are not yet taken
	held    int
	batch   []raw
	spans   []span
	taken   int // messages of the last take
}

type span struct {
	from, to int
	cut      bool
}

// take stores the messages that are whole and keeps the rest.
func (r *reading) take(ctx context.Context, came time.Time) {
	r.spans, r.batch = r.spans[:0], r.batch[:0]
	at := 0
	for {
		message, n, cut := r.frames.next(r.buf[at:r.held])
		at += n
		if message == nil {
			break
		}
		if len(message) == 0 {
			continue
		}
		// Where it lies: it ends before what follows it, by a delimiter at most.
		start := cap(r.buf) - cap(message)
		r.spans = append(r.spans, span{start, start + len(message), cut})
	}
	if r.taken = len(r.spans); r.taken > 0 {
		text := string(r.buf[:at])
		for _, s := range r.spans {
			r.batch = append(r.batch, raw{text[s.from:s.to], r.from, s.cut})
		}
		r.store(ctx, r.meter, r.convert, r.batch, at, came)
	}
	r.held = copy(r.buf, r.buf[at:r.held])
	if size := len(r.buf); r.held == size || at > size/2 && size < readBytes {
		// It fills: a larger one costs fewer reads and fewer writes.
		larger := make([]byte, max(min(4*size, readBytes), r.held+readFirst))
		copy(larger, r.buf[:r.held])
		r.buf = larger
	}
}

// rest stores what was begun and not ended when the connection ended.
func (r *reading) rest(ctx context.Context, came time.Time) {
	message, cut := r.frames.last(r.buf[:r.held])
	if len(message) > 0 {
		r.store(ctx, r.meter, r.convert, []raw{{string(message), r.from, cut}}, len(message), came)
	}
}
