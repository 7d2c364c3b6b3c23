package listing

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"strings"

	"mainstay/internal/core"
)

// resume restricts to the rows behind the cursor: (a, b) > (x, y) written out,
// as each key has its own direction.
func (b *builder) resume(cursor string, keys []sortKey) error {
	values, ok := decodeCursor(cursor, keys)
	if !ok {
		return core.Invalid("cursor", "does not belong to this list and sort order")
	}
	bound := make([]string, len(values))
	for i, v := range values {
		bound[i] = b.bind(v)
	}
	var any []string
	for i, k := range keys {
		var all []string
		for j := range i {
			all = append(all, keys[j].column+" = "+bound[j])
		}
		op := " > "
		if k.desc {
			op = " < "
		}
		any = append(any, "("+strings.Join(append(all, k.column+op+bound[i]), " AND ")+")")
	}
	b.where = append(b.where, "("+strings.Join(any, " OR ")+")")
	return nil
}

func encodeCursor(values []any) string {
	for i, v := range values {
		if bytes, ok := v.([]byte); ok {
			values[i] = string(bytes)
		}
	}
	b, err := json.Marshal(values)
	if err != nil {
		return ""
	}
	return base64.RawURLEncoding.EncodeToString(b)
}

// decodeCursor reads the values of the keys. It refuses what no page of the
// list can have written: PostgreSQL would take it for a fault of ours.
func decodeCursor(cursor string, keys []sortKey) ([]any, bool) {
	raw, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil {
		return nil, false
	}
	var values []any
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	if decoder.Decode(&values) != nil || decoder.More() || len(values) != len(keys) {
		return nil, false
	}
	for i, k := range keys {
		v, ok := k.kind.held(values[i])
		if !ok {
			return nil, false
		}
		values[i] = v
	}
	return values, true
}

// held turns a value of a cursor into the one that the column of the kind has.
func (k Kind) held(v any) (any, bool) {
	number, isNumber := v.(json.Number)
	switch k {
	case Text:
		text, ok := v.(string)
		return text, ok && !strings.Contains(text, "\x00")
	case Float:
		f, err := number.Float64()
		return f, isNumber && err == nil
	case Bool: // SQLite has numbers
		if b, ok := v.(bool); ok {
			return b, true
		}
		return number == "1", number == "0" || number == "1"
	}
	n, err := number.Int64()
	return n, isNumber && err == nil
}
