package sqldbtest

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"

	"mainstay/internal/platform/sqldb"
)

var (
	once    sync.Once
	shared  *Server
	dsn     string
	admin   *sqldb.DB // makes the schemas
	scratch string
	failure error
	schemas atomic.Int64
)

// Main runs the tests of a package and stops the server they started. Call it from TestMain.
func Main(m *testing.M) {
	code := m.Run()
	if admin != nil {
		admin.Close()
	}
	if shared != nil {
		shared.Stop()
	}
	if scratch != "" {
		os.RemoveAll(scratch)
	}
	os.Exit(code)
}

func startShared() {
	if dsn = os.Getenv("MAINSTAY_TEST_POSTGRES"); dsn == "" {
		if scratch, failure = os.MkdirTemp("", "mainstay-pg-"); failure != nil {
			return
		}
		if shared, failure = NewServer(scratch); failure != nil {
			return
		}
		dsn = shared.DSN()
	}
	admin, failure = sqldb.Open(context.Background(), sqldb.Config{DSN: dsn, Readers: 1})
}

// Run runs body as two subtests, one per engine, each with an empty store.
func Run(t *testing.T, body func(t *testing.T, db *sqldb.DB)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		body(t, SQLite(t))
	})
	t.Run("postgresql", func(t *testing.T) {
		t.Parallel()
		body(t, PostgreSQL(t))
	})
}

// SQLite opens an empty SQLite store that is closed when the test ends.
func SQLite(t testing.TB) *sqldb.DB {
	t.Helper()
	return open(t, sqldb.Config{Path: filepath.Join(t.TempDir(), "test.db")})
}

// readers bounds the connections of a test: each is a process of the server,
// and beginning one costs more than most of what tests ask.
const readers = 5

// PostgreSQL opens an empty schema on the package's server.
func PostgreSQL(t testing.TB) *sqldb.DB {
	t.Helper()
	return open(t, sqldb.Config{DSN: DSN(t), Readers: readers})
}

// DSN returns the connection string of an empty schema that only this test uses.
func DSN(t testing.TB) string {
	t.Helper()
	once.Do(startShared)
	if failure != nil {
		t.Fatalf("PostgreSQL for the tests: %v", failure)
	}
	schema := fmt.Sprintf("t%d_%d", os.Getpid(), schemas.Add(1))
	ctx := context.Background()
	if err := admin.Write(ctx, func(tx *sqldb.Tx) error {
		_, err := tx.Exec(ctx, "CREATE SCHEMA "+schema)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return dsn + "&search_path=" + schema
}

func open(t testing.TB, cfg sqldb.Config) *sqldb.DB {
	t.Helper()
	db, err := sqldb.Open(context.Background(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return db
}
