package mailbox

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"sync/atomic"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
	"github.com/emersion/go-sasl"
)

const (
	answerLimit = time.Minute // for a server's answer
	fetchLimit  = 5 * time.Minute
	takeLimit   = 30 * time.Second
	idleLimit   = 5 * time.Minute // after which a server that tells of new mail is looked at nevertheless: it may be gone
	answerMost  = 1 << 20         // bytes of an answer that is neither a message nor a list of them
	listMost    = 32 << 20
)

// session is a connection to a server, with the folder selected.
type session struct {
	client   *imapclient.Client
	conn     *budgeted
	news     chan struct{} // the server told of new mail
	idles    bool
	moves    bool
	plus     bool // UIDPLUS, RFC 4315
	validity uint32
	next     uint32 // the UID that the next message gets

	deps Dependencies
}

// budgeted is a connection that fails when the other side says more than it
// was asked for.
type budgeted struct {
	net.Conn
	left atomic.Int64
}

var errTooMuch = errors.New("the server says more than it was asked for")

func (b *budgeted) Read(p []byte) (int, error) {
	if b.left.Load() <= 0 {
		return 0, errTooMuch
	}
	n, err := b.Conn.Read(p)
	b.left.Add(int64(-n))
	return n, err
}

// within bounds an exchange in time and size: when ctx ends, or the limit, the
// connection is closed, which ends what waits for an answer.
func (s *session) within(ctx context.Context, limit time.Duration, most int64, do func() error) error {
	s.conn.left.Store(most)
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	defer context.AfterFunc(ctx, func() { _ = s.conn.Close() })()
	err := do()
	if err != nil && errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return fmt.Errorf("the server did not answer within %s", limit)
	}
	return err
}

// connect logs in and selects the folder.
func (f *fetching) connect(ctx context.Context) (*session, error) {
	password, err := f.deps.Reveal(ctx, f.Password, f.name)
	if err != nil {
		return nil, fmt.Errorf("the password: %w", err)
	}
	limited, cancel := context.WithTimeout(ctx, answerLimit)
	conn, err := f.deps.Dial(limited, "tcp", f.Address)
	cancel()
	if err != nil {
		return nil, err
	}
	s := &session{conn: &budgeted{Conn: conn}, news: make(chan struct{}, 1), deps: f.deps}
	err = s.within(ctx, answerLimit, answerMost, func() error { return s.open(f.mailbox, password) })
	if err != nil {
		_ = conn.Close()
		return nil, err
	}
	return s, nil
}

func (s *session) open(m *mailbox, password string) (err error) {
	options := &imapclient.Options{TLSConfig: m.tls, UnilateralDataHandler: &imapclient.UnilateralDataHandler{Mailbox: func(data *imapclient.UnilateralDataMailbox) {
		if data.NumMessages == nil {
			return
		}
		select {
		case s.news <- struct{}{}:
		default:
		}
	}}}
	switch m.Security {
	case securityTLS:
		s.client = imapclient.New(tls.Client(s.conn, m.tls), options)
	case securitySTARTTLS:
		if s.client, err = imapclient.NewStartTLS(s.conn, options); err != nil {
			return fmt.Errorf("STARTTLS: %w", err)
		}
	default:
		s.client = imapclient.New(s.conn, options)
	}
	if err := s.client.WaitGreeting(); err != nil {
		return err
	}
	if s.client.Caps().Has(imap.AuthCap(sasl.Plain)) {
		err = s.client.Authenticate(sasl.NewPlainClient("", m.User, password))
	} else {
		err = s.client.Login(m.User, password).Wait()
	}
	if err != nil {
		return fmt.Errorf("the server does not let %s in: %w", m.User, err)
	}
	caps := s.client.Caps() // those of one who is logged in
	s.idles, s.moves, s.plus = caps.Has(imap.CapIdle), caps.Has(imap.CapMove), caps.Has(imap.CapUIDPlus)
	selected, err := s.client.Select(m.Folder, nil).Wait()
	if err != nil {
		return fmt.Errorf("the folder %s: %w", m.Folder, err)
	}
	s.validity, s.next = selected.UIDValidity, uint32(selected.UIDNext)
	if s.validity == 0 || s.next == 0 {
		return errors.New("the server does not number its messages (UIDVALIDITY, UIDNEXT)")
	}
	return nil
}

// behind lists the UIDs of the messages that are to be taken, in order.
func (s *session) behind(ctx context.Context, at position) (uids []uint32, err error) {
	select { // what is told from now on is news
	case <-s.news:
	default:
	}
	look := func(from, to uint32, unread bool) error {
		criteria := &imap.SearchCriteria{UID: []imap.UIDSet{{imap.UIDRange{Start: imap.UID(from), Stop: imap.UID(to)}}}} // a Stop of 0 is *
		if unread {
			criteria.NotFlag = []imap.Flag{imap.FlagSeen}
		}
		return s.within(ctx, answerLimit, listMost, func() error {
			found, err := s.client.UIDSearch(criteria, nil).Wait()
			if err != nil {
				return fmt.Errorf("looking for new mails: %w", err)
			}
			for _, uid := range found.AllUIDs() {
				if uint32(uid) >= from { // n:* has the last message, whatever n is
					uids = append(uids, uint32(uid))
				}
			}
			return nil
		})
	}
	if at.done+1 < at.fresh {
		if err := look(at.done+1, at.fresh-1, true); err != nil {
			return nil, err
		}
	}
	if err := look(max(at.done+1, at.fresh), 0, false); err != nil {
		return nil, err
	}
	slices.Sort(uids)
	return slices.Compact(uids), nil
}

