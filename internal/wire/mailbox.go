package wire

import (
	"context"

	"mainstay/internal/core"
	"mainstay/internal/events/mailbox"
	"mainstay/internal/platform/secrets"
)

// buildMailboxes makes what fetches mails for the event sources.
func (s *System) buildMailboxes() (err error) {
	reveal := func(ctx context.Context, reference, name string) (string, error) {
		return s.secrets.Resolve(ctx, reference, secrets.Use{By: core.Ref{Kind: "mailbox", ID: name}})
	}
	s.mailboxes, err = mailbox.New(mailbox.Dependencies{DB: s.db, Ledger: s.ledger, Clock: s.clock, Log: s.log, Sources: s.hooks, Receivers: s.receivers,
		Reveal: reveal, Dial: s.guard.Dialer(dialTimeout).DialContext})
	return err
}
