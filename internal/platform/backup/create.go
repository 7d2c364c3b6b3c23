package backup

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"mainstay/internal/core"
	"mainstay/internal/platform/sqldb"
)

// Snapshotter is a store that can write a consistent copy of itself into an
// empty directory while it runs.
type Snapshotter interface {
	Snapshot(ctx context.Context, dir string) error
}

// Source is what there is to back up.
type Source struct {
	Database    sqldb.Config
	Directories map[string]string      // name to path: "attachments"
	Stores      map[string]Snapshotter // name: "metrics", "logs"
	Config      []string               // configuration files
	KeyFile     string                 // of the secrets
	Version     string
	Clock       core.Clock
}

// Options of one backup.
type Options struct {
	Passphrase string            // seals the key of the secrets; without one the key is left out
	WorkFactor int               // of scrypt over the passphrase, as log2(N); 0 takes about a second
	Progress   func(step string) // is told of each step as it begins
}

func (o Options) step(format string, args ...any) {
	if o.Progress != nil {
		o.Progress(fmt.Sprintf(format, args...))
	}
}

// Create writes a backup to the file at path, which must not exist. The file
// appears there when it is complete.
func Create(ctx context.Context, path string, src Source, opts Options) (m Manifest, err error) {
	if _, err := os.Lstat(path); err == nil {
		return m, core.Errorf(core.CodeConflict, "%s exists already", path)
	}
	dir, err := os.MkdirTemp(filepath.Dir(path), ".backup-")
	if err != nil {
		return m, fmt.Errorf("backup: %w", err)
	}
	defer os.RemoveAll(dir)
	partial := filepath.Join(dir, "archive")
	f, err := os.OpenFile(partial, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return m, fmt.Errorf("backup: %w", err)
	}
	m, err = write(ctx, f, dir, src, opts)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return m, err
	}
	if err := os.Link(partial, path); err != nil { // unlike a rename, never over another file
		return m, fmt.Errorf("backup: %w", err)
	}
	return m, nil
}

func write(ctx context.Context, w io.Writer, dir string, src Source, opts Options) (Manifest, error) {
	m := Manifest{Format: format, Version: src.Version, Created: src.Clock.Now().UTC(), Engine: sqldb.SQLite}
	if src.Database.DSN != "" {
		m.Engine = sqldb.PostgreSQL
	}
	a, err := newArchive(ctx, w, m)
	if err != nil {
		return m, err
	}
	defer a.zstd.Close()
	opts.step("database (%s)", m.Engine)
	if m.Engine == sqldb.PostgreSQL {
		err = dumpPostgreSQL(ctx, a, src.Database.DSN, filepath.Join(dir, "table"))
	} else {
		err = copySQLite(ctx, a, src.Database.Path, filepath.Join(dir, "sqlite.db"))
	}
	if err != nil {
		return m, err
	}
	if err := addFiles(ctx, a, dir, src, opts); err != nil {
		return m, err
	}
	opts.step("manifest")
	if err := a.close(); err != nil {
		return m, err
	}
	return a.manifest, nil
}

func addFiles(ctx context.Context, a *archive, dir string, src Source, opts Options) error {
	for name, path := range src.Directories {
		opts.step("files: %s", name)
		if err := a.addDirectory(filesDir+name+"/", path); err != nil {
			return err
		}
	}
	for name, store := range src.Stores {
		opts.step("store: %s", name)
		if err := addStore(ctx, a, name, store, filepath.Join(dir, "store-"+name)); err != nil {
			return fmt.Errorf("backup: snapshot of %s: %w", name, err)
		}
	}
	for _, path := range src.Config {
		opts.step("configuration: %s", filepath.Base(path))
		if err := a.addFile(configDir+filepath.Base(path), path); err != nil {
			return err
		}
	}
	if opts.Passphrase == "" || src.KeyFile == "" {
		return nil
	}
	opts.step("key of the secrets")
	return addKey(a, src.KeyFile, opts)
}

func addStore(ctx context.Context, a *archive, name string, store Snapshotter, dir string) error {
	if err := os.Mkdir(dir, 0o700); err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if err := store.Snapshot(ctx, dir); err != nil {
		return err
	}
	return a.addDirectory(storesDir+name+"/", dir)
}

func addKey(a *archive, path string, opts Options) error {
	key, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	sealed, err := sealKey(key, opts)
	if err != nil {
		return err
	}
	a.manifest.Key = true
	return a.add(keyName, int64(sealed.Len()), sealed)
}
