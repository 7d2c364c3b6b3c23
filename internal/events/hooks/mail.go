package hooks

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/mail"
	"strings"
	"time"

	"github.com/jhillyerd/enmime/v2"

	"mainstay/internal/core"
)

const (
	maxMailText    = 256 << 10
	maxMailHeaders = 100
)

// letter is a mail as mappings see it.
type letter struct {
	From        string            `json:"from"`
	FromName    string            `json:"fromName"`
	To          []string          `json:"to"`
	Recipient   string            `json:"recipient"` // whom it was handed to us for
	Subject     string            `json:"subject"`
	Text        string            `json:"text"` // what is only HTML has become text
	Date        string            `json:"date"`
	ID          string            `json:"id"`
	Headers     map[string]string `json:"headers"` // by lower-case name
	Attachments []attachment      `json:"attachments"`
}

type attachment struct {
	Name  string `json:"name"`
	Type  string `json:"type"`
	Bytes int    `json:"bytes"`
}

// readMail reads a mail (RFC 5322, RFC 2045). What is malformed is read as far
// as it goes, because monitoring tools write their mails by hand.
func readMail(raw []byte, recipient string) (l letter, err error) {
	defer func() { // a panic over a mail must not be more than a mail that cannot be read
		if cause := recover(); cause != nil {
			l, err = letter{}, core.Errorf(core.CodeMalformed, "the mail cannot be read: %v", cause)
		}
	}()
	envelope, err := enmime.NewParser(enmime.MaxStoredPartErrors(20)).ReadEnvelope(bytes.NewReader(raw))
	if err != nil {
		return letter{}, core.Errorf(core.CodeMalformed, "the mail cannot be read: %v", err)
	}
	l = letter{Recipient: recipient, Subject: plainText(strings.TrimSpace(envelope.GetHeader("Subject")), 1000), Text: plainText(strings.ReplaceAll(envelope.Text, "\r\n", "\n"), maxMailText),
		ID: plainText(strings.Trim(envelope.GetHeader("Message-Id"), "<> "), 500), To: []string{}, Headers: map[string]string{}, Attachments: []attachment{}}
	if list, err := envelope.AddressList("From"); err == nil && len(list) > 0 {
		l.From, l.FromName = plainText(list[0].Address, 320), plainText(list[0].Name, 320)
	} else {
		l.From = plainText(strings.TrimSpace(envelope.GetHeader("From")), 320)
	}
	if list, err := envelope.AddressList("To"); err == nil {
		for _, a := range list[:min(len(list), 50)] {
			l.To = append(l.To, plainText(a.Address, 320))
		}
	}
	if at, err := mail.ParseDate(envelope.GetHeader("Date")); err == nil {
		l.Date = at.UTC().Format(time.RFC3339)
	}
	for _, name := range envelope.GetHeaderKeys() {
		if len(l.Headers) < maxMailHeaders && !private(name) {
			l.Headers[strings.ToLower(plainText(name, 200))] = plainText(envelope.GetHeader(name), 2000)
		}
	}
	for _, p := range append(envelope.Attachments, envelope.Inlines...) {
		if len(l.Attachments) < 50 {
			l.Attachments = append(l.Attachments, attachment{plainText(p.FileName, 300), plainText(p.ContentType, 200), len(p.Content)})
		}
	}
	return l, nil
}

// TakeMail hands a mail to a source of the format mail, whichever way it came.
// Without an error its events are durable. The codes invalid, malformed and
// too_large are about the mail; after others it may be handed in again.
func (c *Component) TakeMail(ctx context.Context, name string, raw []byte, came time.Time) (taken int, err error) {
	source, meter := c.sources.get(name)
	switch {
	case source == nil:
		return 0, core.NotFound("event source", name)
	case source.Spec.Format != formatMail:
		return 0, core.Errorf(core.CodeConflict, "the event source %s has another format than mail", name)
	case source.Spec.Disabled:
		return 0, core.Errorf(core.CodeUnavailable, "the event source %s is disabled", name)
	}
	l, err := readMail(raw, name)
	if err != nil {
		return 0, err
	}
	body, err := json.Marshal(l)
	if err != nil {
		return 0, err
	}
	d := &delivery{header: http.Header{"Content-Type": {"application/json"}}, body: body, at: came}
	a, err := c.deliver(ctx, source, d)
	if err != nil {
		c.keep(ctx, name, d, 0, 1, said(err))
		meter.Refused(1, said(err))
		return 0, err
	}
	meter.Took(a.Accepted, len(body))
	if a.Refused > 0 {
		meter.Refused(a.Refused, a.Errors[0].Field+": "+a.Errors[0].Rule)
	}
	return a.Accepted, nil
}

// mailMapping is for sources that say none: a mail is a problem, named by its subject.
func mailMapping() *Mapping {
	return &Mapping{Title: `body.subject == "" ? "A mail of " + body.from : body.subject`, Description: "body.text", At: "body.date",
		Severity: `body.headers.?importance.orValue("") == "high" ? "major" : ""`}
}

// decodeMail reads what the SMTP listener made of a mail, or a mail that was
// posted as message/rfc822.
func decodeMail(ctx context.Context, c *Component, s *Source, d *delivery) (decoded, error) {
	if !strings.HasPrefix(d.header.Get("Content-Type"), "application/json") {
		l, err := readMail(d.body, "")
		if err != nil {
			return decoded{}, err
		}
		if d.body, err = json.Marshal(l); err != nil {
			return decoded{}, err
		}
		d.header.Set("Content-Type", "application/json")
	}
	var l letter
	if err := json.Unmarshal(d.body, &l); err != nil {
		return decoded{}, core.Errorf(core.CodeMalformed, "the mail cannot be read: %v", err)
	}
	mapping := s.Spec.Mapping
	if mapping == nil {
		mapping = mailMapping()
	}
	signals, err := c.mapper.apply(ctx, mapping, d)
	if err == nil && len(signals) == 0 {
		return decoded{note: fmt.Sprintf("the mail %q is no event", bounded(l.Subject, 200))}, nil
	}
	return decoded{signals: signals}, err
}
