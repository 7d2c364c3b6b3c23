package dashboard

import (
	"math"
	"strconv"
)

// loose is a value of JSON whose shape is not to be relied upon: what is not
// there, or is something else, is the zero value.
type loose struct{ v any }

func (l loose) get(path ...string) loose {
	for _, key := range path {
		m, _ := l.v.(map[string]any)
		l = loose{m[key]}
	}
	return l
}

func (l loose) has(path ...string) bool { return l.get(path...).v != nil }

// text is a string, or a number as it is written.
func (l loose) text(path ...string) string {
	switch v := l.get(path...).v.(type) {
	case string:
		return v
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	return ""
}

// number is a number, also one that is written as a string.
func (l loose) number(path ...string) *float64 {
	var n float64
	switch v := l.get(path...).v.(type) {
	case float64:
		n = v
	case string:
		var err error
		if n, err = strconv.ParseFloat(v, 64); err != nil {
			return nil
		}
	default:
		return nil
	}
	if math.IsNaN(n) || math.IsInf(n, 0) {
		return nil
	}
	return &n
}

// whole is a number cut to low..high, or otherwise.
func (l loose) whole(low, high, otherwise int, path ...string) int {
	n := l.number(path...)
	if n == nil {
		return otherwise
	}
	return int(math.Max(float64(low), math.Min(float64(high), math.Ceil(*n))))
}

func (l loose) flag(path ...string) bool {
	b, _ := l.get(path...).v.(bool)
	return b
}

func (l loose) list(path ...string) []loose {
	all, _ := l.get(path...).v.([]any)
	out := make([]loose, len(all))
	for i, v := range all {
		out[i] = loose{v}
	}
	return out
}

// texts is a list of strings, or one string as a list.
func (l loose) texts(path ...string) []string {
	at := l.get(path...)
	if one := at.text(); one != "" {
		return []string{one}
	}
	var out []string
	for _, e := range at.list() {
		if s := e.text(); s != "" {
			out = append(out, s)
		}
	}
	return out
}
