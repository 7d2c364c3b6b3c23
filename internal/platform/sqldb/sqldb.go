package sqldb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"runtime"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // registers "pgx" with database/sql
	_ "modernc.org/sqlite"             // registers "sqlite" with database/sql
)

// Dialect names the engine behind a DB.
type Dialect string

// The engines.
const (
	SQLite     Dialect = "sqlite"
	PostgreSQL Dialect = "postgresql"
)

// ErrNoRows is what Row.Scan returns when there is none.
var ErrNoRows = sql.ErrNoRows

// Config says where the store is. DSN wins over Path.
type Config struct {
	Path    string // SQLite file; created when missing
	DSN     string // PostgreSQL connection string
	Readers int    // size of the reader pool (SQLite) or of the pool (PostgreSQL); 0: chosen from the CPUs

	// Wait is how long Open waits for a PostgreSQL that is not there yet, as
	// when both start with the machine. Waiting is told why, once a second.
	Wait    time.Duration
	Waiting func(error) `json:"-"`
}

// Querier reads. Both *DB (committed state) and *Tx (its own writes too) are Queriers.
type Querier interface {
	Dialect() Dialect
	Query(ctx context.Context, query string, args ...any) (*Rows, error)
	QueryRow(ctx context.Context, query string, args ...any) *Row
}

// DB is one operational store. It is safe for concurrent use.
type DB struct {
	dialect Dialect
	pool    *sql.DB     // SQLite: read-only connections; PostgreSQL: all
	cache   *statements // prepared statements of the SQLite reader pool
	writer  *writer     // SQLite only
	locks   names       // SQLite only

	migrations *sql.DB // SQLite: a connection for migrations, which take the lock of the file; PostgreSQL: nil
}

// Open opens the store and checks that it answers.
func Open(ctx context.Context, cfg Config) (*DB, error) {
	if cfg.DSN != "" {
		return openPostgres(ctx, cfg)
	}
	if cfg.Path == "" {
		return nil, errors.New("sqldb: neither a path nor a DSN is given")
	}
	return openSQLite(ctx, cfg)
}

func openSQLite(ctx context.Context, cfg Config) (*DB, error) {
	const pragmas = "_pragma=busy_timeout(10000)&_pragma=journal_mode(WAL)&_pragma=synchronous(NORMAL)" +
		"&_pragma=foreign_keys(1)&_pragma=temp_store(MEMORY)&_pragma=cache_size(-16384)"
	write := "file:" + cfg.Path + "?" + pragmas + "&_pragma=wal_autocheckpoint(16000)"
	w, err := openWriter(ctx, write)
	if err != nil {
		return nil, fmt.Errorf("sqldb: open %s: %w", cfg.Path, err)
	}
	pool, err := sql.Open("sqlite", "file:"+cfg.Path+"?"+pragmas+"&_pragma=query_only(1)")
	if err != nil {
		return nil, errors.Join(err, w.close())
	}
	migrations, err := sql.Open("sqlite", write+"&_txlock=immediate")
	if err != nil {
		return nil, errors.Join(err, pool.Close(), w.close())
	}
	// One connection for all modules, one after the other: each would read the
	// tables of those before it. It goes when there is no more for it to do.
	migrations.SetMaxOpenConns(1)
	migrations.SetConnMaxIdleTime(time.Second)
	readers := cfg.Readers
	if readers == 0 {
		readers = max(4, 2*runtime.NumCPU())
	}
	pool.SetMaxOpenConns(readers)
	pool.SetMaxIdleConns(readers)
	db := &DB{dialect: SQLite, pool: pool, cache: newStatements(pool.PrepareContext), writer: w, migrations: migrations}
	if err := pool.PingContext(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("sqldb: read %s: %w", cfg.Path, err), db.Close())
	}
	return db, nil
}

func openPostgres(ctx context.Context, cfg Config) (*DB, error) {
	pool, err := sql.Open("pgx", cfg.DSN)
	if err != nil {
		return nil, fmt.Errorf("sqldb: %w", err)
	}
	size := cfg.Readers
	if size == 0 {
		size = max(16, 4*runtime.NumCPU())
	}
	pool.SetMaxOpenConns(size)
	pool.SetMaxIdleConns(size)
	pool.SetConnMaxLifetime(30 * time.Minute)
	if err := await(ctx, pool, cfg); err != nil {
		return nil, errors.Join(fmt.Errorf("sqldb: PostgreSQL does not answer: %w", err), pool.Close())
	}
	return &DB{dialect: PostgreSQL, pool: pool}, nil
}

// await returns once the server answers. A server that answers with a refusal,
// such as of the password, is not waited for.
func await(ctx context.Context, pool *sql.DB, cfg Config) error {
	for waited := time.Duration(0); ; waited += time.Second {
		err := pool.PingContext(ctx)
		if err == nil || !lostConnection(err) || waited >= cfg.Wait {
			return err
		}
		if cfg.Waiting != nil {
			cfg.Waiting(err)
		}
		select {
		case <-time.After(time.Second):
		case <-ctx.Done():
			return errors.Join(ctx.Err(), err)
		}
	}
}

// Dialect tells which engine this is.
func (db *DB) Dialect() Dialect { return db.dialect }

// Ping reports whether the store answers.
func (db *DB) Ping(ctx context.Context) error { return db.pool.PingContext(ctx) }

// Query reads committed state.
func (db *DB) Query(ctx context.Context, query string, args ...any) (*Rows, error) {
	if db.cache != nil {
		return db.cache.query(ctx, query, args)
	}
	rows, err := db.pool.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	return &Rows{Rows: rows}, nil
}

// QueryRow reads one row of committed state; its error comes with Scan.
func (db *DB) QueryRow(ctx context.Context, query string, args ...any) *Row {
	rows, err := db.Query(ctx, query, args...)
	return &Row{rows, err}
}

// Close ends all connections. Open transactions are rolled back.
func (db *DB) Close() error {
	var err error
	if db.cache != nil {
		err = db.cache.close()
	}
	err = errors.Join(err, db.pool.Close())
	if db.writer != nil {
		err = errors.Join(err, db.migrations.Close(), db.writer.close())
	}
	return err
}
