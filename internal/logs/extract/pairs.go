package extract

import (
	"strconv"
	"strings"

	"mainstay/internal/platform/logstore"
)

func nameByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_' || c == '.' || c == '-' || c == '@' || c == '/'
}

// Logfmt adds the pairs of a text that is nothing but pairs: name=value, with
// values in quotes where they have spaces, or names alone. No says that it is
// something else, or has fewer than two pairs; out is then as it was.
func Logfmt(out []logstore.Field, text string) ([]logstore.Field, bool) {
	first, pairs, words := len(out), 0, 0
	for at := 0; ; {
		for at < len(text) && (text[at] == ' ' || text[at] == '\t' || text[at] == '\n' || text[at] == '\r') {
			at++
		}
		if at == len(text) {
			break
		}
		from := at
		for at < len(text) && nameByte(text[at]) {
			at++
		}
		name := text[from:at]
		if name == "" {
			return out[:first], false
		}
		if at == len(text) || text[at] != '=' {
			if at < len(text) && text[at] != ' ' && text[at] != '\t' {
				return out[:first], false
			}
			words++
			continue
		}
		value, next, ok := valueOf(text, at+1, " \t\n\r")
		if !ok {
			return out[:first], false
		}
		at = next
		pairs++
		if value != "" && len(out)-first < Most {
			out = append(out, logstore.Field{Name: name, Value: value})
		}
	}
	if pairs < 2 || words > pairs {
		return out[:first], false
	}
	return out, true
}

// Pairs adds the pairs that are somewhere in a text: between separators, and
// with equals between name and value. No says that there is none.
func Pairs(out []logstore.Field, text, separators, equals string) ([]logstore.Field, bool) {
	first := len(out)
	for at := 0; at < len(text) && len(out)-first < Most; {
		i := strings.Index(text[at:], equals)
		if i < 0 {
			break
		}
		i += at
		end := i
		for end > at && text[end-1] == ' ' {
			end--
		}
		from := end
		for from > at && nameByte(text[from-1]) {
			from--
		}
		start := i + len(equals)
		for start < len(text) && text[start] == ' ' && !strings.Contains(separators, " ") {
			start++
		}
		value, next, ok := valueOf(text, start, separators)
		if from < end && ok && value != "" {
			out = append(out, logstore.Field{Name: text[from:end], Value: value})
		}
		at = max(next, i+len(equals))
	}
	return out, len(out) > first
}

// valueOf reads a value: in quotes, or to a separator.
func valueOf(text string, at int, separators string) (value string, next int, ok bool) {
	if at < len(text) && text[at] == '"' {
		to := at + 1
		for to < len(text) && text[to] != '"' {
			if text[to] == '\\' {
				to++
			}
			to++
		}
		if to >= len(text) {
			return "", at, false
		}
		raw := text[at : to+1]
		if !strings.Contains(raw, `\`) {
			return raw[1 : len(raw)-1], to + 1, true
		}
		if s, err := strconv.Unquote(raw); err == nil {
			return s, to + 1, true
		}
		return strings.ReplaceAll(raw[1:len(raw)-1], `\"`, `"`), to + 1, true
	}
	to := at
	for to < len(text) && strings.IndexByte(separators, text[to]) < 0 {
		to++
	}
	return strings.TrimRight(text[at:to], " "), to, true
}
