package sqldb

import (
	"strconv"
	"strings"
)

// rewrite turns the $N placeholders of the portable text into SQLite's: a bare
// ? when they are in order, else ?N. SQLite keeps the names of ?N in a list
// that binding searches for every argument, which is quadratic: a bulk insert
// must not pay for it. Quoted strings, quoted names and comments are left alone.
func rewrite(query string) string {
	if !strings.Contains(query, "$") {
		return query
	}
	if bare, ok := replace(query, true); ok {
		return bare
	}
	numbered, _ := replace(query, false)
	return numbered
}

// replace writes ? for every placeholder, without its number when bare. It
// gives up when bare placeholders would be counted differently.
func replace(query string, bare bool) (string, bool) {
	out := make([]byte, 0, len(query))
	seen := 0
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
				return string(append(out, query[i:]...)), true
			}
			out = append(out, query[i:i+end]...)
			i += end - 1
		case c == '$' && i+1 < len(query) && query[i+1] >= '0' && query[i+1] <= '9':
			out = append(out, '?')
			if !bare {
				break
			}
			end := i + 1
			for end < len(query) && query[end] >= '0' && query[end] <= '9' {
				end++
			}
			seen++
			if query[i+1:end] != strconv.Itoa(seen) {
				return "", false
			}
			i = end - 1
		default:
			out = append(out, c)
		}
	}
	return string(out), true
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

// Set names texts in a statement: "... WHERE key IN " + set, with args as the
// arguments from $from on. On PostgreSQL they are one array, which any number
// of texts shares: the plan kept for a list of placeholders compares every row
// with each of them.
func (d Dialect) Set(from int, texts []string) (set string, args []any) {
	if d == PostgreSQL {
		return "(SELECT unnest($" + strconv.Itoa(from) + "::text[]))", []any{texts}
	}
	args = make([]any, len(texts))
	for i, text := range texts {
		args[i] = text
	}
	return "(" + In(len(texts), from) + ")", args
}

// ByKey writes a query of the rows whose key is one of texts and for which
// where holds, and the arguments from $from on; each row comes once. PostgreSQL
// is made to look every text up by itself: a plan that it keeps from when the
// table was small would read all of the table each time.
func (d Dialect) ByKey(columns, table, where, key string, from int, texts []string) (query string, args []any) {
	if d != PostgreSQL {
		set, args := d.Set(from, texts)
		return "SELECT " + columns + " FROM " + table + " WHERE " + where + " AND " + key + " IN " + set, args
	}
	// OFFSET 0 keeps the inner query from being merged into the join.
	return "SELECT found.* FROM (SELECT DISTINCT unnest($" + strconv.Itoa(from) + "::text[]) AS text) AS wanted CROSS JOIN LATERAL (SELECT " +
		columns + " FROM " + table + " WHERE " + where + " AND " + key + " = wanted.text OFFSET 0) AS found", []any{texts}
}

// AtKey writes the condition, for an UPDATE or DELETE, of the rows that ByKey
// finds in the same table. On PostgreSQL it misses rows that others write at
// the same time: the caller holds a lock that keeps them from it.
func (d Dialect) AtKey(table, where, key string, from int, texts []string) (condition string, args []any) {
	if d != PostgreSQL {
		set, args := d.Set(from, texts)
		return where + " AND " + key + " IN " + set, args
	}
	query, args := d.ByKey("ctid", table, where, key, from, texts)
	return "ctid = ANY(ARRAY(" + query + "))", args
}
