package sqldb

import (
	"context"
	"database/sql"
	"strconv"
	"sync"
	"time"
)

// Lock is held by one of all that share the store. It ends with Release or
// with the process.
type Lock struct {
	conn *sql.Conn // PostgreSQL
	free func()    // SQLite
}

// names are the locks that are held within this process.
type names struct {
	mu   sync.Mutex
	held map[string]bool
}

func (n *names) take(name string) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.held[name] {
		return false
	}
	if n.held == nil {
		n.held = map[string]bool{}
	}
	n.held[name] = true
	return true
}

func (n *names) free(name string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	delete(n.held, name)
}

// TryLock takes the lock called name, or returns nil when somebody else holds
// it. The file of an SQLite store belongs to one process, so there only others
// within this DB can hold it.
func (db *DB) TryLock(ctx context.Context, name string) (*Lock, error) {
	if db.dialect == SQLite {
		if !db.locks.take(name) {
			return nil, nil
		}
		return &Lock{free: sync.OnceFunc(func() { db.locks.free(name) })}, nil
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

// Expire has the store free the lock by itself once Held was not asked for so
// long, as when this process was cut off from it. Without it the store keeps
// the lock until it notices that the connection is gone.
func (l *Lock) Expire(ctx context.Context, after time.Duration) error {
	if l.conn == nil {
		return nil
	}
	// The setting is of PostgreSQL 14 and newer; older ones ignore the request.
	const text = "SELECT set_config(name, $1, false) FROM pg_settings WHERE name = 'idle_session_timeout'"
	_, err := l.conn.ExecContext(ctx, text, strconv.FormatInt(after.Milliseconds(), 10))
	return err
}

// Held asks the store whether the lock is still ours; a lost connection has lost it.
func (l *Lock) Held(ctx context.Context) bool {
	return l.conn == nil || l.conn.PingContext(ctx) == nil
}

// Release gives the lock back.
func (l *Lock) Release() error {
	if l.conn == nil {
		l.free()
		return nil
	}
	// Ending the connection, rather than returning it to the pool, frees the lock.
	l.conn.Raw(func(any) error { return errDiscard })
	return l.conn.Close()
}
