package sqldb_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/fstest"

	"mainstay/internal/platform/sqldb"
	"mainstay/internal/platform/sqldb/sqldbtest"
)

func TestMain(m *testing.M) { sqldbtest.Main(m) }

var schema = fstest.MapFS{"0001_init.sql": {Data: []byte(`
CREATE TABLE t_thing (
	id {{text}} PRIMARY KEY,
	n BIGINT NOT NULL,
	body {{bytes}},
	active BOOLEAN NOT NULL DEFAULT TRUE
);
-- +postgresql
CREATE INDEX t_thing_pg ON t_thing (n);
-- +sqlite
CREATE INDEX t_thing_lite ON t_thing (n);
-- +both
`)}}

func prepared(t *testing.T, db *sqldb.DB) context.Context {
	t.Helper()
	ctx := t.Context()
	for range 2 { // a second run finds nothing to do
		if err := sqldb.Migrate(ctx, db, "t", schema); err != nil {
			t.Fatal(err)
		}
	}
	return ctx
}

func insert(ctx context.Context, tx *sqldb.Tx, id string, n int) error {
	_, err := tx.Exec(ctx, "INSERT INTO t_thing (id, n, body) VALUES ($1, $2, $3)", id, n, []byte{0, 1, 2})
	return err
}

func count(t *testing.T, q sqldb.Querier) (n int) {
	t.Helper()
	if err := q.QueryRow(t.Context(), "SELECT count(*) FROM t_thing").Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestConcurrentReadThenWriteLosesNothing(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		ctx := prepared(t, db)
		if err := db.Write(ctx, func(tx *sqldb.Tx) error { return insert(ctx, tx, "a", 0) }); err != nil {
			t.Fatal(err)
		}
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				for range 50 {
					if err := db.Write(ctx, func(tx *sqldb.Tx) error {
						var n int
						lock := ""
						if db.Dialect() == sqldb.PostgreSQL {
							lock = " FOR UPDATE"
						}
						if err := tx.QueryRow(ctx, "SELECT n FROM t_thing WHERE id = $1 AND active"+lock, "a").Scan(&n); err != nil {
							return err
						}
						_, err := tx.Exec(ctx, "UPDATE t_thing SET n = $2 WHERE id = $1", "a", n+1)
						return err
					}); err != nil {
						t.Error(err)
						return
					}
				}
			})
		}
		wg.Wait()
		var n int
		if err := db.QueryRow(ctx, "SELECT n FROM t_thing WHERE id = $1", "a").Scan(&n); err != nil || n != 400 {
			t.Fatalf("n = %d (%v), want 400", n, err)
		}
	})
}

func TestErrorRollsBackAndHooksFollowTheOutcome(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		ctx := prepared(t, db)
		boom := errors.New("boom")
		err := db.Write(ctx, func(tx *sqldb.Tx) error {
			tx.OnCommit(func() { t.Error("ran after a rollback") })
			return errors.Join(insert(ctx, tx, "a", 1), boom)
		})
		if !errors.Is(err, boom) || count(t, db) != 0 {
			t.Fatalf("err %v, %d rows", err, count(t, db))
		}
		var order []string
		if err := db.Write(ctx, func(tx *sqldb.Tx) error {
			tx.OnCommit(func() { order = append(order, fmt.Sprint("committed ", count(t, db))) })
			for range 2 {
				tx.BeforeCommit("key", func(ctx context.Context) error {
					order = append(order, "before")
					return insert(ctx, tx, "b", 2)
				})
			}
			return insert(ctx, tx, "a", 1)
		}); err != nil {
			t.Fatal(err)
		}
		if fmt.Sprint(order) != "[before committed 2]" {
			t.Fatalf("hooks ran as %v", order)
		}
	})
}

func TestAttemptUndoesOnlyItself(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		ctx := prepared(t, db)
		if err := db.Write(ctx, func(tx *sqldb.Tx) error {
			for id, want := range map[string]bool{"a": true, "b": false} {
				if err := tx.Attempt(ctx, func(tx *sqldb.Tx) error {
					err := insert(ctx, tx, id, 1)
					if !want {
						err = insert(ctx, tx, id, 2)
					}
					return err
				}); (err == nil) != want {
					t.Errorf("%s: %v", id, err)
				}
			}
			return insert(ctx, tx, "c", 3)
		}); err != nil || count(t, db) != 2 {
			t.Fatalf("%v, %d rows", err, count(t, db))
		}
	})
}

