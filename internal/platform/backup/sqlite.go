package backup

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"os"

	"modernc.org/sqlite"
)

// onlineBackup is what a connection of the driver offers.
type onlineBackup interface {
	NewBackup(destination string) (*sqlite.Backup, error)
}

// copySQLite copies the database page by page under one read transaction,
// while writers go on in the write-ahead log, checks the copy, and adds it.
func copySQLite(ctx context.Context, a *archive, path, to string) error {
	if _, err := os.Stat(path); err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	db, err := sql.Open("sqlite", fileURI(path)+"?mode=ro&_pragma=busy_timeout(10000)")
	if err != nil {
		return err
	}
	defer db.Close()
	conn, err := db.Conn(ctx)
	if err != nil {
		return fmt.Errorf("backup: open %s: %w", path, err)
	}
	defer conn.Close()
	err = conn.Raw(func(driver any) error {
		running, err := driver.(onlineBackup).NewBackup(to)
		if err != nil {
			return err
		}
		// All pages in one step: between steps another process's commit would
		// make the copy begin anew.
		if _, err := running.Step(-1); err != nil {
			running.Finish()
			return err
		}
		return running.Finish()
	})
	if err != nil {
		return fmt.Errorf("backup: copy %s: %w", path, err)
	}
	defer os.Remove(to)
	if err := checkSQLite(ctx, to); err != nil {
		return err
	}
	return a.addFile(sqliteName, to)
}

// checkSQLite refuses a file whose pages do not agree with each other.
func checkSQLite(ctx context.Context, path string) error {
	db, err := sql.Open("sqlite", fileURI(path)+"?mode=ro&immutable=1")
	if err != nil {
		return err
	}
	defer db.Close()
	var verdict string
	if err := db.QueryRowContext(ctx, "PRAGMA quick_check(1)").Scan(&verdict); err != nil {
		return fmt.Errorf("backup: check the copy: %w", err)
	}
	if verdict != "ok" {
		return damaged("the database: %s", verdict)
	}
	return nil
}

// fileURI escapes what a path may hold and a URI may not.
func fileURI(path string) string { return "file:" + (&url.URL{Path: path}).EscapedPath() }
