package hooks

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"strings"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
	"golang.org/x/net/netutil"

	"mainstay/internal/core"
	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/receivers"
)

const (
	mailLimit      = time.Minute // of one step of a conversation
	mailRecipients = 20
	mailTake       = 20 * time.Second
)

// postOffice: a mail to the name of a source is an event of that source. The
// listener takes mails for nobody else, so that it relays nothing.
type postOffice struct {
	*Component
	networks []netip.Prefix
	meter    *receivers.Meter
	server   *smtp.Server
	listener net.Listener
}

// listenMail listens when an address is configured.
func (c *Component) listenMail() error {
	if c.cfg.Mail.Listen == "" {
		return nil
	}
	p := &postOffice{Component: c}
	for _, network := range c.cfg.Mail.From {
		prefix, err := netip.ParsePrefix(network)
		if err != nil {
			return err
		}
		p.networks = append(p.networks, prefix.Masked())
	}
	secure, err := receivers.TLSOf(c.cfg.Mail.Certificate, c.cfg.Mail.Key, "")
	if err != nil {
		return err
	}
	p.server = smtp.NewServer(p)
	p.server.Domain, p.server.TLSConfig = "mainstay", secure
	p.server.MaxMessageBytes, p.server.MaxRecipients, p.server.MaxLineLength = c.cfg.Mail.MaxMessage, mailRecipients, 8192
	p.server.ReadTimeout, p.server.WriteTimeout = mailLimit, mailLimit
	p.server.ErrorLog = silent{}
	listener, err := net.Listen("tcp", c.cfg.Mail.Listen)
	if err != nil {
		return err
	}
	p.listener = netutil.LimitListener(listener, c.cfg.Mail.Connections)
	p.meter = c.deps.Receivers.Add(receivers.About{Name: "smtp", Protocol: "Mail over SMTP", Address: listener.Addr().String(), Feeds: "events"})
	c.mail = p
	c.done.Go(func() { _ = p.server.Serve(p.listener) })
	c.deps.Log.Info("mail is received", "address", listener.Addr().String())
	return nil
}

func (p *postOffice) stop(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	err := p.server.Shutdown(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		err = p.server.Close()
	}
	p.meter.Close()
	return err
}

// MailAddress is where mail is received, once started; nil: nowhere.
func (c *Component) MailAddress() net.Addr {
	if c.mail == nil {
		return nil
	}
	return c.mail.listener.Addr()
}

// silent: what goes wrong with a sender is told by the meter.
type silent struct{}

func (silent) Printf(string, ...any) {}
func (silent) Println(...any)        {}

// NewSession greets a sender (RFC 5321, 4.1.1.1).
func (p *postOffice) NewSession(conn *smtp.Conn) (smtp.Session, error) {
	from := receivers.AddressOf(conn.Conn().RemoteAddr())
	s := &visit{office: p, conn: conn, from: from}
	for _, network := range p.networks {
		s.allowed = s.allowed || network.Contains(from)
	}
	if !s.allowed && p.server.TLSConfig == nil {
		p.meter.Refused(1, from.String()+" is in none of the networks that may send (mail.from)")
		return nil, &smtp.SMTPError{Code: 554, EnhancedCode: smtp.EnhancedCode{5, 7, 1}, Message: "you may not send mail here"}
	}
	p.meter.Connected(1)
	return s, nil
}

// visit is a sender's connection.
type visit struct {
	office  *postOffice
	conn    *smtp.Conn
	from    netip.Addr
	allowed bool
	names   []string // of the sources it writes to
}

// AuthMechanisms are offered within TLS only: a password is an API token.
func (s *visit) AuthMechanisms() []string {
	if _, ok := s.conn.TLSConnectionState(); !ok {
		return nil
	}
	return []string{sasl.Plain}
}

// Auth takes an API token that may bring events.
func (s *visit) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, _, password string) error {
		ctx, cancel := context.WithTimeout(context.Background(), mailTake)
		defer cancel()
		if s.office.deps.Authenticate == nil {
			return smtp.ErrAuthFailed
		}
		who, err := s.office.deps.Authenticate(ctx, password)
		if err != nil || !who.Can("events:write") {
			s.office.meter.Refused(1, s.from.String()+" has a password that is no API token with the permission events:write")
			return smtp.ErrAuthFailed
		}
		s.allowed = true
		return nil
	}), nil
}

// Reset forgets whom the mail was for.
func (s *visit) Reset() { s.names = nil }

// Logout ends the visit.
func (s *visit) Logout() error {
	s.office.meter.Connected(-1)
	return nil
}

// Mail begins one. Who it says it is of proves nothing.
func (s *visit) Mail(string, *smtp.MailOptions) error {
	if !s.allowed {
		return &smtp.SMTPError{Code: 530, EnhancedCode: smtp.EnhancedCode{5, 7, 0}, Message: "authenticate first: with STARTTLS and an API token as the password"}
	}
	return nil
}

// Rcpt finds the source by what is before the @, and before a +.
func (s *visit) Rcpt(to string, _ *smtp.RcptOptions) error {
	local, _, _ := strings.Cut(strings.Trim(to, "<>"), "@")
	name, _, _ := strings.Cut(local, "+")
	source, _ := s.office.sources.get(name)
	if source == nil {
		source, name = s.office.named(name)
	}
	if source == nil || source.Spec.Format != formatMail || source.Spec.Disabled {
		s.office.meter.Refused(1, fmt.Sprintf("a mail to %q: there is no event source of that name and the format mail", plainText(local, 100)))
		return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "there is no such event source, and mail for others is not taken"}
	}
	s.names = append(s.names, name)
	return nil
}

// named finds a source though the case is another, as mail servers change it.
func (c *Component) named(name string) (*Source, string) {
	for _, known := range c.sources.names() {
		if strings.EqualFold(known, name) {
			s, _ := c.sources.get(known)
			return s, known
		}
	}
	return nil, name
}

// Data takes the mail. 250 says that its events are durable; 451 that the
// sender should try again, 554 that it is of no use to.
func (s *visit) Data(r io.Reader) error {
	p := s.office
	raw, err := io.ReadAll(r)
	if err != nil {
		p.meter.Refused(1, s.from.String()+": "+err.Error())
		return err
	}
	came := p.deps.Clock.Now()
	taken := 0
	for _, name := range s.names {
		ctx, cancel := context.WithTimeout(auth.With(context.Background(), auth.System("mail")), mailTake)
		n, err := p.TakeMail(ctx, name, raw, came)
		cancel()
		taken += n
		if err != nil {
			p.meter.Refused(1, name+": "+said(err))
			return reply(err)
		}
	}
	p.meter.Took(max(taken, 1), len(raw))
	p.meter.Stored(p.deps.Clock.Now().Sub(came))
	return nil
}

// reply is an error in the words of SMTP.
func reply(err error) error {
	switch core.CodeOf(err) {
	case core.CodeInvalid, core.CodeMalformed, core.CodeTooLarge, core.CodeNotFound:
		return &smtp.SMTPError{Code: 554, EnhancedCode: smtp.EnhancedCode{5, 6, 0}, Message: bounded(strings.Map(printable, said(err)), 400)}
	}
	return &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 3, 0}, Message: "events cannot be taken in at the moment"}
}

func printable(r rune) rune {
	if r < ' ' || r > '~' {
		return ' '
	}
	return r
}
