package rollup

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Snapshot copies the blocks of all tiers into a directory that a store can be
// opened with. Blocks do not change, so they are linked where that is possible.
func (s *Store) Snapshot(dir string) error {
	s.pass.Lock() // no block comes or goes
	defer s.pass.Unlock()
	for _, t := range s.tiers {
		for _, b := range t.blocks.all() {
			if err := copyTree(b.dir, filepath.Join(dir, t.Name, filepath.Base(b.dir))); err != nil {
				return fmt.Errorf("metric rollups: %w", err)
			}
		}
	}
	raw, err := os.ReadFile(filepath.Join(s.cfg.Directory, "state.json"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil {
		err = os.MkdirAll(dir, 0o750)
	}
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, "state.json"), raw, 0o600)
	}
	if err != nil {
		return fmt.Errorf("metric rollups: %w", err)
	}
	return nil
}

func copyTree(from, to string) error {
	return filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		below, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		target := filepath.Join(to, below)
		if d.IsDir() {
			return os.MkdirAll(target, 0o750)
		}
		if os.Link(path, target) == nil {
			return nil
		}
		raw, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(target, raw, 0o600)
	})
}
