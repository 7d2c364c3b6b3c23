package spool

import (
	"fmt"

	"mainstay/internal/core"
)

// Append writes the records, all or none, and returns once they are as durable
// as the policy says. A full spool returns ErrFull at once.
func (s *Spool) Append(records ...[]byte) error {
	size := 0
	for _, record := range records {
		if len(record) == 0 || len(record) > s.cfg.MaxRecord {
			return core.Errorf(core.CodeTooLarge, "a record of %d bytes; the spool takes 1 to %d", len(record), s.cfg.MaxRecord)
		}
		size += frameHeader + len(record)
	}
	if size == 0 {
		return nil
	}
	g, leads, err := s.join(records, int64(size))
	if err != nil {
		return err
	}
	if leads {
		s.lead(g)
	}
	<-g.done
	return g.err
}

// join adds the records to the group that is collecting. The first one in
// leads the group.
func (s *Spool) join(records [][]byte, size int64) (g *group, leads bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, false, ErrClosed
	}
	if s.occupiedLocked()+s.reserved+size+segmentHeader > s.cfg.MaxBytes {
		s.stats.Refused++
		return nil, false, ErrFull
	}
	s.reserved += size
	if s.group == nil {
		s.group, leads = &group{done: make(chan struct{})}, true
	}
	for _, record := range records {
		s.group.frames = appendFrame(s.group.frames, record)
	}
	s.group.records += int64(len(records))
	return s.group, leads, nil
}

// occupiedLocked is what the next write must leave room for. A last segment
// that is committed to its end makes way for the write.
func (s *Spool) occupiedLocked() int64 {
	held := s.heldLocked()
	if last := s.segments[len(s.segments)-1]; s.reserved == 0 && !s.committed.Before(Position{last.id, last.size}) {
		held -= last.size
	}
	return held
}

// lead waits until the group before is written, stops collecting, and writes.
// While it waits, others join: that is the group commit.
func (s *Spool) lead(g *group) {
	s.writing.Lock()
	defer s.writing.Unlock()
	s.mu.Lock()
	s.group = nil
	closed := s.closed
	s.mu.Unlock()
	if closed {
		g.err = ErrClosed
	} else {
		g.err = s.write(g)
	}
	s.mu.Lock()
	s.reserved -= int64(len(g.frames))
	if g.err == nil {
		s.segments[len(s.segments)-1].size += int64(len(g.frames))
		s.stats.Appended += g.records
		s.broadcastLocked()
	}
	s.mu.Unlock()
	close(g.done)
}

// write puts the frames behind the last acknowledged one. What a failed write
// left there is overwritten by the next, and cut off by Open.
func (s *Spool) write(g *group) error {
	s.mu.Lock()
	last := s.segments[len(s.segments)-1]
	more := int64(len(g.frames))
	if last.size > segmentHeader && (last.size+more > s.cfg.SegmentBytes || s.heldLocked()+more > s.cfg.MaxBytes) {
		if err := s.rotateLocked(last.id + 1); err != nil {
			s.mu.Unlock()
			return err
		}
		last = s.segments[len(s.segments)-1]
	}
	s.mu.Unlock()
	if _, err := s.file.WriteAt(g.frames, last.size); err != nil {
		_ = s.file.Truncate(last.size)
		return fmt.Errorf("spool: write: %w", err)
	}
	if !s.mustSync() {
		return nil
	}
	if err := s.file.Sync(); err != nil {
		_ = s.file.Truncate(last.size)
		return fmt.Errorf("spool: sync: %w", err)
	}
	return nil
}

// rotateLocked seals the last segment and starts another; what is committed goes.
func (s *Spool) rotateLocked(id uint64) error {
	if s.cfg.Sync != SyncNever {
		if err := s.file.Sync(); err != nil {
			return err
		}
	}
	if err := s.addSegment(id); err != nil {
		return err
	}
	return s.shrinkLocked()
}

func (s *Spool) mustSync() bool {
	switch s.cfg.Sync {
	case SyncAlways:
		return true
	case SyncInterval:
		if now := s.clock.Now(); now.Sub(s.synced) >= s.cfg.SyncEvery {
			s.synced = now
			return true
		}
	}
	return false
}
