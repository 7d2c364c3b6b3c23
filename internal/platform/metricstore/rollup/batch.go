package rollup

import (
	"context"
	"errors"
	"log/slog"
	"math"
	"os"
	"path/filepath"

	"github.com/oklog/ulid/v2"
	"github.com/prometheus/prometheus/tsdb"
	"github.com/prometheus/prometheus/tsdb/chunkenc"
)

// SegmentBytes is how much of the disk the engine sets aside when it begins a
// file of a block's chunks, and where it goes on to the next. Its own default
// is half a gigabyte, which a small disk may not have to spare for a block of
// some kilobytes.
const SegmentBytes = 64 << 20

// batch is a block in the making: samples in memory, with the chunks that are
// full in a file of the writer's directory.
type batch struct {
	head   *tsdb.Head
	chunks string
}

// newBatch takes samples as old as half of reach before its newest.
func newBatch(log *slog.Logger, dir string, reach int64) (*batch, error) {
	opts := tsdb.DefaultHeadOptions()
	opts.ChunkRange = reach
	opts.ChunkDirRoot = filepath.Join(dir, "head")
	head, err := tsdb.NewHead(nil, log, nil, nil, opts, tsdb.NewHeadStats())
	if err != nil {
		return nil, err
	}
	if err := head.Init(math.MinInt64); err != nil {
		_ = head.Close()
		return nil, err
	}
	return &batch{head: head, chunks: opts.ChunkDirRoot}, nil
}

func (b *batch) close() error {
	return errors.Join(b.head.Close(), os.RemoveAll(b.chunks))
}

// write makes the block in dir and gives its place, "" when there are no samples.
func (b *batch) write(compactor *tsdb.LeveledCompactor, dir string) (string, error) {
	// The end of a block is after its last sample.
	ids, err := compactor.Write(dir, b.head, b.head.MinTime(), b.head.MaxTime()+1, nil)
	return first(dir, ids), err
}

// compactor writes blocks; which it would join is not asked of it.
func (w *writer) compactor(ctx context.Context) (*tsdb.LeveledCompactor, error) {
	return tsdb.NewLeveledCompactorWithOptions(ctx, nil, w.s.log, []int64{w.reach()}, chunkenc.NewPool(), tsdb.LeveledCompactorOptions{
		MaxBlockChunkSegmentSize: SegmentBytes, EnableOverlappingCompaction: true,
	})
}

// first names the directory of the first block, "" when there is none.
func first(dir string, ids []ulid.ULID) string {
	if len(ids) == 0 {
		return ""
	}
	return filepath.Join(dir, ids[0].String())
}
