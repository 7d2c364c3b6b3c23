package probe

import (
	"context"
	"fmt"
	"strings"
)

// POP3 reads the greeting of a mailbox server and what it offers (RFC 1939, RFC 2449).
type POP3 struct{ Greeting }

func (p *POP3) probe(ctx context.Context, r Runner, res *Result) {
	p.converse(ctx, r, pop3Protocol(), res)
}

func pop3Protocol() protocol {
	return protocol{
		port: "110", securePort: "995", quit: "QUIT",
		greeting: func(d *dialogue) (string, error) { return pop3Status(d, "the connection") },
		capabilities: func(d *dialogue) ([]string, error) {
			if err := d.send("CAPA"); err != nil {
				return nil, err
			}
			if _, err := pop3Status(d, "CAPA"); err != nil {
				return nil, err
			}
			var lines []string
			for len(lines) < maxLines {
				text, err := d.line()
				if err != nil || text == "." {
					return lines, err
				}
				lines = append(lines, text)
			}
			return nil, fmt.Errorf("the peer sent more than %d lines", maxLines)
		},
		startTLS: func(d *dialogue) error {
			if err := d.send("STLS"); err != nil {
				return err
			}
			_, err := pop3Status(d, "STLS")
			return err
		},
	}
}

func pop3Status(d *dialogue, what string) (string, error) {
	text, err := d.line()
	if err != nil {
		return "", err
	}
	if !strings.HasPrefix(text, "+OK") {
		return "", fmt.Errorf("%s was answered with %q", what, clip(text, 200))
	}
	return text, nil
}
