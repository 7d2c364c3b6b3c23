package backup

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/jackc/pgx/v5"

	"mainstay/internal/core"
)

// dumpPostgreSQL adds every table of the current schema, as of one moment.
// Tables go through a file, since an archive wants to know a size beforehand.
func dumpPostgreSQL(ctx context.Context, a *archive, dsn, scratch string) error {
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	defer conn.Close(context.WithoutCancel(ctx))
	tx, err := conn.BeginTx(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly})
	if err != nil {
		return err
	}
	defer tx.Rollback(context.WithoutCancel(ctx))
	s, err := readSchema(ctx, tx)
	if err != nil {
		return err
	}
	for i := range s.Tables {
		t := &s.Tables[i]
		if err := dumpTable(ctx, a, conn, t, scratch); err != nil {
			return fmt.Errorf("backup: table %s: %w", t.Name, err)
		}
		a.manifest.Rows += t.Rows
	}
	return a.addJSON(schemaName, s)
}

func dumpTable(ctx context.Context, a *archive, conn *pgx.Conn, t *schemaTable, scratch string) (err error) {
	f, err := os.OpenFile(scratch, os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close(), os.Remove(scratch)) }()
	tag, err := conn.PgConn().CopyTo(ctx, f, "COPY "+t.columns()+" TO STDOUT")
	if err != nil {
		return err
	}
	t.Rows = tag.RowsAffected()
	size, err := f.Seek(0, io.SeekEnd)
	if err != nil {
		return err
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return err
	}
	return a.add(postgresDir+t.Name+".copy", size, f)
}

// loadPostgreSQL fills an empty schema from the files below dir, in one transaction.
func loadPostgreSQL(ctx context.Context, dsn, dir string) error {
	raw, err := os.ReadFile(filepath.Join(dir, "schema.json"))
	if err != nil {
		return damaged("it holds no schema of a database")
	}
	var s schema
	if err := json.Unmarshal(raw, &s); err != nil {
		return damaged("the schema of the database: %v", err)
	}
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	defer conn.Close(context.WithoutCancel(ctx))
	tx, err := conn.Begin(ctx)
	if err != nil {
		return err
	}
	defer tx.Rollback(context.WithoutCancel(ctx))
	if err := requireEmptySchema(ctx, tx); err != nil {
		return err
	}
	if err := run(ctx, tx, s.Create); err != nil {
		return err
	}
	for _, t := range s.Tables {
		if err := loadTable(ctx, conn, t, filepath.Join(dir, t.Name+".copy")); err != nil {
			return fmt.Errorf("restore: table %s: %w", t.Name, err)
		}
	}
	if err := run(ctx, tx, s.Finish); err != nil {
		return err
	}
	return tx.Commit(ctx)
}

func requireEmptySchema(ctx context.Context, tx pgx.Tx) error {
	var tables int
	if err := tx.QueryRow(ctx, `SELECT count(*) FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p', 'v', 'S')`).
		Scan(&tables); err != nil {
		return err
	}
	if tables > 0 {
		return core.Errorf(core.CodeConflict, "the PostgreSQL schema is not empty: it holds %d tables; restore into an empty database", tables)
	}
	return nil
}

func run(ctx context.Context, tx pgx.Tx, statements []string) error {
	for _, statement := range statements {
		if _, err := tx.Exec(ctx, statement); err != nil {
			return fmt.Errorf("restore: %s: %w", statement, err)
		}
	}
	return nil
}

func loadTable(ctx context.Context, conn *pgx.Conn, t schemaTable, path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	tag, err := conn.PgConn().CopyFrom(ctx, f, "COPY "+t.columns()+" FROM STDIN")
	if err == nil && tag.RowsAffected() != t.Rows {
		err = damaged("%d rows of %d", tag.RowsAffected(), t.Rows)
	}
	return err
}
