package push

import (
	"bufio"
	"io"
	"math"
	"strings"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/unpack"
)

// forwarded is a message of the forward protocol (fluentd wiki, "Forward
// Protocol Specification v1").
type forwarded struct {
	entries []entry
	chunk   string // to be acknowledged; "" when not
	bad     int    // entries that could not be read
}

// readForward understands the four modes of carrying events: Message
// [tag, time, record, option], Forward [tag, [[time, record], ...], option],
// PackedForward [tag, bytes, option] and the same compressed. most bounds what
// is decompressed.
func readForward(message any, most int64) (out forwarded, err error) {
	parts, ok := message.([]any)
	if !ok || len(parts) < 2 {
		return out, core.Errorf(core.CodeMalformed, "a message must be an array of a tag and events")
	}
	tag, ok := parts[0].(string)
	if !ok {
		return out, core.Errorf(core.CodeMalformed, "the tag must be a text")
	}
	option := func(at int) map[string]any {
		if len(parts) <= at {
			return nil
		}
		o, _ := parts[at].(map[string]any)
		return o
	}
	var options map[string]any
	switch events := parts[1].(type) {
	case []any:
		options = option(2)
		for _, e := range events {
			out.event(tag, e)
		}
	case string:
		options = option(2)
		compressed, _ := options["compressed"].(string)
		if err := out.packed(tag, events, compressed, most); err != nil {
			return out, err
		}
	default:
		if len(parts) < 3 {
			return out, core.Errorf(core.CodeMalformed, "a message must have a time and a record")
		}
		options = option(3)
		out.event(tag, []any{parts[1], parts[2]})
	}
	out.chunk, _ = options["chunk"].(string)
	return out, nil
}

// packed reads events one behind the other.
func (f *forwarded) packed(tag, raw, compressed string, most int64) error {
	switch compressed {
	case "", "text":
	case "gzip", "zstd":
		text, err := unpack.Read(strings.NewReader(raw), compressed, most)
		if err != nil {
			return err
		}
		raw = string(text)
	default:
		return core.Errorf(core.CodeMalformed, "the compression %.20q is not known: gzip and zstd are", compressed)
	}
	u := newUnpacker(bufio.NewReader(strings.NewReader(raw)), len(raw))
	for {
		v, err := u.value(0)
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return core.Errorf(core.CodeMalformed, "packed events cannot be read: %v", err)
		}
		f.event(tag, v)
	}
}

// event reads [time, record]. Fluent Bit from 2.1 may send [[time, metadata], record].
func (f *forwarded) event(tag string, v any) {
	pair, ok := v.([]any)
	if !ok || len(pair) < 2 {
		f.bad++
		return
	}
	record, ok := pair[1].(map[string]any)
	if !ok {
		f.bad++
		return
	}
	at := pair[0]
	var metadata map[string]any
	if both, ok := at.([]any); ok && len(both) > 0 {
		at = both[0]
		if len(both) > 1 {
			metadata, _ = both[1].(map[string]any)
		}
	}
	e := entry{at: eventTime(at)}
	e.flatten("", record, 0)
	e.flatten("metadata", metadata, 0)
	e.message = e.take(messageNames())
	e.add("fluent.tag", tag)
	f.entries = append(f.entries, e)
}

// eventTime reads seconds since 1970, or an EventTime. Zero when it is none.
func eventTime(v any) time.Time {
	switch t := v.(type) {
	case time.Time:
		if t.Unix() > 0 {
			return t
		}
	case int64:
		if t > 0 && t < 1e11 {
			return time.Unix(t, 0).UTC()
		}
	case uint64:
		if t > 0 && t < 1e11 {
			return time.Unix(int64(t), 0).UTC()
		}
	case float64:
		if t > 0 && t < 1e11 {
			whole, part := math.Modf(t)
			return time.Unix(int64(whole), int64(math.Round(part*1e6))*1000).UTC()
		}
	}
	return time.Time{}
}

// acknowledgement is {"ack": chunk}.
func acknowledgement(chunk string) []byte {
	return packText(packText([]byte{0x81}, "ack"), chunk)
}

// readMessage reads the next message of a connection.
func readMessage(in *bufio.Reader, most int) (message any, size int, err error) {
	u := newUnpacker(in, most)
	message, err = u.value(0)
	return message, most - u.bytes, err
}
