package syslog

import (
	"net/netip"
	"strings"
	"time"
)

// legacy reads everything that is not of RFC 5424: RFC 3164, which describes
// habits and demands nothing, and the habits it does not describe.
func (p Parser) legacy(s string, now time.Time, m *Message) {
	s = sequence(strings.TrimLeft(s, " :"), m) // NX-OS begins with a colon
	s, stamped := p.stamped(s, now, m)
	if !stamped {
		s = p.origin(s, now, m)
		stamped = m.Stamp != ""
	}
	switch {
	case strings.HasPrefix(s, ":"): // Cisco closes its time with a colon; no host follows
		s = strings.TrimLeft(s, ": ")
	case stamped:
		s = p.host(strings.TrimLeft(s, " "), now, m)
	default:
		s = bareHost(s, m)
	}
	tag(s, stamped && m.Host != "", m)
}

// stamped reads a time in any form, with what Cisco's devices put before it
// (service timestamps: * was never set, . is no longer synchronised).
func (p Parser) stamped(s string, now time.Time, m *Message) (rest string, ok bool) {
	from, unsure := 0, false
	if len(s) > 1 && (s[0] == '*' || s[0] == '.') {
		from, unsure = 1, s[0] == '*'
	}
	n := p.bsd(s[from:], now, m)
	if n == 0 {
		n = p.iso(s[from:], now, m)
	}
	if n == 0 {
		n = uptime(s[from:], m)
	}
	n += from
	if n == from || n < len(s) && s[n] != ' ' && s[n] != ':' {
		m.Time, m.Exact, m.Guessed = time.Time{}, false, false
		return s, false
	}
	m.Stamp = s[:n]
	if unsure {
		m.Time = time.Time{}
	}
	s = s[n:]
	if strings.HasPrefix(s, " :") {
		s = s[1:]
	}
	return s, true
}

// uptime reads the time since a device started, which some have for a clock:
// 3w4d, 1d02h, 00:01:07. Only before a colon.
func uptime(s string, m *Message) int {
	i := 0
	for i < len(s) && i < 12 && (isDigit(s[i]) || strings.IndexByte("ywdh:", s[i]) >= 0) {
		i++
	}
	if i < 4 || s[i-1] != ':' || !isDigit(s[0]) || !strings.HasPrefix(s[i:], " %") {
		return 0
	}
	m.Time = time.Time{}
	return i - 1
}

// sequence reads the number that Cisco's devices put before the time
// (service sequence-numbers): 000045: .
func sequence(s string, m *Message) string {
	_, n := number(s, 10)
	if n == 0 || len(s) < n+2 || s[n] != ':' || s[n+1] != ' ' {
		return s
	}
	m.Sequence = s[:n]
	return strings.TrimLeft(s[n+1:], " ")
}

// origin reads a name and a colon before the time: logging origin-id of IOS,
// or the node of IOS XR, where nothing stands between.
func (p Parser) origin(s string, now time.Time, m *Message) string {
	end := strings.IndexByte(s, ':')
	if end < 1 || end > 100 || !hostly(s[:end]) {
		return s
	}
	rest, ok := p.stamped(strings.TrimLeft(s[end+1:], " "), now, m)
	if !ok {
		return s
	}
	if len(s) > end+1 && s[end+1] == ' ' {
		m.Host = s[:end]
	} else {
		m.Data = append(m.Data, Param{"cisco", "node", s[:end]})
	}
	return rest
}

// host reads HOSTNAME (RFC 3164, 4.1.2) and what network devices put after it.
func (p Parser) host(s string, now time.Time, m *Message) string {
	token, rest := word(s)
	if rest == "" || s[0] == '%' {
		return s
	}
	name := token
	if c := strings.HasSuffix(token, ":"); c && !isAddress(token) {
		// A tag, unless what follows is a message of Cisco.
		name = token[:len(token)-1]
		if rest[0] != '%' || !hostly(name) {
			return s
		}
	} else if strings.IndexByte(token, '[') > 0 || !hostly(token) {
		return s
	}
	m.Host = strings.Trim(name, "[]")
	rest = strings.TrimLeft(rest, " ")
	if strings.HasPrefix(rest, ": ") { // ASA: name : %ASA-6-302013:
		return rest[2:]
	}
	return p.inner(rest, now, m)
}

// inner reads the header of a device's message that a relay has put behind its
// own. The device's time counts, if it means something.
func (p Parser) inner(s string, now time.Time, m *Message) string {
	inside := *m
	rest := sequence(s, &inside)
	rest, ok := p.stamped(rest, now, &inside)
	switch {
	case ok && strings.HasPrefix(rest, ":"):
		if inside.Time.IsZero() {
			inside.Stamp, inside.Time, inside.Exact, inside.Guessed = m.Stamp, m.Time, m.Exact, m.Guessed
		}
		*m = inside
		return strings.TrimLeft(rest, ": ")
	case inside.Sequence != m.Sequence && strings.HasPrefix(rest, "%"):
		m.Sequence = inside.Sequence
		return rest
	}
	return s
}

