package sqldb

import (
	"context"
	"database/sql"
	"errors"
)

// writer is SQLite's one read-write connection. Its turn is a token: waiting
// for it ends with the caller's context.
type writer struct {
	db    *sql.DB
	conn  *sql.Conn
	cache *statements
	turn  chan struct{}
}

func openWriter(ctx context.Context, dsn string) (*writer, error) {
	db, err := sql.Open("sqlite", dsn)
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	w := &writer{db: db, conn: conn, cache: newStatements(conn.PrepareContext), turn: make(chan struct{}, 1)}
	w.turn <- struct{}{}
	return w, nil
}

func (w *writer) take(ctx context.Context) error {
	select {
	case <-w.turn:
		return nil
	default:
	}
	select {
	case <-w.turn:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (w *writer) give() { w.turn <- struct{}{} }

func (w *writer) exec(ctx context.Context, query string, args []any) (sql.Result, error) {
	st, release, err := w.cache.get(ctx, query)
	if err != nil {
		return nil, err
	}
	defer release()
	if st.uses > 1 { // the text is being read from at this moment: its statement cannot be reset
		return w.conn.ExecContext(ctx, rewrite(query), args...)
	}
	return st.stmt.ExecContext(ctx, args...)
}

func (w *writer) query(ctx context.Context, query string, args []any) (*Rows, error) {
	st, release, err := w.cache.get(ctx, query)
	if err != nil {
		return nil, err
	}
	if st.uses > 1 {
		release()
		rows, err := w.conn.QueryContext(ctx, rewrite(query), args...)
		if err != nil {
			return nil, err
		}
		return &Rows{Rows: rows}, nil
	}
	rows, err := st.stmt.QueryContext(ctx, args...)
	if err != nil {
		release()
		return nil, err
	}
	return &Rows{Rows: rows, release: release}, nil
}

func (w *writer) close() error {
	<-w.turn
	return errors.Join(w.cache.close(), w.conn.Close(), w.db.Close())
}
