package backup

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"mainstay/internal/core"
	"mainstay/internal/platform/sqldb"
)

// Target is where a backup is restored to.
type Target struct {
	Dir         string            // the data directory: missing or empty
	Database    string            // file name of an SQLite database below Dir
	DSN         string            // of an empty PostgreSQL schema
	Directories map[string]string // name to path below Dir, as in Source
	Stores      map[string]string // name to path below Dir
	KeyFile     string            // below Dir
}

// Restored says what came back.
type Restored struct {
	Manifest Manifest
	Key      bool // the key of the secrets is in place; else the secrets cannot be opened until it is
}

// Restore verifies the backup at path and puts it into the target.
func Restore(ctx context.Context, path string, to Target, opts Options) (r Restored, err error) {
	if err := requireEmpty(to.Dir); err != nil {
		return r, err
	}
	if err := os.MkdirAll(to.Dir, 0o700); err != nil {
		return r, err
	}
	// Inside the target, which may be a file system of its own.
	staging, err := os.MkdirTemp(to.Dir, ".restore-") // mode 0700
	if err != nil {
		return r, fmt.Errorf("restore: %w", err)
	}
	defer os.RemoveAll(staging)
	raw, ready := filepath.Join(staging, "raw"), filepath.Join(staging, "ready")
	opts.step("read and verify")
	if r.Manifest, err = extract(ctx, path, raw); err != nil {
		return r, err
	}
	if (r.Manifest.Engine == sqldb.PostgreSQL) != (to.DSN != "") {
		return r, core.Errorf(core.CodeInvalid, "the backup is of %s: restore it to the same engine", r.Manifest.Engine)
	}
	if err := os.Mkdir(ready, 0o700); err != nil {
		return r, err
	}
	opts.step("arrange files")
	if err := arrange(raw, ready, to); err != nil {
		return r, err
	}
	if r.Key, err = restoreKey(raw, ready, to, opts.Passphrase); err != nil {
		return r, err
	}
	opts.step("database (%s)", r.Manifest.Engine)
	if err := restoreDatabase(ctx, raw, ready, to); err != nil {
		return r, err
	}
	return r, promote(ready, to.Dir)
}

// promote moves what is ready up into the target.
func promote(ready, dir string) error {
	entries, err := os.ReadDir(ready)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		if err := os.Rename(filepath.Join(ready, entry.Name()), filepath.Join(dir, entry.Name())); err != nil {
			return fmt.Errorf("restore: %w", err)
		}
	}
	return nil
}

func requireEmpty(dir string) error {
	entries, err := os.ReadDir(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return fmt.Errorf("restore: %w", err)
	case len(entries) > 0:
		return core.Errorf(core.CodeConflict, "%s is not empty: it holds %s; restore into an empty directory", dir, entries[0].Name())
	}
	return nil
}

// arrange moves the extracted directories to where the target wants them.
func arrange(raw, ready string, to Target) error {
	moves := map[string]string{filepath.Join(raw, "config"): filepath.Join(ready, "restored-config")}
	for name, path := range to.Directories {
		moves[filepath.Join(raw, "files", name)] = filepath.Join(ready, path)
	}
	for name, path := range to.Stores {
		moves[filepath.Join(raw, "stores", name)] = filepath.Join(ready, path)
	}
	for from, path := range moves {
		if _, err := os.Stat(from); errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err := move(from, path); err != nil {
			return err
		}
	}
	return nil
}

func restoreDatabase(ctx context.Context, raw, ready string, to Target) error {
	if to.DSN != "" {
		return loadPostgreSQL(ctx, to.DSN, filepath.Join(raw, filepath.FromSlash(postgresDir)))
	}
	copied := filepath.Join(raw, filepath.FromSlash(sqliteName))
	if err := checkSQLite(ctx, copied); err != nil {
		return err
	}
	return move(copied, filepath.Join(ready, to.Database))
}

func restoreKey(raw, ready string, to Target, passphrase string) (bool, error) {
	sealed, err := os.Open(filepath.Join(raw, keyName))
	if errors.Is(err, fs.ErrNotExist) || passphrase == "" {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	defer sealed.Close()
	key, err := openKey(sealed, passphrase)
	if err != nil {
		return false, err
	}
	path := filepath.Join(ready, to.KeyFile)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return false, err
	}
	return true, os.WriteFile(path, key, 0o600)
}

func move(from, to string) error {
	if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
		return err
	}
	return os.Rename(from, to)
}
