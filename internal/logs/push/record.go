package push

import (
	"bytes"
	"context"
	"encoding/json"
	"math"
	"net"
	"strconv"
	"strings"
	"time"

	"mainstay/internal/platform/logstore"
)

// entry is a record as its sender has it. A zero time is now.
type entry struct {
	at      time.Time
	message string
	fields  []logstore.Field
}

// The names that senders use, the more telling first: OpenTelemetry's and
// Elastic's (ECS), Loki's and Kubernetes' labels, systemd's journal fields.
func messageNames() []string {
	return []string{"message", "msg", "_msg", "log", "MESSAGE", "event.original", "body", "short_message", "text"}
}
func timeNames() []string { return []string{"@timestamp", "_time", "timestamp", "time", "ts"} }
func levelNames() []string {
	return []string{"level", "log.level", "severity", "severity_text", "detected_level", "lvl", "loglevel"}
}
func hostNames() []string {
	return []string{"host.name", "host", "hostname", "_HOSTNAME", "host.hostname", "nodename", "node_name", "node", "kubernetes.host", "agent.hostname", "instance"}
}
func appNames() []string {
	return []string{"service.name", "service_name", "app", "application", "program", "SYSLOG_IDENTIFIER", "_SYSTEMD_UNIT", "unit", "container_name", "container.name", "kubernetes.container_name", "container", "job", "process.name"}
}

// take removes the first field that one of the names has, and returns its value.
func (e *entry) take(names []string) string {
	for _, name := range names {
		for i, f := range e.fields {
			if f.Name == name && f.Value != "" {
				e.fields = append(e.fields[:i], e.fields[i+1:]...)
				return f.Value
			}
		}
	}
	return ""
}

func (e *entry) find(name string) string {
	for _, f := range e.fields {
		if f.Name == name {
			return f.Value
		}
	}
	return ""
}

// add puts a field that has a value.
func (e *entry) add(name, value string) {
	if name != "" && value != "" {
		e.fields = append(e.fields, logstore.Field{Name: name, Value: value})
	}
}

// records gives entries the parts that every record has.
func (c *Component) records(ctx context.Context, entries []entry, now time.Time) []logstore.Record {
	out := make([]logstore.Record, 0, len(entries))
	items := map[string]string{} // of this request, by host
	for i := range entries {
		e := &entries[i]
		r := logstore.Record{Time: e.at, Message: e.message}
		if r.Message == "" {
			r.Message = e.take(messageNames())
		}
		if r.Time.IsZero() {
			r.Time = now.Add(time.Duration(i)) // in their order
		}
		r.Level, r.Host, r.App = strings.ToLower(e.take(levelNames())), e.take(hostNames()), e.take(appNames())
		named := e.find("mainstay.item")
		item, known := items[named+"\x00"+r.Host]
		if !known {
			attributes := map[string]string{"mainstay.item": named, "host.name": r.Host, "host.ip": e.find("host.ip")}
			if host, _, err := net.SplitHostPort(r.Host); err == nil {
				attributes["host.name"] = host
			}
			if net.ParseIP(attributes["host.name"]) != nil {
				attributes["host.ip"], attributes["host.name"] = attributes["host.name"], ""
			}
			item = c.deps.Items.ItemOf(ctx, attributes)
			items[named+"\x00"+r.Host] = item
		}
		if r.Item = item; r.Message == "" && len(e.fields) == 0 {
			continue
		}
		r.Fields = e.fields
		out = append(out, r)
	}
	return out
}

// maxDepth is how deep nested objects become fields of their own; what is
// deeper is JSON text.
const maxDepth = 8

// flatten makes fields of a JSON object: nested ones joined by dots.
func (e *entry) flatten(prefix string, object map[string]any, depth int) {
	for name, value := range object {
		if prefix != "" {
			name = prefix + "." + name
		}
		if inner, ok := value.(map[string]any); ok && depth < maxDepth && len(inner) > 0 {
			e.flatten(name, inner, depth+1)
			continue
		}
		e.add(name, plain(value))
	}
}

// plain is a JSON value as text.
func plain(value any) string {
	switch v := value.(type) {
	case nil:
		return ""
	case string:
		return v
	case bool:
		return strconv.FormatBool(v)
	case json.Number:
		return v.String()
	}
	text, err := json.Marshal(value)
	if err != nil {
		return ""
	}
	return string(text)
}

// object reads a JSON object whose numbers stay as they are written.
func object(raw []byte) (map[string]any, error) {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var out map[string]any
	return out, d.Decode(&out)
}

// moment reads a time: RFC 3339, or seconds, milliseconds, microseconds or
// nanoseconds since 1970 by their size. Zero when it is none.
func moment(text string) time.Time {
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		switch {
		case n <= 0:
			return time.Time{}
		case n < 1e11:
			return time.Unix(n, 0).UTC()
		case n < 1e14:
			return time.UnixMilli(n).UTC()
		case n < 1e17:
			return time.UnixMicro(n).UTC()
		}
		return time.Unix(0, n).UTC()
	}
	if f, err := strconv.ParseFloat(text, 64); err == nil && f > 0 && f < 1e11 {
		whole, part := math.Modf(f)
		return time.Unix(int64(whole), int64(math.Round(part*1e6))*1000).UTC()
	}
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999", "2006-01-02 15:04:05.999999999Z07:00", "2006-01-02 15:04:05.999999999"} {
		if at, err := time.Parse(layout, text); err == nil {
			return at.UTC()
		}
	}
	return time.Time{}
}
