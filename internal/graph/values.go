package graph

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
)

// values holds attributes in canonical JSON, so that equal values are equal bytes.
type values map[string]json.RawMessage

// canonical writes a value as encoding/json does, object keys sorted.
func canonical(v any) (json.RawMessage, error) { return appendCanonical(nil, v) }

// appendCanonical is canonical behind what b holds.
func appendCanonical(b []byte, v any) ([]byte, error) {
	switch v := v.(type) {
	case string:
		if needsNoEscape(v) {
			b = slices.Grow(b, len(v)+2)
			return append(append(append(b, '"'), v...), '"'), nil
		}
	case float64:
		if v == math.Trunc(v) && math.Abs(v) < 1e15 {
			return strconv.AppendInt(b, int64(v), 10), nil
		}
	case int64:
		return strconv.AppendInt(b, v, 10), nil
	case bool:
		return strconv.AppendBool(b, v), nil
	case int:
		return strconv.AppendInt(b, int64(v), 10), nil
	case json.RawMessage:
		var decoded any
		d := json.NewDecoder(bytes.NewReader(v))
		d.UseNumber()
		if err := d.Decode(&decoded); err != nil {
			return nil, err
		}
		return appendCanonical(b, decoded)
	}
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		return nil, err
	}
	return append(b, bytes.TrimSuffix(text.Bytes(), []byte("\n"))...), nil
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
	var few [16]string
	names, size := few[:0], 2
	for name, raw := range v {
		names = append(names, name)
		size += len(name) + len(raw) + 4
	}
	slices.Sort(names)
	b := append(make([]byte, 0, size), '{')
	for i, name := range names {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(append(appendText(b, name), ':'), v[name]...)
	}
	return string(append(b, '}'))
}

// appendText writes a text as canonical does.
func appendText(b []byte, text string) []byte {
	if needsNoEscape(text) {
		return append(append(append(b, '"'), text...), '"')
	}
	quoted, _ := canonical(text) // a text
	return append(b, quoted...)
}

// parseValues is the inverse of text. It cuts the object at its top level and
// leaves the values alone: they were written by canonical.
func parseValues(text string) (values, error) {
	if text == "" || text == "{}" {
		return values{}, nil
	}
	v := make(values, 1+strings.Count(text, `,"`))
	whole := []byte(text)
	for at := 0; at < len(whole)-1; {
		name := textEnd(whole, at+1)
		value := valueEnd(whole, name+1)
		if name < 0 || value < 0 || whole[name] != ':' {
			return nil, fmt.Errorf("stored attributes are damaged at byte %d", at)
		}
		key := text[at+2 : name-1]
		if !needsNoEscape(key) {
			if err := json.Unmarshal(whole[at+1:name], &key); err != nil {
				return nil, fmt.Errorf("stored attributes are damaged at byte %d: %w", at, err)
			}
		}
		v[key] = json.RawMessage(whole[name+1 : value : value])
		at = value
	}
	return v, nil
}

// textEnd returns where the JSON text that begins at from ends, or -1.
func textEnd(b []byte, from int) int {
	if from >= len(b) || b[from] != '"' {
		return -1
	}
	for i := from + 1; i < len(b)-1; i++ {
		switch b[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return -1
}

// valueEnd returns where the JSON value that begins at from ends: at a comma or
// bracket of its own level. It is -1 when there is none.
func valueEnd(b []byte, from int) int {
	depth := 0
	for i := from; from > 0 && i < len(b); i++ {
		switch b[i] {
		case '"':
			if i = textEnd(b, i) - 1; i < 0 {
				return -1
			}
		case '{', '[':
			depth++
		case ',', '}', ']':
			if depth == 0 {
				return i
			}
			if b[i] != ',' {
				depth--
			}
		}
	}
	return -1
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
	raw := v[name]
	if len(raw) < 2 || raw[0] != '"' {
		return ""
	}
	if inner := string(raw[1 : len(raw)-1]); needsNoEscape(inner) {
		return inner
	}
	var s string
	_ = json.Unmarshal(raw, &s) // written by canonical
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
	var few [16]string
	names := few[:0]
	for name := range v {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		d.add(name)
		d.b = append(d.b, v[name]...)
	}
}

// digestLength is that of what sum returns.
const digestLength = 22

// sum returns the first 128 bits of SHA-256: two payloads never share them by chance.
func (d *digest) sum() string {
	full := sha256.Sum256(d.b)
	return base64.RawURLEncoding.EncodeToString(full[:16])
}

// short returns 64 bits, for what is compared with nothing but its own past;
// it is "" for nothing.
func (d *digest) short() string {
	if len(d.b) == 0 {
		return ""
	}
	full := sha256.Sum256(d.b)
	return base64.RawURLEncoding.EncodeToString(full[:8])
}

// sameSum says that two hashes of entries are of the same words. Those that
// were stored before relations were summed up by themselves have one part.
func sameSum(stored, now string) bool {
	return len(stored) >= digestLength && stored[:digestLength] == now[:digestLength]
}

// sameRelations says so of the relations alone.
func sameRelations(stored, now string) bool {
	return len(stored) >= digestLength && stored[digestLength:] == now[digestLength:] && len(now) > digestLength
}
