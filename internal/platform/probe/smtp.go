package probe

import (
	"context"
	"strings"
)

// SMTP reads the greeting of a mail server and what it offers (RFC 5321).
type SMTP struct {
	Greeting
	Hello string `json:"hello,omitempty" doc:"the name to introduce oneself with; localhost when left out"`
}

func (s *SMTP) validate(f *fields) {
	s.Greeting.validate(f)
	f.check(!strings.ContainsAny(s.Hello, " \r\n"), "hello", "must be one word")
}

func (s *SMTP) probe(ctx context.Context, r Runner, res *Result) {
	s.converse(ctx, r, smtpProtocol(s.Hello), res)
}

func smtpProtocol(hello string) protocol {
	if hello == "" {
		hello = "localhost"
	}
	return protocol{
		port: "25", securePort: "465", quit: "QUIT",
		greeting: func(d *dialogue) (string, error) {
			lines, err := d.want("the connection", 220)
			return strings.Join(lines, " "), err
		},
		capabilities: func(d *dialogue) ([]string, error) {
			lines, err := d.ask("EHLO "+hello, 250)
			if err != nil {
				return nil, err
			}
			return lines[1:], nil // the first is the server's name
		},
		startTLS: func(d *dialogue) error { _, err := d.ask("STARTTLS", 220); return err },
	}
}