// bareHost finds a host where no time precedes it: an address or a name with a
// dot before a tag.
func bareHost(s string, m *Message) string {
	token, rest := word(s)
	if rest == "" || strings.HasSuffix(token, ":") && !isAddress(token) || !hostly(token) {
		return s
	}
	next, _ := word(rest)
	tagged := strings.HasSuffix(next, ":") && !strings.HasPrefix(next, ":")
	if isAddress(token) && (tagged || rest[0] == '%') || tagged && strings.IndexByte(token, '.') > 0 && !strings.HasSuffix(token, ".") {
		m.Host = token
		return rest
	}
	return s
}

func isAddress(s string) bool {
	if len(s) < 3 || !isDigit(s[0]) && strings.IndexByte(s, ':') < 0 {
		return false
	}
	_, err := netip.ParseAddr(strings.Trim(s, "[]"))
	return err == nil
}

// hostly says that s can be the name of a machine, or what relays make of it.
func hostly(s string) bool {
	if s == "" || len(s) > 255 {
		return false
	}
	for i := range len(s) {
		c := s[i]
		if !isDigit(c) && !isUpper(c) && !isLower(c) && c < 0x80 && strings.IndexByte("-._:/@%[]", c) < 0 {
			return false
		}
	}
	return true
}

// maxTag is generous: RFC 3164 allows 32.
const maxTag = 64

// tag reads TAG and the process id after it (RFC 3164, 4.1.3), or the mnemonic
// of a network device. A word without a colon after it is taken for the
// program, but left in the text, because it may just be the first word.
func tag(s string, afterHost bool, m *Message) {
	m.Text = strings.TrimPrefix(s, bom)
	if mnemonic(m.Text, m) {
		return
	}
	i := 0
	for i < len(s) && i <= maxTag && s[i] > ' ' && s[i] != ':' && s[i] != '[' && strings.IndexByte(`="',;{}<>|`, s[i]) < 0 {
		i++
	}
	if i == 0 || i > maxTag || i == len(s) || !lettered(s[:i]) {
		return
	}
	switch s[i] {
	case '[':
		end := strings.IndexAny(s[i:], "] ")
		if end < 0 || s[i+end] != ']' || end > maxTag {
			return
		}
		rest := s[i+end+1:]
		if rest != "" && rest[0] != ':' && rest[0] != ' ' {
			return
		}
		m.App, m.PID = s[:i], s[i+1:i+end]
		m.Text = trimTag(rest)
	case ':':
		rest := s[i+1:]
		switch {
		case rest == "" || rest[0] == ' ':
			m.App, m.Text = s[:i], trimTag(s[i:])
		case s[:i] == "CEF" || s[:i] == "LEEF": // their readers want them whole
			m.App = s[:i]
		}
		return
	case ' ':
		if afterHost && lower(s[:i]) {
			m.App = s[:i]
		}
		return
	}
	mnemonic(m.Text, m)
}

func trimTag(s string) string {
	return strings.TrimPrefix(strings.TrimPrefix(strings.TrimPrefix(s, ":"), " "), bom)
}

func lettered(s string) bool {
	for i := range len(s) {
		if isUpper(s[i]) || isLower(s[i]) || s[i] >= 0x80 {
			return true
		}
	}
	return false
}

func lower(s string) bool {
	for i := range len(s) {
		if c := s[i]; !isLower(c) && !isDigit(c) && strings.IndexByte("-_./", c) < 0 {
			return false
		}
	}
	return true
}

// mnemonic reads %FACILITY-SEVERITY-MNEMONIC: (Cisco, "System Message Format").
// It stays in the text, by which people know the message.
func mnemonic(s string, m *Message) bool {
	if len(s) < 6 || s[0] != '%' {
		return false
	}
	i := 1
	for i < len(s) && i < 100 && (isUpper(s[i]) || isLower(s[i]) || isDigit(s[i]) || s[i] == '_' || s[i] == '-') {
		i++
	}
	if !strings.HasPrefix(strings.TrimLeft(s[i:], " "), ":") {
		return false
	}
	name := s[1:i]
	for at := 1; at+2 < len(name); at++ {
		if name[at] != '-' || name[at+2] != '-' || name[at+1] < '0' || name[at+1] > '7' {
			continue
		}
		m.ID = name
		if m.App == "" {
			m.App = name[:at]
		}
		if m.Severity < 0 {
			m.Severity = int(name[at+1] - '0')
		}
		return true
	}
	return false
}
