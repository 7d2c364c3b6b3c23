package syslog

import (
	"context"
	"net/netip"
	"strings"
	"time"
	"unicode/utf8"

	"mainstay/internal/platform/logstore"
)

// tooAhead is how far ahead a time may be and still be believed.
const tooAhead = time.Hour

// severity is one of syslog's in OpenTelemetry's scale (Logs Data Model,
// appendix B: "SeverityNumber example mappings", Syslog).
type severity struct{ text, number, level string }

var severities = [8]severity{
	{"emerg", "21", "fatal"}, {"alert", "19", "error"}, {"crit", "18", "error"}, {"err", "17", "error"},
	{"warning", "13", "warn"}, {"notice", "10", "info"}, {"info", "9", "info"}, {"debug", "5", "debug"},
}

// facilities are the names that syslog.conf(5) has; 12 to 15 are RFC 5424's.
var facilities = [24]string{"kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news", "uucp", "cron", "authpriv", "ftp",
	"ntp", "audit", "alert", "clock", "local0", "local1", "local2", "local3", "local4", "local5", "local6", "local7"}

// raw is a message as it came.
type raw struct {
	text string
	from netip.Addr
	cut  bool
}

// converter makes records of messages. One goroutine uses it; what convert
// returns is valid until the next call.
type converter struct {
	parser    Parser
	items     *items
	transport string
	keeps     time.Duration // what is older is kept as of now

	message Message
	records []logstore.Record
	fields  []logstore.Field
	found   map[sender]string // in this batch
}

// sender is how the item of a message is found.
type sender struct {
	host string
	from netip.Addr
}

// convert makes a record of each message that has text; now is when they came.
func (c *converter) convert(ctx context.Context, batch []raw, now time.Time) []logstore.Record {
	clear(c.fields)
	c.records, c.fields = c.records[:0], c.fields[:0]
	if c.found == nil {
		c.found = map[sender]string{}
	}
	clear(c.found)
	for i := range batch {
		m := &c.message
		c.parser.Parse(batch[i].text, now, m)
		if m.Text == "" && m.App == "" && len(m.Data) == 0 {
			continue
		}
		c.records = append(c.records, c.record(ctx, &batch[i], now.Add(time.Duration(i)), m))
	}
	return c.records
}

func (c *converter) record(ctx context.Context, in *raw, now time.Time, m *Message) logstore.Record {
	first := len(c.fields)
	add := func(name, value string) {
		if value != "" {
			c.fields = append(c.fields, logstore.Field{Name: name, Value: value})
		}
	}
	r := logstore.Record{Time: m.Time, Message: decoded(m.Text), App: decoded(m.App), Host: decoded(m.Host)}
	switch {
	case m.Time.IsZero() || m.Time.Before(now.Add(-c.keeps)) || m.Time.After(now.Add(tooAhead)):
		r.Time = now
		add("syslog.timestamp", m.Stamp)
	case !m.Exact && !now.Before(m.Time) && now.Sub(m.Time) < time.Second:
		r.Time = now // it says the second alone, and ours keeps the order
	}
	if m.Severity >= 0 {
		s := severities[m.Severity]
		r.Level = s.level
		add("severity_text", s.text)
		add("severity_number", s.number)
	}
	if m.Facility >= 0 {
		add("syslog.facility", facilities[m.Facility])
	}
	add("process.pid", m.PID)
	add("syslog.msgid", m.ID)
	add("syslog.sequence", m.Sequence)
	for _, d := range m.Data {
		name := "sd." + d.Element
		if d.Name != "" {
			name += "." + d.Name
		}
		add(name, decoded(d.Value))
	}
	if in.from.IsValid() {
		add("network.peer.address", c.items.text(in.from))
	}
	add("syslog.transport", c.transport)
	if in.cut {
		add("truncated", "true")
	}
	r.Fields = c.fields[first:len(c.fields):len(c.fields)]
	key := sender{r.Host, in.from}
	item, ok := c.found[key]
	if !ok {
		item = c.items.find(ctx, key)
		c.found[key] = item
	}
	r.Item = item
	return r
}

// decoded makes UTF-8 of what is none: devices that do not send it send
// Latin-1, and a wrong umlaut is better than a lost one.
func decoded(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	var b strings.Builder
	b.Grow(len(s) + 8)
	for len(s) > 0 {
		r, n := utf8.DecodeRuneInString(s)
		if r == utf8.RuneError && n == 1 {
			r = rune(s[0])
		}
		b.WriteRune(r)
		s = s[n:]
	}
	return b.String()
}
