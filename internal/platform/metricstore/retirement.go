package metricstore

import (
	"github.com/oklog/ulid/v2"
	"github.com/prometheus/prometheus/tsdb"

	"mainstay/internal/platform/metricstore/rollup"
)

// retirement decides which blocks of samples go.
type retirement struct {
	db      *tsdb.DB
	rollups *rollup.Store // nil when there are none
}

// outlived is the engine's own choice of blocks past their retention, less
// those that rollups have not taken in yet: the engine measures retention from
// its newest block, so after a stop or a backfill it would drop hours that no
// tier holds. The limit of size stands: it keeps the disk from filling.
func (s *local) outlived(blocks []*tsdb.Block) map[ulid.ULID]struct{} {
	r := s.retire.Load()
	if r == nil {
		return nil // while it opens
	}
	gone := tsdb.DefaultBlocksToDelete(r.db)(blocks)
	if r.rollups == nil {
		return gone
	}
	tooMuch, through := tsdb.BeyondSizeRetention(r.db, blocks), r.rollups.Through()
	for _, b := range blocks {
		m := b.Meta()
		if _, big := tooMuch[m.ULID]; !big && !m.Compaction.Deletable && m.MaxTime > through {
			delete(gone, m.ULID)
		}
	}
	return gone
}
