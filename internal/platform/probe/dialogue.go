package probe

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
)

// Bounds of what a peer may say in a protocol of lines.
const (
	maxLine  = 4 << 10
	maxLines = 256
)

// dialogue is a conversation in lines, each side in its turn.
type dialogue struct {
	conn net.Conn
	in   *bufio.Reader
}

func newDialogue(conn net.Conn) *dialogue {
	return &dialogue{conn: conn, in: bufio.NewReaderSize(conn, maxLine)}
}

// line reads one line without its end.
func (d *dialogue) line() (string, error) {
	text, err := d.in.ReadSlice('\n')
	switch {
	case errors.Is(err, bufio.ErrBufferFull):
		return "", fmt.Errorf("the peer sent a line of more than %d bytes", maxLine)
	case errors.Is(err, io.EOF) && len(text) == 0:
		return "", errors.New("the peer closed the connection")
	case err != nil && !errors.Is(err, io.EOF):
		return "", err
	}
	return strings.TrimRight(string(text), "\r\n"), nil
}

func (d *dialogue) send(line string) error {
	_, err := io.WriteString(d.conn, line+"\r\n")
	return err
}

// reply reads a reply of SMTP (RFC 5321, 4.2.1) or FTP (RFC 959, 4.2): three digits,
// and "-" after them on every line but the last. Lines come without the digits
// where they begin with them.
func (d *dialogue) reply() (code int, lines []string, err error) {
	for len(lines) < maxLines {
		text, err := d.line()
		if err != nil {
			return 0, lines, err
		}
		c, last, ok := replyLine(text)
		switch {
		case !ok && len(lines) == 0:
			return 0, nil, fmt.Errorf("the peer does not speak this protocol: %q", clip(text, 80))
		case !ok || len(lines) > 0 && c != code:
			lines = append(lines, strings.TrimSpace(text)) // a line inside an FTP reply
			continue
		case len(lines) == 0:
			code = c
		}
		lines = append(lines, strings.TrimSpace(text[min(4, len(text)):]))
		if last {
			return code, lines, nil
		}
	}
	return code, lines, fmt.Errorf("the peer sent more than %d lines", maxLines)
}

// replyLine reads the code of a line and whether a reply ends with it.
func replyLine(text string) (code int, last, ok bool) {
	if len(text) < 3 {
		return 0, false, false
	}
	for _, c := range []byte(text[:3]) {
		if c < '0' || c > '9' {
			return 0, false, false
		}
		code = code*10 + int(c-'0')
	}
	switch {
	case len(text) == 3 || text[3] == ' ':
		return code, true, true
	case text[3] == '-':
		return code, false, true
	}
	return 0, false, false
}

// ask sends a command and wants a reply with one of the codes.
func (d *dialogue) ask(command string, want ...int) ([]string, error) {
	if err := d.send(command); err != nil {
		return nil, err
	}
	return d.want(command, want...)
}

func (d *dialogue) want(what string, want ...int) ([]string, error) {
	code, lines, err := d.reply()
	if err != nil {
		return nil, err
	}
	for _, w := range want {
		if code == w {
			return lines, nil
		}
	}
	return nil, fmt.Errorf("%s was answered with %d %s", what, code, strings.Join(lines, " "))
}