// size is how many bytes a message has, and when it came; -1 when it is gone.
func (s *session) size(ctx context.Context, uid uint32) (size int64, came time.Time, err error) {
	size = -1
	err = s.within(ctx, answerLimit, answerMost, func() error {
		found, err := s.client.Fetch(imap.UIDSetNum(imap.UID(uid)), &imap.FetchOptions{RFC822Size: true, InternalDate: true, UID: true}).Collect()
		if err != nil {
			return fmt.Errorf("message %d: %w", uid, err)
		}
		for _, m := range found {
			if uint32(m.UID) == uid {
				size, came = m.RFC822Size, m.InternalDate
			}
		}
		return nil
	})
	return size, came, err
}

// fetch reads a message, without marking it.
func (s *session) fetch(ctx context.Context, uid uint32, most int64) (raw []byte, err error) {
	err = s.within(ctx, fetchLimit, 2*most+1<<20, func() error {
		cmd := s.client.Fetch(imap.UIDSetNum(imap.UID(uid)), &imap.FetchOptions{UID: true, BodySection: []*imap.FetchItemBodySection{{Peek: true}}})
		for m := cmd.Next(); m != nil; m = cmd.Next() {
			for item := m.Next(); item != nil; item = m.Next() {
				body, ok := item.(imapclient.FetchItemDataBodySection)
				if !ok || body.Literal == nil {
					continue
				}
				if raw, err = io.ReadAll(io.LimitReader(body.Literal, most+1)); err != nil {
					return err
				}
			}
		}
		return cmd.Close()
	})
	if err == nil && int64(len(raw)) > most {
		return nil, fmt.Errorf("message %d has more bytes than the server said", uid)
	}
	if err == nil && raw == nil {
		return nil, fmt.Errorf("message %d: the server does not give it", uid)
	}
	return raw, err
}

// mark marks a message as seen, or moves it.
func (s *session) mark(ctx context.Context, uid uint32, to string) error {
	set := imap.UIDSetNum(imap.UID(uid))
	flag := func(f imap.Flag) error {
		return s.client.Store(set, &imap.StoreFlags{Op: imap.StoreFlagsAdd, Silent: true, Flags: []imap.Flag{f}}, nil).Close()
	}
	return s.within(ctx, answerLimit, answerMost, func() error {
		if to == "" {
			return flag(imap.FlagSeen)
		}
		err := s.transfer(set, to)
		var said *imap.Error
		if errors.As(err, &said) && said.Type == imap.StatusResponseTypeNo { // perhaps there is no such folder yet
			if made := s.client.Create(to, nil).Wait(); made != nil {
				return err
			}
			err = s.transfer(set, to)
		}
		if err != nil || s.moves {
			return err
		}
		if err := flag(imap.FlagDeleted); err != nil || !s.plus {
			return err // without UIDPLUS others' messages would be expunged, too
		}
		return s.client.UIDExpunge(set).Close()
	})
}

// transfer moves where the server can (RFC 6851), and copies where it cannot.
func (s *session) transfer(set imap.UIDSet, to string) error {
	if s.moves {
		_, err := s.client.Move(set, to).Wait()
		return err
	}
	_, err := s.client.Copy(set, to).Wait()
	return err
}

// wait returns when there may be new mail.
func (s *session) wait(ctx context.Context, poll time.Duration) error {
	if s.idles {
		return s.idle(ctx)
	}
	timer := s.deps.Clock.NewTimer(poll)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C():
	}
	return s.within(ctx, answerLimit, answerMost, func() error { return s.client.Noop().Wait() })
}

// idle has the server tell of new mail (RFC 2177).
func (s *session) idle(ctx context.Context) error {
	var idling *imapclient.IdleCommand
	err := s.within(ctx, answerLimit, answerMost, func() (err error) {
		idling, err = s.client.Idle()
		return err
	})
	if err != nil {
		return fmt.Errorf("IDLE: %w", err)
	}
	timer := s.deps.Clock.NewTimer(idleLimit)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C():
	case <-s.news:
	case <-s.client.Closed():
	}
	if ctx.Err() != nil {
		_ = s.conn.Close()
		return ctx.Err()
	}
	return s.within(ctx, answerLimit, answerMost, func() error {
		if err := idling.Close(); err != nil {
			return fmt.Errorf("IDLE: %w", err)
		}
		if err := idling.Wait(); err != nil {
			return fmt.Errorf("IDLE: %w", err)
		}
		return nil
	})
}

// close ends the connection.
func (s *session) close() { _ = s.client.Close() }
