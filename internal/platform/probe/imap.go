package probe

import (
	"context"
	"fmt"
	"strings"
)

// IMAP reads the greeting of a mailbox server and what it offers (RFC 9051).
type IMAP struct{ Greeting }

func (i *IMAP) probe(ctx context.Context, r Runner, res *Result) {
	i.converse(ctx, r, imapProtocol(), res)
}

func imapProtocol() protocol {
	return protocol{
		port: "143", securePort: "993", quit: "z LOGOUT",
		greeting: func(d *dialogue) (string, error) {
			text, err := d.line()
			if err != nil {
				return "", err
			}
			if status, ok := strings.CutPrefix(text, "* "); ok && (strings.HasPrefix(status, "OK") || strings.HasPrefix(status, "PREAUTH")) {
				return status, nil
			}
			return "", fmt.Errorf("the greeting is %q", clip(text, 80))
		},
		capabilities: func(d *dialogue) ([]string, error) {
			lines, err := imapCommand(d, "CAPABILITY")
			var all []string
			for _, l := range lines {
				if rest, ok := strings.CutPrefix(l, "* CAPABILITY "); ok {
					all = append(all, strings.Fields(rest)...)
				}
			}
			return all, err
		},
		startTLS: func(d *dialogue) error { _, err := imapCommand(d, "STARTTLS"); return err },
	}
}

// imapCommand returns the untagged lines before the tagged answer.
func imapCommand(d *dialogue, command string) ([]string, error) {
	if err := d.send("a " + command); err != nil {
		return nil, err
	}
	var lines []string
	for len(lines) < maxLines {
		text, err := d.line()
		if err != nil {
			return nil, err
		}
		if status, ok := strings.CutPrefix(text, "a "); ok {
			if strings.HasPrefix(status, "OK") {
				return lines, nil
			}
			return nil, fmt.Errorf("%s was answered with %s", command, clip(status, 200))
		}
		lines = append(lines, text)
	}
	return nil, fmt.Errorf("the peer sent more than %d lines", maxLines)
}
