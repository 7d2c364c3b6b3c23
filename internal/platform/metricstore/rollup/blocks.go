package rollup

import (
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/oklog/ulid/v2"
	"github.com/prometheus/prometheus/tsdb"
	"github.com/prometheus/prometheus/tsdb/fileutil"
)

// span is a stretch of time, open at its start and closed at its end, in milliseconds.
type span struct{ from, to int64 }

func (s span) covers(o span) bool { return s.from <= o.from && o.to <= s.to }

// block is one of a tier's directories.
type block struct {
	span
	id   ulid.ULID
	dir  string
	read *tsdb.Block // nil when it cannot be read
}

// overrules: of two blocks the newer is true where its span covers the other's.
func (b *block) overrules(o *block) bool { return b.id.Compare(o.id) > 0 && b.covers(o.span) }

func nameOf(s span, id ulid.ULID) string { return fmt.Sprintf("%d_%d_%s", s.from, s.to, id) }

func parseName(name string) (span, ulid.ULID, bool) {
	parts := strings.Split(name, "_")
	if len(parts) != 3 {
		return span{}, ulid.ULID{}, false
	}
	from, err1 := strconv.ParseInt(parts[0], 10, 64)
	to, err2 := strconv.ParseInt(parts[1], 10, 64)
	id, err3 := ulid.ParseStrict(parts[2])
	return span{from, to}, id, err1 == nil && err2 == nil && err3 == nil && from < to
}

// blocks are the true blocks of a tier, by time.
type blocks struct {
	dir string
	log *slog.Logger

	mu   sync.RWMutex
	list []*block
	kept sync.RWMutex // held to read while directories must stay
}

func openBlocks(dir string, log *slog.Logger) (*blocks, error) {
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return nil, err
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	b := &blocks{dir: dir, log: log}
	for _, e := range entries {
		if s, id, ok := parseName(e.Name()); ok && e.IsDir() {
			b.list = append(b.list, &block{span: s, id: id, dir: filepath.Join(dir, e.Name())})
		}
	}
	kept, gone := b.settle(b.list)
	for _, old := range gone {
		if err := os.RemoveAll(old.dir); err != nil {
			return nil, err
		}
	}
	b.list = kept
	for _, one := range b.list {
		if one.read, err = tsdb.OpenBlock(log, one.dir, nil, nil); err != nil {
			log.Error("metric rollups: a block cannot be read and is left out of answers", "block", one.dir, "error", err)
		}
	}
	return b, nil
}

// settle parts the blocks that are true from those that newer ones overrule.
func (b *blocks) settle(list []*block) (kept, gone []*block) {
	for _, one := range list {
		if slices.ContainsFunc(list, func(o *block) bool { return o.overrules(one) }) {
			gone = append(gone, one)
		} else {
			kept = append(kept, one)
		}
	}
	slices.SortFunc(kept, func(x, y *block) int {
		switch {
		case x.from < y.from:
			return -1
		case x.from > y.from:
			return 1
		}
		return x.id.Compare(y.id)
	})
	return kept, gone
}

// publish puts a finished block, made elsewhere on the same file system, in place.
func (b *blocks) publish(made string, s span) error {
	id, err := ulid.ParseStrict(filepath.Base(made))
	if err != nil {
		return fmt.Errorf("metric rollups: %w", err)
	}
	one := &block{span: s, id: id, dir: filepath.Join(b.dir, nameOf(s, id))}
	if err := fileutil.Rename(made, one.dir); err != nil {
		return fmt.Errorf("metric rollups: %w", err)
	}
	if one.read, err = tsdb.OpenBlock(b.log, one.dir, nil, nil); err != nil {
		return fmt.Errorf("metric rollups: %w", err)
	}
	b.mu.Lock()
	kept, gone := b.settle(append(slices.Clone(b.list), one))
	b.list = kept
	b.mu.Unlock()
	return b.drop(gone)
}

// expire drops the blocks that end before a time.
func (b *blocks) expire(before int64) error {
	b.mu.Lock()
	var kept, gone []*block
	for _, one := range b.list {
		if one.to <= before {
			gone = append(gone, one)
		} else {
			kept = append(kept, one)
		}
	}
	b.list = kept
	b.mu.Unlock()
	return b.drop(gone)
}

// drop closes blocks when their readers are done, and removes them.
func (b *blocks) drop(gone []*block) error {
	b.kept.Lock()
	defer b.kept.Unlock()
	for _, one := range gone {
		if one.read != nil {
			if err := one.read.Close(); err != nil {
				b.log.Warn("metric rollups: a block is not closed", "block", one.dir, "error", err)
			}
		}
		if err := os.RemoveAll(one.dir); err != nil {
			return fmt.Errorf("metric rollups: %w", err)
		}
	}
	return nil
}

// all is the list of this moment.
func (b *blocks) all() []*block {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return slices.Clone(b.list)
}

// from is the oldest time there is a block of; ok is false when there is none.
func (b *blocks) oldest() (from int64, ok bool) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	if len(b.list) == 0 {
		return 0, false
	}
	return b.list[0].from, true
}

func (b *blocks) close() {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, one := range b.list {
		if one.read != nil {
			_ = one.read.Close()
		}
	}
	b.list = nil
}
