package sqldb

import (
	"context"
	"database/sql"
)

// Lock is held by one process of all that share the store. It ends with
// Release or with the process.
type Lock struct{ conn *sql.Conn }

// TryLock takes the lock called name, or returns nil when another process
// holds it. The file of an SQLite store belongs to one process, so there it is
// always free.
func (db *DB) TryLock(ctx context.Context, name string) (*Lock, error) {
	if db.dialect == SQLite {
		return &Lock{}, nil
	}
	conn, err := db.pool.Conn(ctx)
	if err != nil {
		return nil, err
	}
	var taken bool
	// A session-level advisory lock goes with its connection, at once also after kill -9.
	const text = "SELECT pg_try_advisory_lock(hashtextextended('mainstay/' || current_schema() || '/' || $1::text, 0))"
	if err := conn.QueryRowContext(ctx, text, name).Scan(&taken); err != nil || !taken {
		conn.Close()
		return nil, err
	}
	return &Lock{conn: conn}, nil
}

// Held asks the store whether the lock is still ours; a lost connection has lost it.
func (l *Lock) Held(ctx context.Context) bool {
	return l.conn == nil || l.conn.PingContext(ctx) == nil
}

// Release gives the lock back.
func (l *Lock) Release() error {
	if l.conn == nil {
		return nil
	}
	// Ending the connection, rather than returning it to the pool, frees the lock.
	l.conn.Raw(func(any) error { return errDiscard })
	return l.conn.Close()
}
