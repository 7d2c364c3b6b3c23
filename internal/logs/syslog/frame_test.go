package syslog

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// inPieces compares what is read of texts, however they are cut up.
func inPieces(t *testing.T, split func(text string, max, piece int) []string, cases map[string][]string) {
	t.Helper()
	for text, want := range cases {
		for _, piece := range []int{1, 2, 3, 7, 1000} {
			if got := split(text, 20, piece); !slices.Equal(got, want) {
				t.Errorf("%q in pieces of %d: %q, not %q", text, piece, got, want)
			}
		}
	}
}

// sameInPieces says that what a connection brings means the same, however it is cut up.
func sameInPieces(t *testing.T, split func(text string, max, piece int) []string, text string, piece uint8) {
	t.Helper()
	whole, pieces := split(text, 20, max(1, len(text))), split(text, 20, int(piece)+1)
	if fmt.Sprint(whole) != fmt.Sprint(pieces) {
		t.Errorf("%q: %q, and in pieces of %d %q", text, whole, int(piece)+1, pieces)
	}
}

// split reads text in pieces of the given size, as a connection would.
func split(text string, max, piece int) (out []string) {
	f := framer{max: max}
	var buf []byte
	for len(text) > 0 {
		n := min(piece, len(text))
		buf, text = append(buf, text[:n]...), text[n:]
		for {
			message, n, cut := f.next(buf)
			if message != nil {
				out = append(out, mark(message, cut))
			}
			buf = buf[n:]
			if message == nil {
				break
			}
		}
	}
	if message, cut := f.last(buf); message != nil {
		out = append(out, mark(message, cut))
	}
	return out
}

func mark(message []byte, cut bool) string {
	if cut {
		return string(message) + "|cut"
	}
	return string(message)
}

func TestFraming(t *testing.T) {
	t.Parallel()
	inPieces(t, split, map[string][]string{
		"<13>a\n<13>b\n":                               {"<13>a", "<13>b"},
		"5 <13>a6 <13>bb":                              {"<13>a", "<13>bb"},
		"5 <13>a\n6 <13>bb\n":                          {"<13>a", "<13>bb"},            // counted and ended
		"7 <13>a\nb<13>c\n5 <13>d":                     {"<13>a\nb", "<13>c", "<13>d"}, // both on one connection
		"<13>a\x00<13>b\x00":                           {"<13>a", "<13>b"},
		"<13>a\r\n<13>b":                               {"<13>a\r", "<13>b"}, // the parser takes the CR
		"2024 was a year\n45: *Mar\n":                  {"2024 was a year", "45: *Mar"},
		"12 <13>short":                                 {"<13>short|cut"},
		"<13>0123456789abcdef0123\n<13>b\n":            {"<13>0123456789abcdef|cut", "<13>b"},
		"24 <13>0123456789abcdef01235 <13>b":           {"<13>0123456789abcdef|cut", "<13>b"},
		"0 \n<13>b\n":                                  {"0 ", "<13>b"},
		"12":                                           {"12"},
		"99999999999999999999 <13>b\n":                 {"99999999999999999999"[:20] + "|cut"},
		"\n\n\x00\r\n":                                 nil,
		"<13>" + strings.Repeat("x", 16) + "\n5 <13>b": {"<13>" + strings.Repeat("x", 16), "<13>b"},
	})
}

func FuzzFraming(f *testing.F) {
	f.Add("5 <13>a<13>b\n", uint8(3))
	f.Add("<13>0123456789abcdef0123\n24 <13>0123456789abcdef01235 <13>b", uint8(1))
	f.Fuzz(func(t *testing.T, text string, piece uint8) {
		sameInPieces(t, split, text, piece)
	})
}
