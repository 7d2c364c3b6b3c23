package syslog

import (
	"strings"
	"time"
)

// Message is a syslog message taken apart. Its strings are parts of the text
// it was read from.
type Message struct {
	Facility int // 0 to 23; -1: not said
	Severity int // 0 to 7; -1: not said

	Stamp   string    // the time as it was sent
	Time    time.Time // what Stamp means; zero: nothing that can be relied on
	Exact   bool      // Stamp has a fraction of a second
	Guessed bool      // Stamp says no zone

	Host     string
	App      string
	PID      string
	ID       string // MSGID, or the mnemonic of network devices
	Sequence string
	Data     []Param // structured data
	Text     string
}

// Param is one parameter of structured data.
type Param struct{ Element, Name, Value string }

func (m *Message) reset() { *m = Message{Facility: -1, Severity: -1, Data: m.Data[:0]} }

// Parser takes messages apart. It is safe for concurrent use.
type Parser struct {
	Zone *time.Location // of stamps that name none
}

// Parse fills m with what text says; now is when it came. It takes everything:
// what has no known form is Text.
func (p Parser) Parse(text string, now time.Time, m *Message) {
	m.reset()
	s := strings.TrimRight(text, "\x00\r\n")
	s = priority(strings.TrimLeft(s, " \t"), m)
	if rest, ok := version(s); ok && p.standard(rest, now, m) {
		return
	}
	p.legacy(s, now, m)
}

// priority reads <PRI> (RFC 5424, 6.2.1; RFC 3164, 4.1.1).
func priority(s string, m *Message) string {
	if len(s) < 3 || s[0] != '<' {
		return s
	}
	value, i := 0, 1
	for ; i < len(s) && i <= 3 && isDigit(s[i]); i++ {
		value = value*10 + int(s[i]-'0')
	}
	if i == 1 || i >= len(s) || s[i] != '>' || value > 191 {
		return s
	}
	m.Facility, m.Severity = value>>3, value&7
	return s[i+1:]
}

// version reads VERSION SP (RFC 5424, 6.2.2).
func version(s string) (rest string, ok bool) {
	i := 0
	for i < len(s) && i < 3 && isDigit(s[i]) {
		i++
	}
	if i == 0 || s[0] == '0' || i >= len(s) || s[i] != ' ' {
		return s, false
	}
	return s[i+1:], true
}

// standard reads what follows the version (RFC 5424, 6). It says no when that
// is no header of the standard; m is then as it was.
func (p Parser) standard(s string, now time.Time, m *Message) bool {
	stamp, rest := word(s)
	kept := *m
	switch {
	case stamp == "-":
	case len(stamp) >= 19:
		if n := p.iso(stamp, now, m); n != len(stamp) {
			*m = kept
			return p.meraki(s, m)
		}
		m.Stamp = stamp
	default:
		return p.meraki(s, m)
	}
	m.Host, rest = field(rest)
	m.App, rest = field(rest)
	m.PID, rest = field(rest)
	m.ID, rest = field(rest)
	rest, ok := structured(rest, m)
	if !ok {
		m.Data = m.Data[:0]
	}
	m.Text = strings.TrimPrefix(strings.TrimPrefix(rest, " "), bom)
	return true
}

const bom = "\uFEFF"

// meraki reads the header that Meraki's devices send: version 1, seconds since
// 1970, a name, and text (Meraki, "Syslog Event Types and Log Samples").
func (p Parser) meraki(s string, m *Message) bool {
	stamp, rest := word(s)
	at, ok := epoch(stamp)
	if !ok {
		return false
	}
	m.Stamp, m.Time, m.Exact = stamp, at, true
	m.Host, m.Text = field(rest)
	m.App, _ = word(m.Text)
	return true
}

// structured reads STRUCTURED-DATA (RFC 5424, 6.3) and returns what follows.
// What is none is left where it is.
func structured(s string, m *Message) (rest string, ok bool) {
	if s == "-" || strings.HasPrefix(s, "- ") {
		return s[1:], true
	}
	whole := s
	for strings.HasPrefix(s, "[") {
		end := strings.IndexAny(s, " ]")
		if end < 2 {
			return whole, false
		}
		id := s[1:end]
		s = s[end:]
		for strings.HasPrefix(s, " ") {
			s = strings.TrimLeft(s, " ")
			equals := strings.IndexByte(s, '=')
			if equals < 1 || equals+1 >= len(s) || s[equals+1] != '"' {
				return whole, false
			}
			value, n := quoted(s[equals+2:])
			if n < 0 {
				return whole, false
			}
			m.Data = append(m.Data, Param{id, s[:equals], value})
			s = s[equals+2+n:]
		}
		if !strings.HasPrefix(s, "]") {
			return whole, false
		}
		s = s[1:]
	}
	return s, s != whole
}

// quoted reads up to the closing quote and returns the value and how many bytes
// it took, -1 when there is no end. Only \" \\ and \] are escapes (RFC 5424, 6.3.3).
func quoted(s string) (value string, n int) {
	escaped := false
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '\\':
			if i+1 < len(s) && (s[i+1] == '"' || s[i+1] == '\\' || s[i+1] == ']') {
				escaped = true
				i++
			}
		case '"':
			if !escaped {
				return s[:i], i + 1
			}
			return unescape(s[:i]), i + 1
		}
	}
	return "", -1
}

func unescape(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) && (s[i+1] == '"' || s[i+1] == '\\' || s[i+1] == ']') {
			i++
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// word is what stands before the first space, and what follows that.
func word(s string) (first, rest string) {
	first, rest, _ = strings.Cut(s, " ")
	return first, rest
}

// field is a word whose - means nothing (RFC 5424, NILVALUE).
func field(s string) (value, rest string) {
	value, rest = word(s)
	if value == "-" {
		value = ""
	}
	return value, rest
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }
func isUpper(c byte) bool { return 'A' <= c && c <= 'Z' }
func isLower(c byte) bool { return 'a' <= c && c <= 'z' }