func TestPanicRollsBackAndLeavesTheStoreUsable(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		ctx := prepared(t, db)
		func() {
			defer func() {
				if recover() == nil {
					t.Error("the panic was swallowed")
				}
			}()
			db.Write(ctx, func(tx *sqldb.Tx) error {
				tx.OnCommit(func() { t.Error("ran after a rollback") })
				if err := insert(ctx, tx, "a", 1); err != nil {
					t.Error(err)
				}
				panic("boom")
			})
		}()
		if err := db.Write(ctx, func(tx *sqldb.Tx) error { return insert(ctx, tx, "b", 1) }); err != nil || count(t, db) != 1 {
			t.Fatalf("after a panic: %v, %d rows", err, count(t, db))
		}
	})
}

func TestUniqueViolation(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		ctx := prepared(t, db)
		err := db.Write(ctx, func(tx *sqldb.Tx) error {
			return errors.Join(insert(ctx, tx, "a", 1), insert(ctx, tx, "a", 2))
		})
		if !sqldb.IsUnique(err) {
			t.Fatalf("%v is not seen as a unique violation", err)
		}
	})
}

func TestBulkInsertAndReadWhileReading(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		ctx := prepared(t, db)
		rows := make([][]any, 2345)
		for i := range rows {
			rows[i] = []any{fmt.Sprintf("%05d", i), i, []byte{byte(i)}}
		}
		if err := db.Write(ctx, func(tx *sqldb.Tx) error {
			return sqldb.Insert(ctx, tx, "INSERT INTO t_thing (id, n, body) VALUES", 3, rows, "ON CONFLICT (id) DO NOTHING")
		}); err != nil {
			t.Fatal(err)
		}
		ids, err := sqldb.Collect(first(db.Query(ctx, "SELECT id FROM t_thing ORDER BY id")))
		if err != nil || len(ids) != len(rows) || ids[17] != "00017" {
			t.Fatalf("%d ids, %v", len(ids), err)
		}
	})
}

// first adapts a query of one text column to Collect.
func first(rows *sqldb.Rows, err error) (*sqldb.Rows, error, func(*sqldb.Rows) (string, error)) {
	return rows, err, func(r *sqldb.Rows) (s string, err error) { return s, r.Scan(&s) }
}

func TestSameTextNestedInItsOwnRows(t *testing.T) {
	t.Parallel()
	db := sqldbtest.SQLite(t)
	ctx := prepared(t, db)
	const text = "SELECT id FROM t_thing ORDER BY id"
	if err := db.Write(ctx, func(tx *sqldb.Tx) error {
		for _, id := range []string{"a", "b", "c"} {
			if err := insert(ctx, tx, id, 1); err != nil {
				return err
			}
		}
		outer, err := tx.Query(ctx, text)
		if err != nil {
			return err
		}
		defer outer.Close()
		seen := 0
		for outer.Next() {
			inner, err := sqldb.Collect(first(tx.Query(ctx, text)))
			if err != nil || len(inner) != 3 {
				return fmt.Errorf("inner read %v: %w", inner, err)
			}
			seen++
		}
		if seen != 3 {
			return fmt.Errorf("outer read saw %d rows", seen)
		}
		return outer.Err()
	}); err != nil {
		t.Fatal(err)
	}
}

func TestReadersCannotWrite(t *testing.T) {
	t.Parallel()
	db := sqldbtest.SQLite(t)
	ctx := prepared(t, db)
	rows, err := db.Query(ctx, "INSERT INTO t_thing (id, n) VALUES ('x', 1) RETURNING id")
	if err == nil {
		rows.Next()
		err = rows.Err()
		rows.Close()
	}
	if err == nil || count(t, db) != 0 {
		t.Fatal("a reader wrote")
	}
}

func TestCancelledWriterGivesItsTurnBack(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		ctx := prepared(t, db)
		cancelled, cancel := context.WithCancel(ctx)
		err := db.Write(cancelled, func(tx *sqldb.Tx) error {
			if err := insert(ctx, tx, "a", 1); err != nil {
				return err
			}
			cancel()
			return nil
		})
		if err == nil || count(t, db) != 0 {
			t.Fatalf("a cancelled transaction committed (%v)", err)
		}
		if err := db.Write(ctx, func(tx *sqldb.Tx) error { return insert(ctx, tx, "a", 1) }); err != nil {
			t.Fatal(err)
		}
	})
}
