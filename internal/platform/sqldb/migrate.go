package sqldb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"path"
	"strings"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

// Migrate brings the tables of one module to the newest version in files
// (NNNN_name.sql, forward only). The text is shared by both engines:
//
//   - {{text}} and {{bytes}} stand for the engine's types (text compares by
//     code point on both),
//   - lines between "-- +postgresql" or "-- +sqlite" and "-- +both" are for that engine alone.
//
// Concurrent calls on one store are safe.
func Migrate(ctx context.Context, db *DB, module string, files fs.FS) error {
	steps, err := migrationsOf(db.dialect, files)
	if err != nil {
		return fmt.Errorf("sqldb: migrations of %s: %w", module, err)
	}
	handle, options, err := db.migrationHandle()
	if err != nil {
		return err
	}
	options = append(options, goose.WithTableName("schema_"+module), goose.WithSlog(slog.New(slog.DiscardHandler)), goose.WithDisableGlobalRegistry(true), goose.WithGoMigrations(steps...))
	dialect := goose.DialectPostgres
	if db.dialect == SQLite {
		dialect = goose.DialectSQLite3
	}
	provider, err := goose.NewProvider(dialect, handle, nil, options...)
	if err != nil {
		return fmt.Errorf("sqldb: migrations of %s: %w", module, err)
	}
	if _, err := provider.Up(ctx); err != nil {
		return fmt.Errorf("sqldb: migrate %s: %w", module, err)
	}
	return nil
}

// migrationHandle returns the connections that migrations run on. On SQLite
// their transactions wait for the file lock; on PostgreSQL an advisory lock
// keeps other processes out.
func (db *DB) migrationHandle() (*sql.DB, []goose.ProviderOption, error) {
	if db.dialect == SQLite {
		return db.migrations, nil, nil
	}
	locker, err := lock.NewPostgresSessionLocker()
	if err != nil {
		return nil, nil, err
	}
	return db.pool, []goose.ProviderOption{goose.WithSessionLocker(locker)}, nil
}

// migrationsOf makes a step of each file, in a transaction of its own. Both
// drivers take several statements at once.
func migrationsOf(dialect Dialect, files fs.FS) ([]*goose.Migration, error) {
	tokens := strings.NewReplacer("{{text}}", "TEXT", "{{bytes}}", "BLOB")
	if dialect == PostgreSQL {
		tokens = strings.NewReplacer("{{text}}", `TEXT COLLATE "C"`, "{{bytes}}", "BYTEA")
	}
	var steps []*goose.Migration
	err := fs.WalkDir(files, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || path.Ext(name) != ".sql" {
			return err
		}
		text, err := fs.ReadFile(files, name)
		if err != nil {
			return err
		}
		version, err := goose.NumericComponent(path.Base(name))
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		statements := tokens.Replace(selectDialect(dialect, string(text)))
		steps = append(steps, goose.NewGoMigration(version, &goose.GoFunc{RunTx: func(ctx context.Context, tx *sql.Tx) error {
			if _, err := tx.ExecContext(ctx, statements); err != nil {
				return fmt.Errorf("%s: %w", path.Base(name), err)
			}
			return nil
		}}, nil))
		return nil
	})
	if err == nil && len(steps) == 0 {
		err = errors.New("no .sql files")
	}
	return steps, err
}

// selectDialect drops the lines meant for the other engine.
func selectDialect(dialect Dialect, text string) string {
	var out strings.Builder
	keep := true
	for line := range strings.Lines(text) {
		switch strings.TrimSpace(line) {
		case "-- +postgresql":
			keep = dialect == PostgreSQL
		case "-- +sqlite":
			keep = dialect == SQLite
		case "-- +both":
			keep = true
		default:
			if keep {
				out.WriteString(line)
			}
		}
	}
	return out.String()
}
