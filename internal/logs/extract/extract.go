// Package extract reads fields out of the text of a log record: JSON objects,
// logfmt, and pairs of names and values. It has no state, does no input or
// output, and costs a pass over the text.
package extract

import (
	"encoding/json"
	"strings"
	"unicode/utf8"

	"mainstay/internal/platform/logstore"
)

// Bounds of what is read.
const (
	// Most is how many fields one text gives; more are left in it.
	Most    = 200
	deepest = 16
	// flattens is how deep objects become names joined by dots; what is deeper is
	// the text it is.
	flattens = 5
)

// JSON adds the members of a JSON object to out: those of objects within it have
// names joined by dots, lists are the text they are, null is left out. No says
// that the text is no object, and nothing more; out is then as it was.
func JSON(out []logstore.Field, text string) ([]logstore.Field, bool) {
	r := reader{text: text, out: out}
	r.space()
	if r.peek() != '{' || !r.object("", 0) {
		return out, false
	}
	r.space()
	return r.out, r.at == len(text)
}

// reader is a place in a JSON text (RFC 8259).
type reader struct {
	text string
	at   int
	out  []logstore.Field
	mute bool // what is read is checked, and forgotten
}

func (r *reader) peek() byte {
	if r.at < len(r.text) {
		return r.text[r.at]
	}
	return 0
}

func (r *reader) space() {
	for r.at < len(r.text) {
		switch r.text[r.at] {
		case ' ', '\t', '\n', '\r':
			r.at++
		default:
			return
		}
	}
}

func (r *reader) take(c byte) bool {
	if r.peek() != c {
		return false
	}
	r.at++
	return true
}

func (r *reader) add(name, value string) {
	if !r.mute && name != "" && len(r.out) < Most {
		r.out = append(r.out, logstore.Field{Name: name, Value: value})
	}
}

func (r *reader) object(prefix string, depth int) bool {
	if depth > deepest || !r.take('{') {
		return false
	}
	r.space()
	if r.take('}') {
		return true
	}
	for {
		r.space()
		name, ok := r.quoted()
		if !ok {
			return false
		}
		if prefix != "" {
			name = prefix + "." + name
		}
		r.space()
		if !r.take(':') {
			return false
		}
		if !r.value(name, depth) {
			return false
		}
		r.space()
		if r.take('}') {
			return true
		}
		if !r.take(',') {
			return false
		}
	}
}

func (r *reader) value(name string, depth int) bool {
	r.space()
	from := r.at
	switch c := r.peek(); {
	case c == '"':
		s, ok := r.quoted()
		if ok {
			r.add(name, s)
		}
		return ok
	case c == '{' && depth < flattens:
		return r.object(name, depth+1)
	case c == '{' || c == '[':
		before := r.mute
		r.mute = true
		var ok bool
		if c == '{' {
			ok = r.object("", depth+1)
		} else {
			ok = r.list(depth + 1)
		}
		r.mute = before
		if ok {
			r.add(name, r.text[from:r.at])
		}
		return ok
	case c == '-' || c >= '0' && c <= '9':
		if !r.number() {
			return false
		}
		r.add(name, r.text[from:r.at])
		return true
	}
	for _, word := range [...]string{"true", "false", "null"} {
		if strings.HasPrefix(r.text[r.at:], word) {
			r.at += len(word)
			if word != "null" {
				r.add(name, word)
			}
			return true
		}
	}
	return false
}

func (r *reader) list(depth int) bool {
	if depth > deepest || !r.take('[') {
		return false
	}
	r.space()
	if r.take(']') {
		return true
	}
	for {
		if !r.value("", depth) {
			return false
		}
		r.space()
		if r.take(']') {
			return true
		}
		if !r.take(',') {
			return false
		}
	}
}

func (r *reader) digits() bool {
	from := r.at
	for c := r.peek(); c >= '0' && c <= '9'; c = r.peek() {
		r.at++
	}
	return r.at > from
}

func (r *reader) number() bool {
	r.take('-')
	if !r.take('0') && !r.digits() {
		return false
	}
	if r.take('.') && !r.digits() {
		return false
	}
	if c := r.peek(); c == 'e' || c == 'E' {
		r.at++
		if !r.take('+') {
			r.take('-')
		}
		return r.digits()
	}
	return true
}

// quoted reads a string. One that has escapes, or is not UTF-8, takes the long way.
func (r *reader) quoted() (string, bool) {
	if !r.take('"') {
		return "", false
	}
	from, plain := r.at, true
	for r.at < len(r.text) {
		switch c := r.text[r.at]; {
		case c == '"':
			s := r.text[from:r.at]
			r.at++
			if plain {
				return s, true
			}
			if json.Unmarshal([]byte(r.text[from-1:r.at]), &s) != nil {
				return "", false
			}
			return s, true
		case c == '\\':
			plain = false
			r.at++
		case c < ' ':
			return "", false
		case c >= utf8.RuneSelf:
			plain = false
		}
		r.at++
	}
	return "", false
}
