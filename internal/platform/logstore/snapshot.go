package logstore

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"mainstay/internal/core"
)

// Embedded says that the engine is the child, whose data Snapshot can copy.
func (s *Store) Embedded() bool { return s.supervisor != nil }

// Snapshot writes a consistent copy of the dataset into dir, as a Store of that
// directory would have it. The engine is stopped for the moment it takes to
// link its files; what is written meanwhile waits in the spool. What is in the
// spool and not yet in the engine is not part of the copy.
func (s *Store) Snapshot(ctx context.Context, dir string) error {
	if s.supervisor == nil {
		return core.Errorf(core.CodeConflict, "the %s store is an external server: it is backed up there", s.cfg.Dataset)
	}
	data := s.cfg.Child().Dir
	if !s.wantedYet() {
		return os.MkdirAll(filepath.Join(dir, filepath.Base(data)), 0o700) // never used: there is nothing
	}
	linked, err := os.MkdirTemp(s.cfg.Dir, "snapshot-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(linked)
	if err := s.supervisor.Pause(ctx, func() error { return cloneTree(ctx, data, linked, true) }); err != nil {
		return err
	}
	return cloneTree(ctx, linked, filepath.Join(dir, filepath.Base(data)), false)
}

// cloneTree makes to hold the files of from. The engine never writes to a data
// file it has finished, so those may be linked; the small files that describe
// them, and caches, are copied.
func cloneTree(ctx context.Context, from, to string, link bool) error {
	return filepath.WalkDir(from, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		name, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		target := filepath.Join(to, name)
		switch {
		case entry.IsDir():
			return os.MkdirAll(target, 0o700)
		case !entry.Type().IsRegular() || entry.Name() == "flock.lock":
			return nil
		case link && strings.HasSuffix(name, ".bin") && !strings.HasPrefix(name, "cache"):
			if os.Link(path, target) == nil {
				return nil
			}
		}
		return copyFile(path, target)
	})
}

func copyFile(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Close())
}
