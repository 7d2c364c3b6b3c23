package sqldb

import (
	"strconv"
	"strings"
)

// rewrite turns the $N placeholders of the portable text into SQLite's ?N.
// Quoted strings, quoted names and comments are left alone.
func rewrite(query string) string {
	if !strings.Contains(query, "$") {
		return query
	}
	out := make([]byte, 0, len(query))
	for i := 0; i < len(query); i++ {
		c := query[i]
		switch {
		case c == '\'' || c == '"':
			end := i + 1 + strings.IndexByte(query[i+1:], c)
			if end == i {
				end = len(query) - 1
			}
			out = append(out, query[i:end+1]...)
			i = end
		case c == '-' && strings.HasPrefix(query[i:], "--"):
			end := strings.IndexByte(query[i:], '\n')
			if end < 0 {
				return string(append(out, query[i:]...))
			}
			out = append(out, query[i:i+end]...)
			i += end - 1
		case c == '$' && i+1 < len(query) && query[i+1] >= '0' && query[i+1] <= '9':
			out = append(out, '?')
		default:
			out = append(out, c)
		}
	}
	return string(out)
}

// In returns n placeholders beginning with $from, for an IN list: In(3, 2) is
// "$2,$3,$4". For no values it is "NULL", which nothing is in.
func In(n, from int) string {
	if n == 0 {
		return "NULL"
	}
	out := make([]byte, 0, n*4)
	for i := range n {
		if i > 0 {
			out = append(out, ',')
		}
		out = append(out, '$')
		out = strconv.AppendInt(out, int64(from+i), 10)
	}
	return string(out)
}
