package reportmail

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/lead"
	"mainstay/internal/platform/ledger"
	"mainstay/internal/platform/mail"
	"mainstay/internal/platform/sqldb"
)

const (
	room = "reports"
	// again is how soon what failed is tried once more, and how soon a change
	// that another process made is heeded.
	again = 5 * time.Minute
	// patience is how long a report may take.
	patience = 5 * time.Minute
)

// Component sends reports. It is safe for concurrent use.
type Component struct {
	deps Dependencies
	wake chan struct{}
	lead *lead.Lead
}

// New is inert.
func New(deps Dependencies) *Component {
	if deps.Log == nil {
		deps.Log = slog.New(slog.DiscardHandler)
	}
	return &Component{deps: deps, wake: make(chan struct{}, 1), lead: lead.New("report-mails", deps.DB, deps.Clock, deps.Log)}
}

// Start begins to look what is due, in one process of all.
func (c *Component) Start(ctx context.Context) error {
	c.lead.Start(ctx, func(context.Context) (func(context.Context), error) { return c.work, nil })
	return nil
}

// Stop ends it; what was not sent is sent after the next start.
func (c *Component) Stop(context.Context) error {
	c.lead.Stop()
	return nil
}

func (c *Component) changed() {
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

func (c *Component) work(ctx context.Context) {
	for ctx.Err() == nil {
		wait, err := c.Round(ctx)
		if err != nil && ctx.Err() == nil {
			c.deps.Log.Warn("reports: it cannot be looked which mails are due", "error", err)
		}
		timer := c.deps.Clock.NewTimer(wait)
		select {
		case <-timer.C():
		case <-c.wake:
		case <-ctx.Done():
		}
		timer.Stop()
	}
}

// Round sends what is due and tells how long nothing will be. One that fails
// keeps no other from being sent.
func (c *Component) Round(ctx context.Context) (wait time.Duration, err error) {
	list, err := c.entries(ctx, c.deps.DB)
	if err != nil {
		return again, err
	}
	now := c.deps.Clock.Now()
	wait = again
	for _, e := range list {
		switch {
		case e.spec.Disabled:
		case e.due.After(now):
			wait = min(wait, e.due.Sub(now))
		default:
			if err := c.send(ctx, e, now); err != nil && ctx.Err() == nil {
				c.deps.Log.Warn("reports: a mail was not sent; it is tried again", "mail", e.name, "error", err)
				c.blame(ctx, e, err)
			}
		}
	}
	return wait, nil
}

// send makes a report and queues its mails, once for what is due.
func (c *Component) send(ctx context.Context, e *entry, now time.Time) error {
	from, to := e.spec.period(now)
	messages, err := c.messages(ctx, e, from, to)
	if err != nil {
		return err
	}
	return c.deps.DB.Write(ctx, func(tx *sqldb.Tx) error {
		n, err := sqldb.Affected(tx.Exec(ctx, "UPDATE reportmail_mail SET due_at = $1, sent_at = $2, problem = '' WHERE id = $3 AND due_at = $4",
			core.Micros(e.spec.next(now)), core.Micros(now), e.id, core.Micros(e.due)))
		if err != nil || n == 0 {
			return err // it was changed or sent meanwhile
		}
		return c.queue(ctx, tx, ledger.System(room), e, from, to, messages)
	})
}

// SendNow sends what would have been due last, whether it was sent or not.
func (c *Component) SendNow(ctx context.Context, name string) error {
	e, err := c.named(ctx, c.deps.DB, name)
	if err != nil {
		return err
	}
	if e == nil {
		return core.NotFound("report mail", name)
	}
	if err := c.may(ctx, e.spec.Report); err != nil {
		return err
	}
	from, to := e.spec.period(c.deps.Clock.Now())
	messages, err := c.messages(ctx, e, from, to)
	if err != nil {
		return err
	}
	p := auth.From(ctx)
	return c.deps.DB.Write(ctx, func(tx *sqldb.Tx) error {
		return c.queue(ctx, tx, ledger.Actor{Kind: p.Kind, ID: p.ID, Name: p.Name}, e, from, to, messages)
	})
}

// messages are one mail to each address.
func (c *Component) messages(ctx context.Context, e *entry, from, to time.Time) ([]mail.Message, error) {
	if !c.deps.Mail.Configured() {
		return nil, core.Errorf(core.CodeUnavailable, "no mail server is configured")
	}
	source, known := c.deps.Sources[e.spec.Report]
	if !known {
		return nil, core.Invalid("spec.report", "is not a report that there is")
	}
	ctx, cancel := context.WithTimeout(auth.With(ctx, auth.System(room)), patience)
	defer cancel()
	text, err := source.Write(ctx, from, to)
	if err != nil {
		return nil, err
	}
	subject := fmt.Sprintf("%s: week from %s", source.Title, from.Format("2 January 2006"))
	if e.spec.Every == "month" {
		subject = source.Title + ": " + from.Format("January 2006")
	}
	text += "\n\n--\nSent each " + e.spec.Every + " by the document " + kindName + " " + e.name + ".\n"
	out := make([]mail.Message, len(e.spec.To))
	for i, address := range e.spec.To {
		out[i] = mail.Message{ID: c.deps.IDs.New(), To: address, Subject: subject, Text: text}
	}
	return out, nil
}

func (c *Component) queue(ctx context.Context, tx *sqldb.Tx, actor ledger.Actor, e *entry, from, to time.Time, messages []mail.Message) error {
	if err := c.deps.Mail.Send(ctx, tx, messages...); err != nil {
		return err
	}
	data, err := json.Marshal(map[string]any{"report": e.spec.Report, "from": from, "to": to, "addresses": e.spec.To})
	if err != nil {
		return err
	}
	_, err = c.deps.Ledger.Append(ctx, tx, ledger.Entry{Actor: actor, Module: room, Type: room + ".mail.sent", Subject: core.Ref{Kind: "report-mail", ID: e.id},
		Summary: fmt.Sprintf("report %s was sent to %d addresses", e.name, len(messages)), Data: data})
	return err
}

// blame shows why a mail was not sent.
func (c *Component) blame(ctx context.Context, e *entry, why error) {
	text := "it could not be made; the server's log says why"
	var coded *core.Error
	if errors.As(why, &coded) {
		text = coded.Message
	}
	if text == e.problem {
		return
	}
	err := c.deps.DB.Write(ctx, func(tx *sqldb.Tx) error {
		_, err := tx.Exec(ctx, "UPDATE reportmail_mail SET problem = $1 WHERE id = $2 AND due_at = $3", text, e.id, core.Micros(e.due))
		return err
	})
	if err != nil && ctx.Err() == nil {
		c.deps.Log.Warn("reports: why a mail was not sent cannot be kept", "mail", e.name, "error", err)
	}
}
