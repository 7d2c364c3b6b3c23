package push

import (
	"encoding/json"
	"fmt"
	"mime"
	"net/http"
	"sort"
	"strconv"
	"strings"
	"time"

	"google.golang.org/protobuf/encoding/protowire"

	"mainstay/internal/core"
	"mainstay/internal/platform/logstore"
	"mainstay/internal/platform/receivers"
	"mainstay/internal/platform/unpack"
)

// serveLoki answers POST /loki/api/v1/push (grafana.com, Loki HTTP API,
// "Ingest logs"): 204, 400 for what cannot be read, 5xx for what may be retried.
func (c *Component) serveLoki(w http.ResponseWriter, r *http.Request, m *receivers.Meter) {
	raw, err := unpack.Body(r, c.deps.MaxBody)
	if err != nil {
		unreadable(w, m, err)
		return
	}
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil {
		kind = "application/x-protobuf"
	}
	var entries []entry
	if kind == "application/json" {
		entries, err = lokiJSON(raw)
	} else {
		if r.Header.Get("Content-Encoding") == "" {
			raw, err = unpack.Snappy(raw, c.deps.MaxBody)
		}
		if err == nil {
			entries, err = lokiProto(raw)
		}
	}
	if err != nil {
		unreadable(w, m, err)
		return
	}
	if _, err := c.store(r.Context(), m, entries, len(raw)); err != nil {
		http.Error(w, "records cannot be stored at the moment", http.StatusServiceUnavailable)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

// lokiJSON reads {"streams": [{"stream": {labels}, "values": [[ns, line, {metadata}]]}]}.
func lokiJSON(raw []byte) ([]entry, error) {
	var request struct {
		Streams []struct {
			Stream map[string]string   `json:"stream"`
			Values [][]json.RawMessage `json:"values"`
		} `json:"streams"`
	}
	if err := json.Unmarshal(raw, &request); err != nil {
		return nil, core.Errorf(core.CodeMalformed, "the body cannot be read: %v", err)
	}
	var out []entry
	for i, s := range request.Streams {
		labels := labelFields(s.Stream)
		for j, v := range s.Values {
			bad := func(rule string) error {
				return core.Errorf(core.CodeInvalid, "streams[%d].values[%d]: %s", i, j, rule)
			}
			if len(v) < 2 {
				return nil, bad("must be a time in nanoseconds and a line")
			}
			var at, line string
			if json.Unmarshal(v[0], &at) != nil || json.Unmarshal(v[1], &line) != nil {
				return nil, bad("time and line must be texts")
			}
			nanos, err := strconv.ParseInt(at, 10, 64)
			if err != nil {
				return nil, bad("the time must be nanoseconds since 1970")
			}
			e := entry{at: time.Unix(0, nanos).UTC(), message: line, fields: append([]logstore.Field(nil), labels...)}
			if len(v) > 2 {
				var metadata map[string]string
				if json.Unmarshal(v[2], &metadata) != nil {
					return nil, bad("the metadata must be an object of texts")
				}
				e.fields = append(e.fields, labelFields(metadata)...)
			}
			out = append(out, e)
		}
	}
	return out, nil
}

func labelFields(labels map[string]string) []logstore.Field {
	out := make([]logstore.Field, 0, len(labels))
	for name, value := range labels {
		if name != "" && value != "" {
			out = append(out, logstore.Field{Name: name, Value: value})
		}
	}
	sort.Slice(out, func(i, j int) bool { return out[i].Name < out[j].Name })
	return out
}

// lokiProto reads a logproto.PushRequest (grafana/loki, push.proto): streams
// (1) of labels (1) and entries (2) of a timestamp (1), a line (2) and
// structured metadata (3).
func lokiProto(raw []byte) ([]entry, error) {
	var out []entry
	err := eachField(raw, func(n protowire.Number, stream []byte) error {
		if n != 1 {
			return nil
		}
		var labels []logstore.Field
		var entries [][]byte
		if err := eachField(stream, func(n protowire.Number, v []byte) (err error) {
			switch n {
			case 1:
				labels, err = readLabels(string(v))
			case 2:
				entries = append(entries, v)
			}
			return err
		}); err != nil {
			return err
		}
		for _, text := range entries {
			e := entry{fields: append([]logstore.Field(nil), labels...)}
			if err := eachField(text, func(n protowire.Number, v []byte) error {
				switch n {
				case 1:
					return timestamp(v, &e.at)
				case 2:
					e.message = string(v)
				case 3:
					var name, value string
					err := eachField(v, func(n protowire.Number, v []byte) error {
						switch n {
						case 1:
							name = string(v)
						case 2:
							value = string(v)
						}
						return nil
					})
					e.add(name, value)
					return err
				}
				return nil
			}); err != nil {
				return err
			}
			out = append(out, e)
		}
		return nil
	})
	if err != nil {
		return nil, core.Errorf(core.CodeMalformed, "the push request cannot be read: %v", err)
	}
	return out, nil
}

// eachField calls f with every field of a message that has a length.
func eachField(raw []byte, f func(n protowire.Number, value []byte) error) error {
	for len(raw) > 0 {
		n, kind, size := protowire.ConsumeTag(raw)
		if size < 0 {
			return protowire.ParseError(size)
		}
		raw = raw[size:]
		if kind != protowire.BytesType {
			if size = protowire.ConsumeFieldValue(n, kind, raw); size < 0 {
				return protowire.ParseError(size)
			}
			raw = raw[size:]
			continue
		}
		value, size := protowire.ConsumeBytes(raw)
		if size < 0 {
			return protowire.ParseError(size)
		}
		if err := f(n, value); err != nil {
			return err
		}
		raw = raw[size:]
	}
	return nil
}

// timestamp reads a google.protobuf.Timestamp.
func timestamp(raw []byte, at *time.Time) error {
	var seconds, nanos int64
	for len(raw) > 0 {
		n, kind, size := protowire.ConsumeTag(raw)
		if size < 0 {
			return protowire.ParseError(size)
		}
		raw = raw[size:]
		if kind != protowire.VarintType {
			return fmt.Errorf("a timestamp of another kind")
		}
		v, size := protowire.ConsumeVarint(raw)
		if size < 0 {
			return protowire.ParseError(size)
		}
		raw = raw[size:]
		switch n {
		case 1:
			seconds = int64(v)
		case 2:
			nanos = int64(v)
		}
	}
	if seconds != 0 || nanos != 0 {
		*at = time.Unix(seconds, nanos).UTC()
	}
	return nil
}

// readLabels reads {name="value", name="value"}.
func readLabels(text string) ([]logstore.Field, error) {
	text = strings.TrimSpace(text)
	if !strings.HasPrefix(text, "{") || !strings.HasSuffix(text, "}") {
		return nil, fmt.Errorf("labels must be in braces: %.50q", text)
	}
	text = strings.TrimSpace(text[1 : len(text)-1])
	var out []logstore.Field
	for text != "" {
		name, rest, ok := strings.Cut(text, "=")
		if !ok {
			return nil, fmt.Errorf("a label without a value: %.50q", text)
		}
		quoted, err := strconv.QuotedPrefix(strings.TrimSpace(rest))
		if err != nil {
			return nil, fmt.Errorf("the value of the label %.50q is not quoted", name)
		}
		value, err := strconv.Unquote(quoted)
		if err != nil {
			return nil, err
		}
		if name = strings.TrimSpace(name); name != "" && value != "" {
			out = append(out, logstore.Field{Name: name, Value: value})
		}
		text = strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(strings.TrimSpace(rest)[len(quoted):]), ","))
	}
	return out, nil
}
