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
	in := &reading{stream: s, from: from, convert: s.converter(s.transport), frames: framer{max: s.cfg.MaxMessage}, inlet: newInlet()}
	writing, cancel := receivers.Grace(ctx, s.deps.Clock, closeLimit)
	defer cancel()
	defer context.AfterFunc(writing, func() { _ = conn.Close() })()
	for {
		err := in.fill(conn)
		came := s.deps.Clock.Now()
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
		s.slow(ctx, s.meter, from, in.taken, came)
	}
}

// reading is the state of one connection.
type reading struct {
	*stream
	from    netip.Addr
	convert *converter
	frames  framer
	inlet
	batch []raw
	spans []span
	taken int // messages of the last take
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
	r.keep(at)
}

// rest stores what was begun and not ended when the connection ended.
func (r *reading) rest(ctx context.Context, came time.Time) {
	message, cut := r.frames.last(r.buf[:r.held])
	if len(message) > 0 {
		r.store(ctx, r.meter, r.convert, []raw{{string(message), r.from, cut}}, len(message), came)
	}
}
