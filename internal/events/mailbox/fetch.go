package mailbox

import (
	"context"
	"fmt"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/receivers"
)

const (
	againFirst = time.Second // after which a mailbox that failed is tried again
	againMost  = 5 * time.Minute
	roundMost  = 200 // messages of one look
)

// fetching is a mailbox that is fetched from.
type fetching struct {
	*Component
	*mailbox
	meter *receivers.Meter
	at    position
	down  bool // since the last visit
}

// fetchFrom fetches until ctx ends. A mailbox that fails is told of with its
// receiver, and tried again, less and less often.
func (c *Component) fetchFrom(ctx context.Context, m *mailbox) {
	meter := c.deps.Receivers.Add(receivers.About{Name: "imap-" + m.name, Protocol: "Mail over IMAP", Address: m.Address + "/" + m.Folder, Feeds: "events"})
	defer meter.Close()
	f := &fetching{Component: c, mailbox: m, meter: meter}
	for again := againFirst; ; again = min(2*again, againMost) {
		worked, err := f.visit(ctx)
		if ctx.Err() != nil {
			return
		}
		meter.Refused(0, err.Error())
		f.down = true
		c.deps.Log.Warn("a mailbox cannot be fetched from", "mailbox", m.name, "error", err)
		if worked {
			again = againFirst
		}
		if !c.pause(ctx, again) {
			return
		}
	}
}

// visit is one connection. It returns when that fails; worked says that mails
// could be looked for.
func (f *fetching) visit(ctx context.Context) (worked bool, err error) {
	s, err := f.connect(ctx)
	if err != nil {
		return false, err
	}
	f.meter.Connected(1)
	defer f.meter.Connected(-1)
	defer s.close()
	if err := f.begin(ctx, s); err != nil {
		return false, err
	}
	if f.down {
		f.down = false
		f.meter.Recovered()
	}
	for {
		more, err := f.round(ctx, s)
		if err != nil {
			return worked, err
		}
		worked = true
		if more {
			continue
		}
		if err := s.wait(ctx, f.poll); err != nil {
			return worked, err
		}
	}
}

// begin finds where to go on. When the folder's UIDs are others than before,
// what nobody read is taken: nothing may be missed, and what was taken has been
// marked.
func (f *fetching) begin(ctx context.Context, s *session) (err error) {
	if f.at, err = f.position(ctx, f.name); err != nil {
		return err
	}
	first, renewed := f.at.place != f.place(), f.at.validity != s.validity
	if !first && !renewed {
		if f.at.unmarked != 0 {
			return f.mark(ctx, s)
		}
		return nil
	}
	f.at = position{place: f.place(), validity: s.validity, fresh: s.next}
	if first && f.mailbox.Start != startUnseen {
		f.at.done = s.next - 1
	}
	return f.reached(ctx, f.name, f.at)
}

// round takes what is new, up to a bound; more says that there is more.
func (f *fetching) round(ctx context.Context, s *session) (more bool, err error) {
	uids, err := s.behind(ctx, f.at)
	if err != nil {
		return false, err
	}
	more = len(uids) > roundMost
	for _, uid := range uids[:min(len(uids), roundMost)] {
		if err := f.take(ctx, s, uid); err != nil {
			return false, err
		}
	}
	return more, nil
}

// take has one message become events.
func (f *fetching) take(ctx context.Context, s *session, uid uint32) error {
	size, came, err := s.size(ctx, uid)
	if err != nil {
		return err
	}
	f.at.done, f.at.unmarked = uid, 0
	if size < 0 { // gone again
		return f.reached(ctx, f.name, f.at)
	}
	if size > f.MaxMessage {
		return f.refuse(ctx, uid, fmt.Sprintf("has %d bytes, and maxMessage is %d", size, f.MaxMessage))
	}
	raw, err := s.fetch(ctx, uid, f.MaxMessage)
	if err != nil {
		return err
	}
	whole, cancel := context.WithTimeout(context.WithoutCancel(ctx), takeLimit) // what was begun is brought to its end
	defer cancel()
	taken, err := f.deps.Sources.TakeMail(whole, f.Source, raw, f.deps.Clock.Now())
	switch core.CodeOf(err) {
	case "":
	case core.CodeInvalid, core.CodeMalformed, core.CodeTooLarge:
		return f.refuse(whole, uid, err.Error())
	default:
		return err
	}
	f.at.unmarked = uid
	if err := f.reached(whole, f.name, f.at); err != nil {
		return err
	}
	f.meter.Took(max(taken, 1), len(raw))
	f.meter.Stored(max(0, f.deps.Clock.Now().Sub(came)))
	return f.mark(whole, s)
}

// refuse leaves a message as it is, and goes on behind it.
func (f *fetching) refuse(ctx context.Context, uid uint32, why string) error {
	if err := f.reached(ctx, f.name, f.at); err != nil {
		return err
	}
	f.meter.Refused(1, fmt.Sprintf("message %d %s", uid, why))
	return nil
}

// mark marks or moves the message whose events are kept.
func (f *fetching) mark(ctx context.Context, s *session) error {
	if err := s.mark(ctx, f.at.unmarked, f.MoveTo); err != nil {
		return fmt.Errorf("message %d became events, but cannot be marked: %w", f.at.unmarked, err)
	}
	f.at.unmarked = 0
	return f.reached(ctx, f.name, f.at)
}
