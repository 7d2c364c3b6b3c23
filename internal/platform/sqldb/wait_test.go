package sqldb_test

import (
	"os"
	"testing"
	"time"

	"mainstay/internal/platform/sqldb"
	"mainstay/internal/platform/sqldb/sqldbtest"
)

func TestOpenWaitsForAServerThatStarts(t *testing.T) {
	t.Parallel()
	dir, err := os.MkdirTemp("", "mainstay-sqldb-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	server, err := sqldbtest.NewServer(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Stop)
	server.Stop()
	if _, err := sqldb.Open(t.Context(), sqldb.Config{DSN: server.DSN()}); err == nil || !sqldb.Unavailable(err) {
		t.Fatalf("without waiting: %v", err)
	}
	waits := make(chan error)
	opened := make(chan error, 1)
	go func() {
		db, err := sqldb.Open(t.Context(), sqldb.Config{DSN: server.DSN(), Wait: time.Minute, Waiting: func(err error) {
			select {
			case waits <- err:
			default:
			}
		}})
		if err == nil {
			err = db.Close()
		}
		opened <- err
	}()
	if err := <-waits; err == nil {
		t.Error("it waits for no reason")
	}
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	if err := <-opened; err != nil {
		t.Fatal(err)
	}
}
