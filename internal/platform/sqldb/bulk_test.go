package sqldb_test

import (
	"fmt"
	"slices"
	"testing"

	"mainstay/internal/platform/sqldb"
	"mainstay/internal/platform/sqldb/sqldbtest"
)

// Rows that share values in any combination of columns are written as given,
// also where they meet rows that are there already.
func TestBulkInsertOfSharedValues(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		ctx := prepared(t, db)
		write := func(rows [][]any) {
			t.Helper()
			if err := db.Write(ctx, func(tx *sqldb.Tx) error {
				return sqldb.Insert(ctx, tx, "INSERT INTO t_thing (id, n, body) VALUES", 3, rows, "ON CONFLICT (id) DO UPDATE SET n = excluded.n, body = excluded.body")
			}); err != nil {
				t.Fatal(err)
			}
		}
		const count = 100
		for n, each := range []func(i int) []any{
			func(i int) []any { return []any{fmt.Sprint("k", i), int64(7), []byte("same")} },
			func(i int) []any { return []any{fmt.Sprint("k", i), int64(i), []byte("same")} },
			func(i int) []any { return []any{fmt.Sprint("k", i), i, []byte{byte(i)}} },
		} {
			rows := make([][]any, count)
			for i := range rows {
				rows[i] = each(i)
			}
			write(rows)
			for i, row := range rows {
				var value int64
				var body []byte
				if err := db.QueryRow(ctx, "SELECT n, body FROM t_thing WHERE id = $1", fmt.Sprint("k", i)).Scan(&value, &body); err != nil {
					t.Fatal(err)
				}
				if fmt.Sprint(value) != fmt.Sprint(row[1]) || string(body) != string(row[2].([]byte)) {
					t.Fatalf("form %d: row %d is %d, %q", n, i, value, body)
				}
			}
		}
	})
}

func TestSetOfAnyLength(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		ctx := prepared(t, db)
		if err := db.Write(ctx, func(tx *sqldb.Tx) error { return insert(ctx, tx, "b", 1) }); err != nil {
			t.Fatal(err)
		}
		for _, c := range []struct {
			texts []string
			want  int
		}{{nil, 0}, {[]string{"a"}, 0}, {[]string{"a", "b", "c"}, 1}} {
			set, args := db.Dialect().Set(2, c.texts)
			var n int
			if err := db.QueryRow(ctx, "SELECT COUNT(*) FROM t_thing WHERE n = $1 AND id IN "+set, append([]any{1}, args...)...).Scan(&n); err != nil || n != c.want {
				t.Fatalf("%v: %d, %v", c.texts, n, err)
			}
		}
	})
}

// A column that holds NULL, or values of several kinds, is written as the
// others are.
func TestBulkInsertOfUnlikeValues(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		ctx := prepared(t, db)
		var rows [][]any
		for i := range 40 {
			row := []any{fmt.Sprint("k", i), int64(i), []byte{byte(i)}}
			switch i % 4 {
			case 1:
				row[1] = i
			case 2:
				row[2] = nil
			}
			rows = append(rows, row)
		}
		if err := db.Write(ctx, func(tx *sqldb.Tx) error {
			if _, err := tx.Exec(ctx, "CREATE TABLE unlike (id TEXT NOT NULL, n BIGINT NOT NULL, body "+map[sqldb.Dialect]string{sqldb.SQLite: "BLOB", sqldb.PostgreSQL: "BYTEA"}[db.Dialect()]+")"); err != nil {
				return err
			}
			return sqldb.Insert(ctx, tx, "INSERT INTO unlike (id, n, body) VALUES", 3, rows, "")
		}); err != nil {
			t.Fatal(err)
		}
		var count, sum, empty int
		if err := db.QueryRow(ctx, "SELECT COUNT(*), SUM(n), COUNT(*) - COUNT(body) FROM unlike").Scan(&count, &sum, &empty); err != nil || count != 40 || sum != 780 || empty != 10 {
			t.Errorf("%d rows, sum %d, %d without body: %v", count, sum, empty, err)
		}
	})
}

// Rows are found by key under a condition, each once, however often it is asked for.
func TestByKey(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		ctx := prepared(t, db)
		var rows [][]any
		for i := range 300 {
			rows = append(rows, []any{fmt.Sprint("k", i), int64(i % 2), []byte("x")})
		}
		if err := db.Write(ctx, func(tx *sqldb.Tx) error {
			return sqldb.Insert(ctx, tx, "INSERT INTO t_thing (id, n, body) VALUES", 3, rows, "")
		}); err != nil {
			t.Fatal(err)
		}
		for _, c := range []struct {
			keys []string
			want []string
		}{
			{[]string{"k7"}, []string{"k7"}},
			{[]string{"k9", "k8", "k7", "k9", "none"}, []string{"k7", "k9"}},
			{[]string{"none"}, nil},
		} {
			query, args := db.Dialect().ByKey("id, n", "t_thing", "n = $1", "id", 2, c.keys)
			found, err := db.Query(ctx, query+" ORDER BY id", append([]any{1}, args...)...)
			got, err := sqldb.Collect(found, err, func(r *sqldb.Rows) (id string, err error) {
				var n int64
				return id, r.Scan(&id, &n)
			})
			if err != nil || !slices.Equal(got, c.want) {
				t.Errorf("%v: %v, %v", c.keys, got, err)
			}
		}
		where, args := db.Dialect().AtKey("t_thing", "n = $1", "id", 2, []string{"k9", "k8", "k7", "k9", "none"})
		if err := db.Write(ctx, func(tx *sqldb.Tx) error {
			if n, err := sqldb.Affected(tx.Exec(ctx, "UPDATE t_thing SET n = n + 10 WHERE "+where, append([]any{1}, args...)...)); err != nil || n != 2 {
				t.Errorf("%d rows were changed: %v", n, err)
			}
			return nil
		}); err != nil {
			t.Error(err)
		}
	})
}
