package spool

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"mainstay/internal/core"
)

// Sync says when appended bytes are forced to the disk.
type Sync string

// The policies. All of them survive kill -9; they differ in what power loss may take.
const (
	SyncAlways   Sync = "always"   // before the acknowledgement: nothing
	SyncInterval Sync = "interval" // at most once per SyncEvery: about that much
	SyncNever    Sync = "never"    // what the kernel had not written yet
)

// Configuration of one spool.
type Configuration struct {
	Dir          string        `yaml:"dir" json:"dir"`
	MaxBytes     int64         `yaml:"maxBytes" json:"maxBytes"`         // bound of all segments together
	SegmentBytes int64         `yaml:"segmentBytes" json:"segmentBytes"` // space is given back in these steps; 0 is an eighth of MaxBytes
	MaxRecord    int           `yaml:"maxRecord" json:"maxRecord"`       // bytes of one record
	Sync         Sync          `yaml:"sync" json:"sync"`
	SyncEvery    time.Duration `yaml:"syncEvery" json:"syncEvery"`
}

// Defaults keeps up to 512 MB and syncs before it acknowledges.
func Defaults() Configuration {
	return Configuration{MaxBytes: 512 << 20, MaxRecord: 8 << 20, Sync: SyncAlways, SyncEvery: time.Second}
}

// Validate names the fields that cannot work.
func (c Configuration) Validate() error {
	var wrong []core.Detail
	if c.Dir == "" {
		wrong = append(wrong, core.Detail{Field: "dir", Rule: "must be set"})
	}
	if c.MaxBytes < 64<<10 {
		wrong = append(wrong, core.Detail{Field: "maxBytes", Rule: "must be at least 65536"})
	}
	if c.MaxRecord <= 0 || int64(c.MaxRecord) > c.MaxBytes/2 {
		wrong = append(wrong, core.Detail{Field: "maxRecord", Rule: "must be above 0 and at most half of maxBytes"})
	}
	if c.Sync != SyncAlways && c.Sync != SyncInterval && c.Sync != SyncNever {
		wrong = append(wrong, core.Detail{Field: "sync", Rule: "must be always, interval or never"})
	}
	return core.InvalidAll(wrong)
}

var (
	// ErrFull says that the spool holds MaxBytes; the sender should try later.
	ErrFull = core.Errorf(core.CodeUnavailable, "the spool is full")
	// ErrClosed says that the spool was closed.
	ErrClosed = errors.New("spool: closed")
)

// Spool is safe for concurrent use. One process at a time may open a directory.
type Spool struct {
	cfg   Configuration
	clock core.Clock

	writing sync.Mutex // held by the leader of a group while it writes
	file    *os.File   // the last segment; guarded by writing
	synced  time.Time  // guarded by writing

	mu        sync.Mutex
	segments  []segment // the last one is written to
	reserved  int64     // bytes of the group being written
	group     *group    // collects followers, or nil
	committed Position
	read      Position
	changed   chan struct{} // closed and replaced when records come or space is freed
	closed    bool
	stats     Stats
}

// group is the appends that share one write.
type group struct {
	frames  []byte
	records int64
	done    chan struct{}
	end     Position
	err     error
}

// Stats counts since Open; Bytes and Segments are what is held now.
type Stats struct {
	Bytes     int64 `json:"bytes"`
	Pending   int64 `json:"pending"` // bytes behind the committed position
	MaxBytes  int64 `json:"maxBytes"`
	Segments  int   `json:"segments"`
	Appended  int64 `json:"appended"`  // records acknowledged
	Refused   int64 `json:"refused"`   // appends refused because the spool was full
	Truncated int64 `json:"truncated"` // bytes of torn tail cut off at Open
	Damaged   int64 `json:"damaged"`   // bytes skipped because they could not be read
}

// Open recovers the spool in cfg.Dir, or makes a new one.
func Open(cfg Configuration, clock core.Clock) (*Spool, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if cfg.SegmentBytes <= 0 || cfg.SegmentBytes > cfg.MaxBytes/2 {
		cfg.SegmentBytes = cfg.MaxBytes / 8
	}
	if err := os.MkdirAll(cfg.Dir, 0o700); err != nil {
		return nil, err
	}
	s := &Spool{cfg: cfg, clock: clock, changed: make(chan struct{})}
	s.committed = loadPosition(cfg.Dir)
	if err := s.recover(); err != nil {
		return nil, fmt.Errorf("spool %s: %w", cfg.Dir, err)
	}
	return s, nil
}

