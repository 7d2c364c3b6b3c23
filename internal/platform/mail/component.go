package mail

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net/mail"
	"strings"

	gomail "github.com/wneessen/go-mail"

	"mainstay/internal/core"
	"mainstay/internal/platform/sqldb"
	"mainstay/internal/platform/tasks"
)

// taskKind is that of one message.
const taskKind = "mail.send"

// queue is that of all messages: a slow server keeps no other task waiting.
const queue = "mail"

// Message is one mail to one person.
type Message struct {
	ID          string `json:"id"` // makes the Message-ID
	To          string `json:"to"`
	Subject     string `json:"subject"`
	Text        string `json:"text"`
	Unsubscribe string `json:"unsubscribe,omitempty"` // address that takes a POST, RFC 8058
}

// Dependencies of the component.
type Dependencies struct {
	Tasks *tasks.Component
	IDs   *core.IDs
	Log   *slog.Logger
	TLS   *tls.Config // of the client; nil: the host's roots
}

// Component sends mail.
type Component struct {
	cfg  Configuration
	deps Dependencies
}

// New checks the configuration and registers the handler of messages.
func New(cfg Configuration, deps Dependencies) (*Component, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	c := &Component{cfg: cfg, deps: deps}
	if cfg.Host != "" { // without, what is queued keeps waiting for a process that can send
		deps.Tasks.Queue(queue, tasks.QueueOptions{Concurrency: 4})
		deps.Tasks.Handle(taskKind, c.handle)
	}
	return c, nil
}

// Configured says whether mail can be sent at all.
func (c *Component) Configured() bool { return c.cfg.Host != "" }

// Address checks an address that somebody typed and returns it alone.
func Address(text string) (string, error) {
	text = strings.TrimSpace(text)
	a, err := mail.ParseAddress(text)
	if err != nil || a.Address != text || len(text) > 254 || strings.ContainsAny(text, "\r\n") {
		return "", core.Invalid("email", "must be a mail address, such as name@example.org")
	}
	return text, nil
}

// Send queues messages in the caller's transaction.
func (c *Component) Send(ctx context.Context, tx *sqldb.Tx, messages ...Message) error {
	if !c.Configured() {
		return core.Errorf(core.CodeUnavailable, "no mail server is configured")
	}
	list := make([]tasks.Task, len(messages))
	for i, m := range messages {
		if m.ID == "" {
			m.ID = c.deps.IDs.New()
		}
		list[i] = tasks.Task{Queue: queue, Kind: taskKind, Key: m.ID, Args: m}
	}
	return c.deps.Tasks.Enqueue(ctx, tx, list...)
}

func (c *Component) handle(ctx context.Context, t tasks.Task) error {
	var m Message
	if err := t.Decode(&m); err != nil {
		return err
	}
	err := c.Deliver(ctx, m)
	var refused *gomail.SendError
	if errors.As(err, &refused) && !refused.IsTemp() && refused.ErrorCode() >= 500 {
		return tasks.Permanent(err)
	}
	return err
}

// Deliver hands one message to the server now.
func (c *Component) Deliver(ctx context.Context, m Message) error {
	msg, err := c.message(m)
	if err != nil {
		return tasks.Permanent(err)
	}
	client, err := gomail.NewClient(c.cfg.Host, c.options()...)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, c.cfg.Timeout)
	defer cancel()
	return client.DialAndSendWithContext(ctx, msg)
}

func (c *Component) options() []gomail.Option {
	options := []gomail.Option{gomail.WithPort(c.cfg.Port), gomail.WithTimeout(c.cfg.Timeout)}
	switch c.cfg.Security {
	case StartTLS:
		options = append(options, gomail.WithTLSPolicy(gomail.TLSMandatory))
	case TLS:
		options = append(options, gomail.WithSSL())
	default:
		options = append(options, gomail.WithTLSPolicy(gomail.NoTLS))
	}
	if c.deps.TLS != nil {
		options = append(options, gomail.WithTLSConfig(c.deps.TLS))
	}
	if c.cfg.Username != "" {
		options = append(options, gomail.WithSMTPAuth(gomail.SMTPAuthAutoDiscover), gomail.WithUsername(c.cfg.Username), gomail.WithPassword(c.cfg.Password))
	}
	return options
}

func (c *Component) message(m Message) (*gomail.Msg, error) {
	msg := gomail.NewMsg()
	if err := msg.From(c.cfg.From); err != nil {
		return nil, fmt.Errorf("mail: from: %w", err)
	}
	if err := msg.To(m.To); err != nil {
		return nil, fmt.Errorf("mail: to: %w", err)
	}
	msg.Subject(oneLine(m.Subject))
	msg.SetBodyString(gomail.TypeTextPlain, m.Text)
	from, err := mail.ParseAddress(c.cfg.From)
	if err != nil {
		return nil, err
	}
	_, host, _ := strings.Cut(from.Address, "@")
	msg.SetMessageIDWithValue(m.ID + "@" + host)
	msg.SetDate()
	msg.SetGenHeader("Auto-Submitted", "auto-generated") // RFC 3834
	if m.Unsubscribe != "" {
		msg.SetGenHeader(gomail.HeaderListUnsubscribe, "<"+m.Unsubscribe+">")
		msg.SetGenHeader(gomail.HeaderListUnsubscribePost, "List-Unsubscribe=One-Click")
	}
	return msg, nil
}

// oneLine keeps a header in one line.
func oneLine(text string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' {
			return ' '
		}
		return r
	}, text)
}
