package probe

import (
	"context"
	"strings"
)

// FTP reads the greeting of a file server and what it offers (RFC 959, RFC 2389, RFC 4217).
type FTP struct{ Greeting }

func (t *FTP) probe(ctx context.Context, r Runner, res *Result) {
	t.converse(ctx, r, ftpProtocol(), res)
}

func ftpProtocol() protocol {
	return protocol{
		port: "21", securePort: "990", quit: "QUIT",
		greeting: func(d *dialogue) (string, error) {
			lines, err := d.want("the connection", 220)
			return strings.Join(lines, " "), err
		},
		capabilities: func(d *dialogue) ([]string, error) {
			lines, err := d.ask("FEAT", 211)
			if err != nil || len(lines) < 3 {
				return nil, err
			}
			return lines[1 : len(lines)-1], nil // between "Features:" and "End"
		},
		startTLS: func(d *dialogue) error { _, err := d.ask("AUTH TLS", 234); return err },
	}
}
