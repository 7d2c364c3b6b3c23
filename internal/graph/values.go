package graph

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"maps"
	"math"
	"slices"
	"strconv"
)

// values holds attributes in canonical JSON, so that equal values are equal bytes.
type values map[string]json.RawMessage

// canonical writes a value as encoding/json does, object keys sorted.
func canonical(v any) (json.RawMessage, error) {
	switch v := v.(type) {
	case string:
		if needsNoEscape(v) {
			return append(append(append(make([]byte, 0, len(v)+2), '"'), v...), '"'), nil
		}
	case float64:
		if v == math.Trunc(v) && math.Abs(v) < 1e15 {
			return strconv.AppendInt(nil, int64(v), 10), nil
		}
	case int64:
		return strconv.AppendInt(nil, v, 10), nil
	case bool:
		return strconv.AppendBool(nil, v), nil
	case int:
		return strconv.AppendInt(nil, int64(v), 10), nil
	case json.RawMessage:
		var decoded any
		d := json.NewDecoder(bytes.NewReader(v))
		d.UseNumber()
		if err := d.Decode(&decoded); err != nil {
			return nil, err
		}
		return canonical(decoded)
	}
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

// needsNoEscape says that a text stands for itself between quotes.
func needsNoEscape(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < 0x20 || c > 0x7e || c == '"' || c == '\\' {
			return false
		}
	}
	return true
}

// text writes the values as one JSON object with sorted keys.
func (v values) text() string {
	if len(v) == 0 {
		return "{}"
	}
	var b bytes.Buffer
	b.Grow(64 * len(v))
	b.WriteByte('{')
	for i, name := range slices.Sorted(maps.Keys(v)) {
		if i > 0 {
			b.WriteByte(',')
		}
		b.Write(strconv.AppendQuote(b.AvailableBuffer(), name))
		b.WriteByte(':')
		b.Write(v[name])
	}
	b.WriteByte('}')
	return b.String()
}

// parseValues is the inverse of text.
func parseValues(text string) (values, error) {
	v := values{}
	if text == "" || text == "{}" {
		return v, nil
	}
	err := json.Unmarshal([]byte(text), &v)
	return v, err
}

func (v values) equal(other values) bool {
	return maps.EqualFunc(v, other, func(a, b json.RawMessage) bool { return bytes.Equal(a, b) })
}

// plain returns the values as encoding/json decodes them.
func (v values) plain() map[string]any {
	out := make(map[string]any, len(v))
	for name, raw := range v {
		var decoded any
		if json.Unmarshal(raw, &decoded) == nil {
			out[name] = decoded
		}
	}
	return out
}

// str returns the value of a text attribute, or "".
func (v values) str(name string) string {
	var s string
	if raw, ok := v[name]; ok {
		_ = json.Unmarshal(raw, &s) // not a text: ""
	}
	return s
}

// digest collects bytes and sums them up in 22 characters.
type digest struct{ b []byte }

// add appends texts, each with an end that no text contains by accident.
func (d *digest) add(parts ...string) {
	for _, p := range parts {
		d.b = strconv.AppendInt(d.b, int64(len(p)), 10)
		d.b = append(d.b, ':')
		d.b = append(d.b, p...)
	}
}

func (d *digest) addValues(v values) {
	d.add(strconv.Itoa(len(v)))
	names := make([]string, 0, len(v))
	for name := range v {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		d.add(name)
		d.b = append(d.b, v[name]...)
	}
}

// sum returns the first 128 bits of SHA-256: two payloads never share them by chance.
func (d *digest) sum() string {
	full := sha256.Sum256(d.b)
	return base64.RawURLEncoding.EncodeToString(full[:16])
}
