package sqldb

import (
	"context"
	"strconv"
	"strings"
)

// insertArrays is Insert on PostgreSQL: one array for each column, and one text
// for any number of rows, which is planned once. A list of rows as placeholders
// costs the server more to parse and plan than to write. It does not take rows
// whose column holds more than one kind of value, or NULL.
func insertArrays(ctx context.Context, tx Execer, head string, rows [][]any, tail string) (taken bool, err error) {
	shared, _ := sharedColumns(rows)
	var list, names, arrays []string
	args := make([]any, 0, len(shared))
	for c, same := range shared {
		kind, values := column(rows, c)
		if kind == "" {
			return false, nil
		}
		place := "$" + strconv.Itoa(c+1) + "::" + kind
		if same {
			list, args = append(list, place), append(args, rows[0][c])
			continue
		}
		name := "c" + strconv.Itoa(c+1)
		list, names, arrays, args = append(list, "r."+name), append(names, name), append(arrays, place+"[]"), append(args, values)
	}
	_, err = tx.Exec(ctx, strings.TrimSuffix(head, "VALUES")+"SELECT "+strings.Join(list, ", ")+
		" FROM unnest("+strings.Join(arrays, ", ")+") AS r("+strings.Join(names, ", ")+") "+tail, args...)
	return true, err
}

// updateArrays is Update on PostgreSQL, with one array for each column. It does
// not take rows whose column holds more than one kind of value, or NULL.
func updateArrays(ctx context.Context, tx Execer, table string, columns []string, rows [][]any, tail string) (taken bool, err error) {
	arrays, args := make([]string, len(columns)), make([]any, len(columns))
	for c := range columns {
		kind, values := column(rows, c)
		if kind == "" {
			return false, nil
		}
		arrays[c], args[c] = "$"+strconv.Itoa(c+1)+"::"+kind+"[]", values
	}
	_, err = tx.Exec(ctx, "WITH v ("+strings.Join(columns, ", ")+") AS (SELECT * FROM unnest("+strings.Join(arrays, ", ")+")) UPDATE "+table+tail, args...)
	return true, err
}

// column returns a column's type and its values as a slice of that, or "".
func column(rows [][]any, c int) (kind string, values any) {
	switch rows[0][c].(type) {
	case string:
		return typed[string]("text", rows, c)
	case int64:
		return typed[int64]("bigint", rows, c)
	case int:
		return typed[int]("bigint", rows, c)
	case bool:
		return typed[bool]("boolean", rows, c)
	case float64:
		return typed[float64]("double precision", rows, c)
	case []byte:
		return typed[[]byte]("bytea", rows, c)
	}
	return "", nil
}

func typed[T any](kind string, rows [][]any, c int) (string, any) {
	values := make([]T, len(rows))
	for n, row := range rows {
		v, ok := row[c].(T)
		if !ok {
			return "", nil
		}
		values[n] = v
	}
	return kind, values
}
