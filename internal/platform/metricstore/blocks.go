package metricstore

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/oklog/ulid/v2"

	"mainstay/internal/core"
)

// BrokenBlock is a block the engine skips without an error.
type BrokenBlock struct {
	Directory string `json:"directory"`
	Reason    string `json:"reason"`
}

// blockWatch holds the last look at the blocks.
type blockWatch struct {
	mu     sync.Mutex
	broken []BrokenBlock
}

func (w *blockWatch) list() []BrokenBlock {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.broken)
}

// swap stores what was found and says whether it differs from before.
func (w *blockWatch) swap(found []BrokenBlock) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	changed := !slices.Equal(w.broken, found)
	w.broken = found
	return changed
}

func (s *local) watchBlocks(ctx context.Context) {
	timer := s.deps.Clock.NewTimer(blockCheckEvery)
	defer timer.Stop()
	for {
		s.checkBlocks()
		select {
		case <-ctx.Done():
			return
		case <-timer.C():
			timer.Reset(blockCheckEvery)
		}
	}
}

func (s *local) checkBlocks() {
	found, err := brokenBlocks(s.cfg.Directory)
	if err != nil {
		s.deps.Log.Warn("metric store: blocks not looked over", "error", err)
		return
	}
	if s.rollups != nil {
		for _, dir := range s.rollups.Broken() {
			found = append(found, BrokenBlock{Directory: dir, Reason: "this block of rollups cannot be opened"})
		}
	}
	if !s.blocks.swap(found) {
		return
	}
	e := core.Event{
		ID: s.guard.ids.New(), At: s.deps.Clock.Now(), Source: "metricstore", Key: "metricstore:blocks",
		Kind: core.Cleared, Severity: core.Clear, Title: "All metric blocks can be read",
	}
	if len(found) > 0 {
		var lines []string
		for _, b := range found {
			lines = append(lines, b.Directory+": "+b.Reason)
		}
		e.Kind, e.Severity = core.Problem, core.Major
		e.Title = "Metric blocks cannot be read and are left out of answers"
		e.Description = strings.Join(lines, "\n")
		s.deps.Log.Error("metric store: "+e.Title, "blocks", lines)
	}
	s.guard.queue(e)
}

// brokenBlocks reads every block's meta.json as the engine does.
func brokenBlocks(dir string) ([]BrokenBlock, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var out []BrokenBlock
	for _, e := range entries {
		if !e.IsDir() {
			continue
		}
		if _, err := ulid.ParseStrict(e.Name()); err != nil {
			continue
		}
		path := filepath.Join(dir, e.Name())
		if reason := blockFault(path); reason != "" {
			out = append(out, BrokenBlock{Directory: path, Reason: reason})
		}
	}
	return out, nil
}

func blockFault(dir string) string {
	raw, err := os.ReadFile(filepath.Join(dir, "meta.json"))
	if errors.Is(err, fs.ErrNotExist) {
		if _, gone := os.Stat(dir); gone != nil {
			return "" // retention removed it in between
		}
		return "meta.json is missing"
	}
	if err != nil {
		return "meta.json cannot be read: " + err.Error()
	}
	var meta struct {
		ULID    ulid.ULID `json:"ulid"`
		Version int       `json:"version"`
	}
	if err := json.Unmarshal(raw, &meta); err != nil {
		return "meta.json is not valid: " + err.Error()
	}
	if meta.Version != 1 {
		return "meta.json has an unknown version"
	}
	return ""
}
