package sqldb

import (
	"context"
	"strconv"
	"strings"
)

// maxArguments bounds the placeholders of one statement: SQLite's default is
// 32,766, PostgreSQL's 65,535.
const maxArguments = 30_000

// Insert runs head (up to and including VALUES) with the rows and tail (ON
// CONFLICT ..., or empty) in as few statements as the engines' limits allow.
// Each row holds columns values.
func Insert(ctx context.Context, tx Execer, head string, columns int, rows [][]any, tail string) error {
	most := min(maxArguments/columns, 500)
	args := make([]any, 0, min(most, len(rows))*columns)
	for len(rows) > 0 {
		n := chunk(len(rows), most)
		args = args[:0]
		for _, row := range rows[:n] {
			args = append(args, row...)
		}
		if _, err := tx.Exec(ctx, head+" "+Values(n, columns, 1)+" "+tail, args...); err != nil {
			return err
		}
		rows = rows[n:]
	}
	return nil
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
	var b strings.Builder
	b.Grow(rows * columns * 5)
	for r := range rows {
		if r > 0 {
			b.WriteByte(',')
		}
		b.WriteByte('(')
		for c := range columns {
			if c > 0 {
				b.WriteByte(',')
			}
			b.WriteByte('$')
			b.WriteString(strconv.Itoa(from + r*columns + c))
		}
		b.WriteByte(')')
	}
	return b.String()
}
