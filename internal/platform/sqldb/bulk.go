package sqldb

import (
	"context"
	"strconv"
	"strings"
)

// maxArguments bounds the placeholders of one statement: SQLite's default is
// 32,766, PostgreSQL's 65,535.
const maxArguments = 30_000

// fewRows are too few to make arrays of.
const fewRows = 4

// Insert runs head (up to and including VALUES) with the rows and tail (ON
// CONFLICT ..., or empty) in as few statements as the engines' limits allow.
// Each row holds columns values.
func Insert(ctx context.Context, tx Execer, head string, columns int, rows [][]any, tail string) error {
	most := min(maxArguments/columns, 500)
	args := make([]any, 0, min(most, len(rows))*columns)
	for len(rows) > 0 {
		n := min(len(rows), most)
		if tx.Dialect() == SQLite {
			n = chunk(len(rows), most)
		}
		if n >= fewRows && tx.Dialect() == PostgreSQL {
			if taken, err := insertArrays(ctx, tx, head, rows[:n], tail); err != nil {
				return err
			} else if taken {
				rows = rows[n:]
				continue
			}
		}
		var text string
		text, args = insertion(tx.Dialect(), head, rows[:n], args[:0])
		if _, err := tx.Exec(ctx, text+" "+tail, args...); err != nil {
			return err
		}
		rows = rows[n:]
	}
	return nil
}

// Update runs an UPDATE with one row of values, called v, for each row of the
// table whose first column it names: set is what stands behind SET. Each row
// holds a value for each of the columns.
func Update(ctx context.Context, tx Execer, table string, columns []string, rows [][]any, set string) error {
	tail := " SET " + set + " FROM v WHERE " + table + "." + columns[0] + " = v." + columns[0]
	for len(rows) > 0 {
		if n := min(len(rows), 1000); n >= fewRows && tx.Dialect() == PostgreSQL {
			if taken, err := updateArrays(ctx, tx, table, columns, rows[:n], tail); err != nil {
				return err
			} else if taken {
				rows = rows[n:]
				continue
			}
		}
		n := chunk(len(rows), min(256, maxArguments/len(columns)))
		args := make([]any, 0, n*len(columns))
		for _, row := range rows[:n] {
			args = append(args, row...)
		}
		_, rest, _ := strings.Cut(Values(n, len(columns), 1), ")")
		text := "WITH v (" + strings.Join(columns, ", ") + ") AS (VALUES " + firstRow(rows[0]) + rest + ") UPDATE " + table + tail
		if _, err := tx.Exec(ctx, text, args...); err != nil {
			return err
		}
		rows = rows[n:]
	}
	return nil
}

// firstRow is the first row of a list of values: PostgreSQL takes the types of
// the whole list from it.
func firstRow(row []any) string {
	parts := make([]string, len(row))
	for i, v := range row {
		kind := "TEXT"
		switch v.(type) {
		case int64:
			kind = "BIGINT"
		case bool:
			kind = "BOOLEAN"
		case float64:
			kind = "DOUBLE PRECISION"
		}
		parts[i] = "CAST($" + strconv.Itoa(i+1) + " AS " + kind + ")"
	}
	return "(" + strings.Join(parts, ",") + ")"
}

// insertion writes the statement of some rows. A value that all of them share
// is bound once: binding is much of the cost of a bulk insert.
func insertion(d Dialect, head string, rows [][]any, args []any) (string, []any) {
	shared, common := sharedColumns(rows)
	for c, s := range shared {
		if s {
			args = append(args, rows[0][c])
		}
	}
	for _, row := range rows {
		for c, value := range row {
			if !shared[c] {
				args = append(args, value)
			}
		}
	}
	if common == 0 || d == PostgreSQL {
		return head + " " + placeholders(len(rows), shared, common), args
	}
	// SQLite searches a list for each numbered placeholder that it binds, so
	// shared values come from beside the rows instead of being repeated.
	list := make([]string, len(shared))
	bound, own := 0, 0
	for c, s := range shared {
		if s {
			bound++
			list[c] = "$" + strconv.Itoa(bound)
		} else {
			own++
			list[c] = "column" + strconv.Itoa(own)
		}
	}
	return strings.TrimSuffix(head, "VALUES") + "SELECT " + strings.Join(list, ",") +
		" FROM (VALUES " + placeholders(len(rows), make([]bool, own), common) + ") WHERE TRUE", args
}

// sharedColumns marks the columns in which all of many rows have the same
// plain value, and counts them.
func sharedColumns(rows [][]any) (shared []bool, common int) {
	shared = make([]bool, len(rows[0]))
	if len(rows) < 16 {
		return shared, 0
	}
	for c := range shared {
		if shared[c] = alike(rows, c); shared[c] {
			common++
		}
	}
	if common == len(shared) {
		return make([]bool, common), 0
	}
	return shared, common
}

func alike(rows [][]any, column int) bool {
	value := rows[0][column]
	switch value.(type) {
	case string, int64, bool:
	default:
		return false
	}
	for _, row := range rows[1:] {
		if row[column] != value {
			return false
		}
	}
	return true
}

// chunk picks how many of left rows go into one statement: powers of two, so
// that few different texts are prepared.
func chunk(left, most int) int {
	if left >= most {
		return most
	}
	n := 1
	for n*2 <= left {
		n *= 2
	}
	return n
}

// Values returns rows groups of placeholders: Values(2, 2, 1) is "($1,$2),($3,$4)".
func Values(rows, columns, from int) string {
	return placeholders(rows, make([]bool, columns), from-1)
}

// placeholders writes rows of placeholders: "($1,$2),($1,$3)" where the first
// column is shared. The common shared values come first.
func placeholders(rows int, shared []bool, common int) string {
	var b strings.Builder
	b.Grow(rows * len(shared) * 5)
	next := common
	for r := range rows {
		bound := 0
		for c, s := range shared {
			switch {
			case c > 0:
				b.WriteString(",$")
			case r > 0:
				b.WriteString("),($")
			default:
				b.WriteString("($")
			}
			if s {
				bound++
				b.WriteString(strconv.Itoa(bound))
			} else {
				next++
				b.WriteString(strconv.Itoa(next))
			}
		}
	}
	b.WriteByte(')')
	return b.String()
}
