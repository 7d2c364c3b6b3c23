package syslog

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"strconv"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/receivers"
)

const (
	answerLimit = 30 * time.Second // to take answers in; a sender that takes none is left
	partLimit   = 200 * time.Millisecond
	relpOffers  = "200 OK\nrelp_version=%d\nrelp_software=mainstay\ncommands=syslog"
	relpGoodbye = "0 serverclose 0\n"
)

// acknowledged is a listener for RELP, the Reliable Event Logging Protocol
// (librelp, doc/relp.md): a message is answered when it is durable, and a
// sender sends again what was not answered.
type acknowledged struct {
	*Component
	transport string
	meter     *receivers.Meter
}

func (a *acknowledged) read(ctx context.Context, conn net.Conn, from netip.Addr) {
	s := &relpSession{acknowledged: a, conn: conn, from: from, convert: a.converter(a.transport), frames: relpFramer{max: a.cfg.MaxMessage}, inlet: newInlet()}
	writing, cancel := receivers.Grace(ctx, a.deps.Clock, closeLimit)
	defer cancel()
	defer context.AfterFunc(writing, func() { _ = conn.Close() })()
	for {
		err := s.fill(conn)
		came := a.deps.Clock.Now()
		if bad := s.take(writing, came); bad != nil {
			if !errors.Is(bad, errRELPClosed) {
				a.meter.Refused(0, "a connection from "+from.String()+" was closed: "+bad.Error())
			}
			s.part()
			return
		}
		switch {
		case err == nil && ctx.Err() == nil:
		case err == nil || errors.Is(err, os.ErrDeadlineExceeded):
			s.part()
			return
		default:
			if !errors.Is(err, io.EOF) && !errors.Is(err, net.ErrClosed) {
				a.deps.Log.Debug("a RELP connection ended", "from", from, "error", err)
			}
			return
		}
		a.slow(ctx, a.meter, from, s.taken, came)
	}
}

// relpSession is the state of one connection.
type relpSession struct {
	*acknowledged
	conn    net.Conn
	from    netip.Addr
	convert *converter
	frames  relpFramer
	opened  bool
	inlet
	batch   []raw
	answers []byte
	taken   int // messages of the last take
}

// errRELPClosed says that the sender has asked to close.
var errRELPClosed = errors.New("the session was closed")

// take stores the messages of the frames that are whole, answers them and keeps
// the rest. What is not durable is not answered.
func (s *relpSession) take(ctx context.Context, came time.Time) error {
	s.batch, s.answers = s.batch[:0], s.answers[:0]
	at := 0
	var bad error
	for bad == nil {
		frame, n, whole, err := s.frames.next(s.buf[at:s.held])
		at += n
		if err != nil {
			bad = err
		}
		if !whole {
			break
		}
		bad = s.command(frame)
	}
	if s.taken = len(s.batch); s.taken > 0 && !s.store(ctx, s.meter, s.convert, s.batch, at, came) {
		return core.Errorf(core.CodeUnavailable, "Mainstay stops and could not store what came; it is not acknowledged")
	}
	if len(s.answers) > 0 {
		_ = s.conn.SetWriteDeadline(s.deps.Clock.Now().Add(answerLimit))
		if _, err := s.conn.Write(s.answers); err != nil && bad == nil {
			bad = fmt.Errorf("it does not take its answers: %w", err)
		}
	}
	s.keep(at)
	return bad
}

// command does what a frame asks for, and prepares its answer.
func (s *relpSession) command(f relpFrame) error {
	switch {
	case f.transaction == 0: // a hint, which has no answer
	case f.command == "open":
		s.opened = true
		version := 0 // which librelp offers, and all that is beyond it
		if bytes.Contains(f.data, []byte("relp_version=1")) {
			version = 1
		}
		s.answer(f, fmt.Sprintf(relpOffers, version))
	case f.command == "close":
		s.answer(f, "")
		return errRELPClosed
	case !s.opened:
		s.answer(f, "500 the session is not open")
		return fmt.Errorf("%s came before open", f.command)
	case f.command == "syslog":
		if len(f.data) > 0 {
			s.batch = append(s.batch, raw{string(f.data), s.from, f.cut})
		}
		s.answer(f, "200 OK")
	default:
		s.answer(f, "500 the command is not known")
	}
	return nil
}

func (s *relpSession) answer(f relpFrame, text string) {
	s.answers = strconv.AppendInt(s.answers, int64(f.transaction), 10)
	s.answers = append(s.answers, " rsp "...)
	s.answers = strconv.AppendInt(s.answers, int64(len(text)), 10)
	if text != "" {
		s.answers = append(append(s.answers, ' '), text...)
	}
	s.answers = append(s.answers, '\n')
}

// part tells the sender that nothing more is taken, and lets it read its
// answers: to close while something is unread would throw them away.
func (s *relpSession) part() {
	now := s.deps.Clock.Now()
	_ = s.conn.SetDeadline(now.Add(partLimit))
	if _, err := io.WriteString(s.conn, relpGoodbye); err != nil {
		return
	}
	if half, ok := s.conn.(interface{ CloseWrite() error }); ok {
		_ = half.CloseWrite()
	}
	_, _ = io.Copy(io.Discard, s.conn)
}
