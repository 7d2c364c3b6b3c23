package execution

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"

	"mainstay/internal/platform/agents/protocol"
)

// entry is what the journal knows of one execution. Later lines of the file
// replace earlier ones of the same execution.
type entry struct {
	Execution string         `json:"execution"`
	Digest    string         `json:"digest"` // of the command, to notice a reused identifier
	At        time.Time      `json:"at"`
	Process   int            `json:"process,omitempty"` // leader of the process group
	Born      string         `json:"born,omitempty"`    // tells the process from a later one of the same number
	Output    string         `json:"output,omitempty"`  // file name
	Last      uint64         `json:"last,omitempty"`
	Exit      *protocol.Exit `json:"exit,omitempty"`
}

const (
	remembered = 30 * 24 * time.Hour
	maxEntries = 20_000
)

// journal is an append-only file of entries, one JSON object a line. Every
// append is synced before it returns.
type journal struct {
	path    string
	file    *os.File
	entries map[string]*entry
	lines   int
}

// openJournal reads the file, forgets what is older than remembered and
// rewrites it when most of it is obsolete. A last line that a crash cut short
// was never acted upon and is dropped.
func openJournal(dir string, now time.Time) (*journal, error) {
	j := &journal{path: filepath.Join(dir, "journal"), entries: map[string]*entry{}}
	if err := j.read(); err != nil {
		return nil, err
	}
	j.forget(now)
	return j, j.rewrite()
}

func (j *journal) read() error {
	file, err := os.Open(j.path)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer file.Close()
	lines := bufio.NewReader(file)
	for {
		line, err := lines.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			return nil // what follows the last newline was cut short
		}
		if err != nil {
			return fmt.Errorf("read %s: %w", j.path, err)
		}
		var e entry
		if json.Unmarshal(line, &e) != nil || e.Execution == "" {
			continue // damaged: the identifier, if it was one, cannot be known
		}
		j.entries[e.Execution] = &e
	}
}

// forget drops ended executions that are too old or too many, oldest first.
func (j *journal) forget(now time.Time) {
	ended := make([]*entry, 0, len(j.entries))
	for _, e := range j.entries {
		if e.Exit != nil {
			ended = append(ended, e)
		}
	}
	slices.SortFunc(ended, func(a, b *entry) int { return a.At.Compare(b.At) })
	for i, e := range ended {
		if now.Sub(e.At) > remembered || len(ended)-i > maxEntries {
			delete(j.entries, e.Execution)
		}
	}
}

// rewrite replaces the file by one that holds each entry once.
func (j *journal) rewrite() error {
	if j.file != nil {
		_ = j.file.Close()
	}
	fresh, err := os.OpenFile(j.path+".new", os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	w := bufio.NewWriter(fresh)
	encoder := json.NewEncoder(w)
	for _, e := range j.entries {
		if err := encoder.Encode(e); err != nil {
			fresh.Close()
			return err
		}
	}
	if err := errors.Join(w.Flush(), fresh.Sync(), fresh.Close()); err != nil {
		return err
	}
	if err := os.Rename(j.path+".new", j.path); err != nil {
		return err
	}
	j.lines = len(j.entries)
	if j.file, err = os.OpenFile(j.path, os.O_APPEND|os.O_WRONLY, 0o600); err != nil {
		return err
	}
	return syncDirectory(filepath.Dir(j.path))
}

// put records the entry durably.
func (j *journal) put(e *entry) error {
	line, err := json.Marshal(e)
	if err != nil {
		return err
	}
	if _, err := j.file.Write(append(line, '\n')); err != nil {
		return err
	}
	if err := j.file.Sync(); err != nil {
		return err
	}
	j.entries[e.Execution] = e
	j.lines++
	if j.lines > 4*len(j.entries)+1000 {
		j.forget(e.At)
		return j.rewrite()
	}
	return nil
}

func (j *journal) close() error { return j.file.Close() }
