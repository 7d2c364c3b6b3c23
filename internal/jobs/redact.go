package jobs

import (
	"bytes"
	"slices"
	"strings"
	"unicode/utf8"
)

// shortestSecret is the length below which a value is not looked for: hiding
// every "1" of an output would hide the output.
const shortestSecret = 4

// secretValues are values that must not be seen, by the name of their secret.
type secretValues map[string]string

// hide replaces the values in a text.
func (v secretValues) hide(text string) string {
	r := newRedactor(v)
	return string(r.write([]byte(text))) + string(r.flush())
}

// redactor takes a stream in pieces and gives it back as valid UTF-8 with
// every secret value replaced by [secret:name], also when a value is split
// between pieces. It holds back only what may be the beginning of a value or
// of a character.
type redactor struct {
	values [][]byte // longest first
	names  []string
	rest   []byte
}

func newRedactor(values secretValues) *redactor {
	r := &redactor{}
	type pair struct{ name, value string }
	var pairs []pair
	for name, value := range values {
		// Shells and tools print values line by line: each line is secret too.
		for _, part := range append(strings.Split(value, "\n"), value) {
			if part = strings.TrimSuffix(part, "\r"); len(part) >= shortestSecret {
				pairs = append(pairs, pair{name, part})
			}
		}
	}
	slices.SortFunc(pairs, func(a, b pair) int {
		if d := len(b.value) - len(a.value); d != 0 {
			return d
		}
		return strings.Compare(a.name+a.value, b.name+b.value)
	})
	for _, p := range pairs {
		r.values, r.names = append(r.values, []byte(p.value)), append(r.names, p.name)
	}
	return r
}

func (r *redactor) write(piece []byte) []byte {
	r.rest = append(r.rest, piece...)
	var out []byte
	i := 0
scan:
	for i < len(r.rest) {
		tail := r.rest[i:]
		for k, value := range r.values {
			if bytes.HasPrefix(tail, value) {
				out = append(out, "[secret:"+r.names[k]+"]"...)
				i += len(value)
				continue scan
			}
			if len(tail) < len(value) && bytes.HasPrefix(value, tail) {
				break scan // may become this value
			}
		}
		n := len(tail)
		if len(r.values) > 0 {
			_, n = utf8.DecodeRune(tail)
		} else if cut := incomplete(tail); cut > 0 {
			n -= cut
		}
		if n == 0 || !utf8.FullRune(tail) {
			break
		}
		out = append(out, tail[:n]...)
		i += n
	}
	r.rest = append([]byte(nil), r.rest[i:]...)
	return clean(out)
}

// flush gives back what was held.
func (r *redactor) flush() []byte {
	rest := r.rest
	r.rest = nil
	return clean(rest)
}

// clean makes text that every store and screen takes.
func clean(b []byte) []byte {
	b = bytes.ToValidUTF8(b, []byte("\uFFFD"))
	return bytes.ReplaceAll(b, []byte{0}, []byte("\uFFFD"))
}

// incomplete counts the bytes at the end that begin a character without ending it.
func incomplete(b []byte) int {
	for n := 1; n <= min(utf8.UTFMax-1, len(b)); n++ {
		if utf8.RuneStart(b[len(b)-n]) {
			if utf8.FullRune(b[len(b)-n:]) {
				return 0
			}
			return n
		}
	}
	return 0
}
