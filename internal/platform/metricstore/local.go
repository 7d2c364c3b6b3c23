package metricstore

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/tsdb"
	"github.com/prometheus/prometheus/tsdb/chunkenc"
	"github.com/prometheus/prometheus/util/compression"

	"mainstay/internal/platform/metricstore/querycache"
	"mainstay/internal/platform/metricstore/rollup"
)

// blockCheckEvery is how often the blocks on disk are looked over.
const blockCheckEvery = time.Minute

// stripes is how many locks and tables the series of the engine are spread
// over. Prometheus takes 16,384, which is 4 MB before the first series.
const stripes = 2048

// local is the embedded engine.
type local struct {
	cfg     Configuration
	deps    Dependencies
	db      *database
	stats   *tsdb.DBStats
	engine  *asker
	rollups *rollup.Store // nil: none are kept
	tracker *promql.ActiveQueryTracker
	guard   *guard
	refs    refCache
	series  *seriesCache
	intake  *intake
	targets targetSource
	meta    *metadataStore
	rules   ruleSource
	blocks  blockWatch

	newcomers *newcomers

	otlpOnce   sync.Once
	otlpIntake *otlpIntake
	otlpErr    error

	retire   atomic.Pointer[retirement]
	rejected atomic.Int64
	handlers sync.Once
	api      http.Handler
	write    http.Handler
	otlp     http.Handler

	stop context.CancelFunc
	done sync.WaitGroup
}

func openLocal(cfg Configuration, deps Dependencies) (*local, error) {
	if err := os.MkdirAll(cfg.Directory, 0o750); err != nil {
		return nil, fmt.Errorf("metric store: %w", err)
	}
	s := &local{cfg: cfg, deps: deps, stats: tsdb.NewDBStats(), meta: newMetadataStore()}
	s.guard = newGuard(cfg, deps)
	s.guard.sample(context.Background())

	opts := tsdb.DefaultOptions()
	opts.RetentionDuration = cfg.Retention.Milliseconds()
	opts.MaxBytes = cfg.MaxBytes
	opts.MaxBlockDuration = max(min(cfg.Retention/10, 31*24*time.Hour).Milliseconds(), opts.MinBlockDuration)
	opts.OutOfOrderTimeWindow = cfg.OutOfOrder.Milliseconds()
	opts.WALCompression = compression.Snappy
	opts.StripeSize = stripes
	opts.MaxBlockChunkSegmentSize = rollup.SegmentBytes
	opts.EnableExemplarStorage, opts.MaxExemplars = true, 10_000
	if cfg.Experimental {
		opts.EnableSTStorage, opts.EnableHistogramSTEncoding, opts.FloatChunkEncoding = true, true, chunkenc.EncXOR2
	}
	opts.BlocksToDelete = s.outlived
	db, err := tsdb.Open(cfg.Directory, deps.Log, deps.Registry, opts, s.stats)
	if err != nil {
		return nil, fmt.Errorf("metric store: %w", err)
	}
	s.db = &database{DB: db, journal: querycache.NewJournal()}
	s.series = &seriesCache{binder: deps.Binder}
	s.intake = newIntake(deps.Registry)
	s.newcomers = newNewcomers(cfg, db.Head().NumSeries, s.guard)
	if err := s.openQueries(); err != nil {
		_ = db.Close()
		return nil, fmt.Errorf("metric store: %w", err)
	}

	s.retire.Store(&retirement{db: db, rollups: s.rollups})

	ctx, cancel := context.WithCancel(context.Background())
	s.stop = cancel
	s.done.Go(func() { s.guard.run(ctx, s.newcomers.look) })
	s.done.Go(func() { s.watchBlocks(ctx) })
	if s.cfg.OwnMetrics {
		s.done.Go(func() { s.measureItself(ctx) })
	}
	if s.rollups != nil {
		s.done.Go(func() { s.rollups.Run(ctx) })
	}
	return s, nil
}

// SetRules implements Store.
func (s *local) SetRules(source RuleSource) { s.rules.set(source) }

// Describe implements Store.
func (s *local) Describe(metrics ...Metadata) { s.meta.put(metrics...) }

// Health implements Store.
func (s *local) Health() Health {
	return Health{
		ReadOnly:     s.guard.closed.Load(),
		FreeBytes:    s.guard.free.Load(),
		Refused:      s.guard.refused.Load(),
		Rejected:     s.rejected.Load(),
		BrokenBlocks: s.blocks.list(),
		Series:       s.db.Head().NumSeries(),
		NewRefused:   s.newcomers.total(),
	}
}

// Close implements Store.
func (s *local) Close() error {
	s.stop()
	s.done.Wait()
	var err error
	if s.rollups != nil {
		err = s.rollups.Close()
	}
	if derr := s.db.Close(); err == nil {
		err = derr
	}
	if terr := s.tracker.Close(); err == nil {
		err = terr
	}
	return err
}
