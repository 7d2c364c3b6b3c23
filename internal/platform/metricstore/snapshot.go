package metricstore

import (
	"context"
	"fmt"
)

// Snapshot writes a consistent copy of the embedded engine's blocks, the newest
// samples included, into an empty directory; a store of that directory answers
// the same.
func (s *local) Snapshot(_ context.Context, dir string) error {
	if err := s.db.Snapshot(dir, true); err != nil {
		return fmt.Errorf("metric store: %w", err)
	}
	return nil
}
