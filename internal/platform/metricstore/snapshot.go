package metricstore

import (
	"context"
	"fmt"
	"path/filepath"
)

// Snapshot writes a consistent copy of the embedded engine's blocks, the newest
// samples and the rollups included, into an empty directory; a store of that directory answers
// the same.
func (s *local) Snapshot(_ context.Context, dir string) error {
	if err := s.db.Snapshot(dir, true); err != nil {
		return fmt.Errorf("metric store: %w", err)
	}
	if s.rollups == nil {
		return nil
	}
	return s.rollups.Snapshot(filepath.Join(dir, "rollup"))
}
