package wire

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// dataDir is the directory everything embedded lives in. One process owns it.
type dataDir struct {
	path string
	lock *os.File
}

// errTaken says that another process owns the directory.
var errTaken = errors.New("another mainstay process uses this data directory")

// openDataDir makes the directory, readable by its owner alone, and takes it.
func openDataDir(path string) (*dataDir, error) {
	if err := os.MkdirAll(path, 0o700); err != nil {
		return nil, fmt.Errorf("data directory: %w", err)
	}
	lock, err := os.OpenFile(filepath.Join(path, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("data directory: %w", err)
	}
	if err := lockFile(lock); err != nil {
		lock.Close()
		return nil, fmt.Errorf("data directory %s: %w", path, err)
	}
	return &dataDir{path, lock}, nil
}

func (d *dataDir) join(parts ...string) string {
	return filepath.Join(append([]string{d.path}, parts...)...)
}

func (d *dataDir) close() error { return d.lock.Close() }
