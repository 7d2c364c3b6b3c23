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
	// The state comes first: what is published meanwhile is built again there.
	raw, err := os.ReadFile(filepath.Join(s.cfg.Directory, "state.json"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("metric rollups: %w", err)
	}
	for _, t := range s.tiers {
		if err := t.blocks.copyTo(filepath.Join(dir, t.Name)); err != nil {
			return fmt.Errorf("metric rollups: %w", err)
		}
	}
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return fmt.Errorf("metric rollups: %w", err)
	}
	if err := os.WriteFile(filepath.Join(dir, "state.json"), raw, 0o600); err != nil {
		return fmt.Errorf("metric rollups: %w", err)
	}
	return nil
}

func (b *blocks) copyTo(dir string) error {
	b.kept.RLock()
	defer b.kept.RUnlock()
	for _, one := range b.all() {
		if err := copyTree(one.dir, filepath.Join(dir, filepath.Base(one.dir))); err != nil {
			return err
		}
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