// recover finds the segments, cuts the torn tail off the last one and puts the
// position inside what is there.
func (s *Spool) recover() error {
	found, err := listSegments(s.cfg.Dir)
	if err != nil {
		return err
	}
	s.segments = found
	if len(found) == 0 {
		if err := s.addSegment(s.committed.Segment + 1); err != nil {
			return err
		}
	} else if err := s.reopenLast(); err != nil {
		return err
	}
	last := s.segments[len(s.segments)-1]
	first := s.segments[0].id
	switch {
	case s.committed.Segment < first:
		s.committed = Position{first, segmentHeader}
	case s.committed.Segment > last.id || s.committed.Segment == last.id && s.committed.Offset > last.size:
		s.committed = Position{last.id, last.size}
	}
	s.committed.Offset = max(s.committed.Offset, segmentHeader)
	s.read = s.committed
	return s.dropBefore(s.committed.Segment)
}

func (s *Spool) reopenLast() error {
	last := &s.segments[len(s.segments)-1]
	f, err := os.OpenFile(segmentPath(s.cfg.Dir, last.id), os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	length, _, err := intactLength(f, last.size, s.cfg.MaxRecord)
	if err != nil {
		f.Close()
		return err
	}
	if length < last.size {
		s.stats.Truncated += last.size - length
		if err := f.Truncate(length); err != nil {
			f.Close()
			return err
		}
	}
	if length == 0 {
		if _, err := f.WriteAt([]byte(segmentMagic), 0); err != nil {
			f.Close()
			return err
		}
		length = segmentHeader
	}
	last.size, s.file = length, f
	return nil
}

// addSegment makes the next file and writes there from now on.
func (s *Spool) addSegment(id uint64) error {
	f, err := os.OpenFile(segmentPath(s.cfg.Dir, id), os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	if _, err := f.WriteAt([]byte(segmentMagic), 0); err != nil {
		f.Close()
		os.Remove(f.Name())
		return err
	}
	if s.cfg.Sync != SyncNever {
		syncDir(s.cfg.Dir)
	}
	if s.file != nil {
		s.file.Close()
	}
	s.file = f
	s.segments = append(s.segments, segment{id: id, size: segmentHeader})
	return nil
}

// syncDir makes a new file name durable; where a directory cannot be synced
// (Windows) the file system keeps names by itself.
func syncDir(dir string) {
	if d, err := os.Open(filepath.Clean(dir)); err == nil {
		_ = d.Sync()
		d.Close()
	}
}

// dropBefore removes the segments in front of id.
func (s *Spool) dropBefore(id uint64) error {
	for len(s.segments) > 1 && s.segments[0].id < id {
		if err := os.Remove(segmentPath(s.cfg.Dir, s.segments[0].id)); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
		s.segments = s.segments[1:]
	}
	return nil
}

// Stats returns what is held and what was counted.
func (s *Spool) Stats() Stats {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := s.stats
	out.Bytes, out.MaxBytes, out.Segments = s.heldLocked(), s.cfg.MaxBytes, len(s.segments)
	for _, seg := range s.segments {
		switch {
		case seg.id == s.committed.Segment:
			out.Pending += seg.size - s.committed.Offset
		case seg.id > s.committed.Segment:
			out.Pending += seg.size - segmentHeader
		}
	}
	return out
}

func (s *Spool) heldLocked() int64 {
	var sum int64
	for _, seg := range s.segments {
		sum += seg.size
	}
	return sum
}

// broadcastLocked wakes everyone who waits for records or for space.
func (s *Spool) broadcastLocked() {
	close(s.changed)
	s.changed = make(chan struct{})
}

// Close syncs and closes; waiting calls return ErrClosed.
func (s *Spool) Close() error {
	s.writing.Lock()
	defer s.writing.Unlock()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil
	}
	s.closed = true
	s.broadcastLocked()
	err := s.file.Sync()
	return errors.Join(err, s.file.Close())
}

// AppendWait is Append for a sender that can wait: it returns ErrFull only
// when ctx ends first.
func (s *Spool) AppendWait(ctx context.Context, records ...[]byte) error {
	for {
		s.mu.Lock()
		changed := s.changed
		s.mu.Unlock()
		err := s.Append(records...)
		if !errors.Is(err, ErrFull) {
			return err
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return errors.Join(ErrFull, ctx.Err())
		}
	}
}
