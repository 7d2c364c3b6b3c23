package sqldb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// Result tells how many rows a statement changed.
type Result = sql.Result

// Execer reads and writes; a *Tx is one.
type Execer interface {
	Querier
	Exec(ctx context.Context, query string, args ...any) (Result, error)
}

// Tx is one read-write transaction. It belongs to one goroutine.
type Tx struct {
	dialect Dialect
	writer  *writer // SQLite
	tx      *sql.Tx // PostgreSQL

	before    map[any]func(context.Context) error
	beforeSeq []any
	after     []func()
	values    map[any]any
}

// maxTries bounds how often a PostgreSQL transaction is run again.
const maxTries = 8

// Write runs fn in one transaction and commits it when fn returns nil. On
// PostgreSQL fn may run more than once: it must touch nothing but tx.
func (db *DB) Write(ctx context.Context, fn func(tx *Tx) error) error {
	if db.writer != nil {
		return db.writeSQLite(ctx, fn)
	}
	var err error
	for try := range maxTries {
		if try > 0 {
			select {
			case <-time.After(time.Duration(try*try) * 2 * time.Millisecond):
			case <-ctx.Done():
				return errors.Join(ctx.Err(), err)
			}
		}
		var again bool
		again, err = db.writePostgres(ctx, fn)
		if err == nil || !again {
			return err
		}
	}
	return err
}

func (db *DB) writeSQLite(ctx context.Context, fn func(tx *Tx) error) (err error) {
	w := db.writer
	if err := w.take(ctx); err != nil {
		return err
	}
	tx := &Tx{dialect: SQLite, writer: w}
	// Statements of a transaction are short: between them the context is
	// looked at, within them an interrupt would cost more than it saves.
	inner := context.WithoutCancel(ctx)
	open, done := false, false
	defer func() { // also when fn panics
		if open {
			_, rollback := w.exec(inner, "ROLLBACK", nil)
			err = errors.Join(err, rollback)
		}
		w.give()
		if done {
			tx.committed()
		}
	}()
	if _, err := w.exec(inner, "BEGIN IMMEDIATE", nil); err != nil {
		return err
	}
	open = true
	if err := fn(tx); err != nil {
		return err
	}
	if err := tx.flush(ctx); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if _, err := w.exec(inner, "COMMIT", nil); err != nil {
		return err
	}
	open, done = false, true
	return nil
}

// writePostgres runs fn once; again says that nothing was committed and that
// another try may succeed.
func (db *DB) writePostgres(ctx context.Context, fn func(tx *Tx) error) (again bool, err error) {
	inner, err := db.pool.BeginTx(ctx, nil)
	if err != nil {
		return retryable(err), err
	}
	defer inner.Rollback()
	tx := &Tx{dialect: PostgreSQL, tx: inner}
	if err := fn(tx); err != nil {
		return retryable(err), err
	}
	if err := tx.flush(ctx); err != nil {
		return retryable(err), err
	}
	if err := inner.Commit(); err != nil {
		// A connection lost during COMMIT leaves its outcome unknown: only
		// failures the server itself reported may be tried again.
		return serializationFailure(err), err
	}
	tx.committed()
	return false, nil
}

// flush runs the functions of BeforeCommit; they may add more.
func (tx *Tx) flush(ctx context.Context) error {
	for i := 0; i < len(tx.beforeSeq); i++ {
		if err := tx.before[tx.beforeSeq[i]](ctx); err != nil {
			return err
		}
	}
	return nil
}

func (tx *Tx) committed() {
	for _, fn := range tx.after {
		fn()
	}
}

// Dialect tells which engine this is.
func (tx *Tx) Dialect() Dialect { return tx.dialect }

// Exec runs a statement that returns no rows.
func (tx *Tx) Exec(ctx context.Context, query string, args ...any) (Result, error) {
	if tx.writer == nil {
		return tx.tx.ExecContext(ctx, query, args...)
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return tx.writer.exec(context.WithoutCancel(ctx), query, args)
}

// Query reads, seeing the transaction's own writes. On PostgreSQL close the
// rows before the next statement of the transaction.
func (tx *Tx) Query(ctx context.Context, query string, args ...any) (*Rows, error) {
	if tx.writer == nil {
		rows, err := tx.tx.QueryContext(ctx, query, args...)
		if err != nil {
			return nil, err
		}
		return &Rows{Rows: rows}, nil
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return tx.writer.query(context.WithoutCancel(ctx), query, args)
}

// QueryRow reads one row; its error comes with Scan.
func (tx *Tx) QueryRow(ctx context.Context, query string, args ...any) *Row {
	rows, err := tx.Query(ctx, query, args...)
	return &Row{rows, err}
}

// Attempt runs fn so that its failure undoes what fn changed in the database
// and the transaction goes on. Hooks and values that fn left remain: it is for
// transactions that are rolled back in the end. Attempts do not nest.
func (tx *Tx) Attempt(ctx context.Context, fn func(tx *Tx) error) error {
	if _, err := tx.Exec(ctx, "SAVEPOINT attempt"); err != nil {
		return err
	}
	err := fn(tx)
	if err != nil {
		if _, undo := tx.Exec(ctx, "ROLLBACK TO SAVEPOINT attempt"); undo != nil {
			return errors.Join(err, undo)
		}
	}
	_, release := tx.Exec(ctx, "RELEASE SAVEPOINT attempt")
	return errors.Join(err, release)
}

// OnCommit runs fn after the transaction has committed, and never if it does not.
func (tx *Tx) OnCommit(fn func()) { tx.after = append(tx.after, fn) }

// BeforeCommit runs fn as one of the last things of the transaction, once per
// key: a second call with the same key is ignored. It reports whether fn was taken.
func (tx *Tx) BeforeCommit(key any, fn func(ctx context.Context) error) bool {
	if _, ok := tx.before[key]; ok {
		return false
	}
	if tx.before == nil {
		tx.before = map[any]func(context.Context) error{}
	}
	tx.before[key] = fn
	tx.beforeSeq = append(tx.beforeSeq, key)
	return true
}

// Value returns what the transaction keeps under key, made by fresh the first time.
func (tx *Tx) Value(key any, fresh func() any) any {
	if v, ok := tx.values[key]; ok {
		return v
	}
	if tx.values == nil {
		tx.values = map[any]any{}
	}
	v := fresh()
	tx.values[key] = v
	return v
}

// Affected returns how many rows res changed, or err.
func Affected(res Result, err error) (int64, error) {
	if err != nil {
		return 0, err
	}
	n, err := res.RowsAffected()
	if err != nil {
		return 0, fmt.Errorf("sqldb: %w", err)
	}
	return n, nil
}
