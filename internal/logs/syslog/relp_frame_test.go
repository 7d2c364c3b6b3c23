package syslog

import (
	"fmt"
	"strings"
	"testing"
)

// relpSplit reads text in pieces of the given size, as a connection would.
func relpSplit(text string, max, piece int) (out []string) {
	f := relpFramer{max: max}
	var buf []byte
	for len(text) > 0 {
		n := min(piece, len(text))
		buf, text = append(buf, text[:n]...), text[n:]
		for {
			frame, n, whole, err := f.next(buf)
			buf = buf[n:]
			if err != nil {
				return append(out, "error")
			}
			if !whole {
				break
			}
			out = append(out, mark(fmt.Appendf(nil, "%d %s %s", frame.transaction, frame.command, frame.data), frame.cut))
		}
	}
	return out
}

func TestRELPFraming(t *testing.T) {
	t.Parallel()
	inPieces(t, relpSplit, map[string][]string{
		"1 open 5 a=b\nc\n2 syslog 5 <13>a\n3 close 0\n":  {"1 open a=b\nc", "2 syslog <13>a", "3 close "},
		"1 close 0 \n2 close 0\n":                         {"1 close ", "2 close "},
		"999999999 syslog 1 \n\n1 syslog 1 x\n":           {"999999999 syslog \n", "1 syslog x"},
		"1 syslog 24 0123456789abcdef01234567\n2 x 1 y\n": {"1 syslog 0123456789abcdef0123|cut", "2 x y"},
		"1 syslog 24 0123456789abcdef01234567x":           {"1 syslog 0123456789abcdef0123|cut", "error"},
		"1 syslog 1 xy":                                   {"error"},
		"1 syslog 9 x":                                    nil,
		"1000000000 syslog 1 x\n":                         {"error"},
		"1 syslog 1000000000 x\n":                         {"error"},
		"1 sys1og 1 x\n":                                  {"error"},
		"1  1 x\n":                                        {"error"},
		"<13>Mar  1 10:00:00 web1 app: no RELP\n":         {"error"},
		"1 " + strings.Repeat("a", 32) + " 0\n":           {"1 " + strings.Repeat("a", 32) + " "},
		"1 " + strings.Repeat("a", 33) + " 0\n":           {"error"},
		"1 syslog x":                                      {"error"},
		"1 syslog 3xabc\n":                                {"error"},
		"1 close 0x":                                      {"error"},
		"1syslog 1 x\n":                                   {"error"},
	})
}

func FuzzRELPFraming(f *testing.F) {
	f.Add("1 open 5 a=b\nc\n2 syslog 5 <13>a\n3 close 0\n", uint8(3))
	f.Add("1 syslog 24 0123456789abcdef01234567\n2 x 1 y\n", uint8(1))
	f.Fuzz(func(t *testing.T, text string, piece uint8) {
		sameInPieces(t, relpSplit, text, piece)
	})
}
