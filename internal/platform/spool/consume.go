package spool

import (
	"context"
	"errors"
	"fmt"
	"os"
)

// Batch is consecutive records, and the positions in front of and behind them.
type Batch struct {
	Records    [][]byte
	Start, End Position
}

// Next returns the records that follow those of the last Next, about maxBytes
// of them and at least one; it waits for one. There is one consumer: Next,
// Commit and Rewind are not for concurrent use with each other.
func (s *Spool) Next(ctx context.Context, maxBytes int) (Batch, error) {
	for {
		batch, changed, err := s.take(maxBytes)
		if err != nil || len(batch.Records) > 0 {
			return batch, err
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return Batch{}, ctx.Err()
		}
	}
}

// take returns what is there, without waiting; changed tells of more.
func (s *Spool) take(maxBytes int) (batch Batch, changed chan struct{}, err error) {
	for {
		s.mu.Lock()
		at, end, more := s.read, int64(-1), false
		for i, seg := range s.segments {
			if seg.id == at.Segment {
				end, more = seg.size, i < len(s.segments)-1
				if at.Offset >= end && more {
					s.read = Position{s.segments[i+1].id, segmentHeader}
				}
			}
		}
		changed = s.changed
		closed := s.closed
		s.mu.Unlock()
		switch {
		case closed:
			return Batch{}, changed, ErrClosed
		case end < 0:
			return Batch{}, changed, fmt.Errorf("spool: segment %d is gone", at.Segment)
		case at.Offset >= end && more:
			continue
		case at.Offset >= end:
			return Batch{}, changed, nil
		}
		batch, err = s.readBatch(at, end, maxBytes)
		if errors.Is(err, errDamaged) {
			// Frames have no marker to find the next one by: the rest of the segment is lost.
			s.mu.Lock()
			s.stats.Damaged += end - at.Offset
			s.read.Offset = end
			s.mu.Unlock()
			continue
		}
		if err == nil {
			s.mu.Lock()
			s.read = batch.End
			s.mu.Unlock()
		}
		return batch, changed, err
	}
}

func (s *Spool) readBatch(at Position, end int64, maxBytes int) (Batch, error) {
	f, err := os.Open(segmentPath(s.cfg.Dir, at.Segment))
	if err != nil {
		return Batch{}, err
	}
	defer f.Close()
	buffer, err := readFrames(f, at.Offset, end, maxBytes, s.cfg.MaxRecord)
	if err != nil {
		return Batch{}, err
	}
	batch := Batch{Start: at, End: at}
	for {
		payload, n, err := nextFrame(buffer, s.cfg.MaxRecord)
		if err != nil {
			if len(batch.Records) == 0 {
				return Batch{}, errDamaged
			}
			return batch, nil
		}
		batch.Records = append(batch.Records, payload)
		batch.End.Offset += int64(n)
		buffer = buffer[n:]
	}
}

// Commit says that every record before p is dealt with: the position becomes
// durable, and whole segments in front of it are removed.
func (s *Spool) Commit(p Position) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return ErrClosed
	}
	if !s.committed.Before(p) {
		return nil
	}
	if s.read.Before(p) {
		return errors.New("spool: commit of records that were not read")
	}
	if err := storePosition(s.cfg.Dir, p); err != nil {
		return err
	}
	s.committed = p
	if err := s.shrinkLocked(); err != nil {
		return err
	}
	s.broadcastLocked()
	return nil
}

// shrinkLocked removes the segments in front of the committed position. One
// that is committed to its end and not written to any more is in front of it.
func (s *Spool) shrinkLocked() error {
	for i, seg := range s.segments[:len(s.segments)-1] {
		if seg.id == s.committed.Segment && s.committed.Offset >= seg.size {
			s.committed = Position{s.segments[i+1].id, segmentHeader}
			if s.read.Before(s.committed) {
				s.read = s.committed
			}
		}
	}
	return s.dropBefore(s.committed.Segment)
}

// Rewind makes Next start again at the committed position.
func (s *Spool) Rewind() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.read = s.committed
}

// End is the position behind the last acknowledged record.
func (s *Spool) End() Position {
	s.mu.Lock()
	defer s.mu.Unlock()
	last := s.segments[len(s.segments)-1]
	return Position{last.id, last.size}
}
