package buffer

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/agents/protocol"
)

// Options bound the queue.
type Options struct {
	MaxBytes     int64 // of all segments together
	SegmentBytes int64 // after which a new segment begins
	Clock        core.Clock
}

// Queue is the queue of one agent.
type Queue struct {
	dir     string
	options Options
	encoder *encoder

	mu       sync.Mutex
	meta     meta
	segments []segment // the last one is open for appending, if file is not nil
	file     *os.File
	next     uint64
	dropped  uint64
	news     chan struct{}
}

// meta is the small file beside the segments.
type meta struct {
	Epoch   string `json:"epoch"`
	Acked   uint64 `json:"acked"`
	Dropped uint64 `json:"dropped"`
}

// Open finds what an earlier process left in dir.
func Open(dir string, options Options) (*Queue, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	q := &Queue{dir: dir, options: options, encoder: newEncoder(), news: make(chan struct{}, 1)}
	fresh, err := q.readMeta()
	if err != nil {
		return nil, err
	}
	if err := q.findSegments(fresh); err != nil {
		return nil, err
	}
	q.next = q.meta.Acked + 1
	if n := len(q.segments); n > 0 {
		q.next = max(q.next, q.segments[n-1].first+q.segments[n-1].count)
		q.wake()
	}
	return q, q.writeMeta()
}

// readMeta says whether the queue starts anew: without its meta file, numbers
// of an earlier life must not be confused with its own.
func (q *Queue) readMeta() (fresh bool, err error) {
	data, err := os.ReadFile(filepath.Join(q.dir, "meta"))
	if err == nil && json.Unmarshal(data, &q.meta) == nil && q.meta.Epoch != "" {
		q.dropped = q.meta.Dropped
		return false, nil
	}
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return false, err
	}
	var random [8]byte
	if _, err := rand.Read(random[:]); err != nil {
		return false, err
	}
	q.meta = meta{Epoch: hex.EncodeToString(random[:])}
	return true, nil
}

func (q *Queue) findSegments(fresh bool) error {
	files, err := os.ReadDir(q.dir)
	if err != nil {
		return err
	}
	for _, f := range files {
		first, ok := parseSegmentName(f.Name())
		if !ok {
			continue
		}
		path := filepath.Join(q.dir, f.Name())
		s, damaged, err := scan(path, first)
		if err != nil {
			return fmt.Errorf("read %s: %w", path, err)
		}
		if damaged {
			q.dropped++ // at least one; how many more cannot be known
		}
		if s.count == 0 || s.first+s.count <= q.meta.Acked+1 {
			_ = os.Remove(path)
			continue
		}
		q.segments = append(q.segments, s)
	}
	slices.SortFunc(q.segments, func(a, b segment) int {
		if a.first < b.first {
			return -1
		}
		return 1
	})
	if fresh && len(q.segments) > 0 {
		q.meta.Acked = q.segments[0].first - 1
	}
	return nil
}

// writeMeta replaces the small file; a crash leaves the old or the new one.
func (q *Queue) writeMeta() error {
	q.meta.Dropped = q.dropped
	data, err := json.Marshal(q.meta)
	if err != nil {
		return err
	}
	path := filepath.Join(q.dir, "meta")
	if err := os.WriteFile(path+".new", data, 0o600); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}

// Append adds a record. When it returns an error the record is counted as dropped.
func (q *Queue) Append(kind string, data []byte) error {
	now := q.options.Clock.Now()
	frame, err := q.encoder.frame(now, kind, data)
	q.mu.Lock()
	defer q.mu.Unlock()
	if err == nil {
		err = q.write(frame, now)
	}
	if err != nil {
		q.dropped++
		return fmt.Errorf("queue a record: %w", err)
	}
	q.wake()
	return q.bound()
}

func (q *Queue) write(frame []byte, now time.Time) error {
	if q.file != nil && q.segments[len(q.segments)-1].size >= q.options.SegmentBytes {
		if err := q.roll(); err != nil {
			return err
		}
	}
	if q.file == nil {
		path := segmentPath(q.dir, q.next)
		file, err := os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
		if err != nil {
			return err
		}
		q.file = file
		q.segments = append(q.segments, segment{path: path, first: q.next, at: now})
	}
	last := &q.segments[len(q.segments)-1]
	if _, err := q.file.WriteAt(frame, last.size); err != nil {
		_ = q.file.Truncate(last.size)
		return err
	}
	last.size += int64(len(frame))
	last.count++
	q.next++
	return nil
}

// roll ends the open segment.
func (q *Queue) roll() error {
	file := q.file
	q.file = nil
	return errors.Join(file.Sync(), file.Close())
}

// bound removes oldest segments while the queue is too large.
func (q *Queue) bound() error {
	var total int64
	for _, s := range q.segments {
		total += s.size
	}
	lost := false
	for total > q.options.MaxBytes && len(q.segments) > 0 {
		if len(q.segments) == 1 && q.file != nil {
			if err := q.roll(); err != nil {
				return err
			}
		}
		oldest := q.segments[0]
		end := oldest.first + oldest.count
		q.dropped += end - max(oldest.first, q.meta.Acked+1)
		q.meta.Acked = max(q.meta.Acked, end-1)
		total -= oldest.size
		q.remove(1)
		lost = true
	}
	if lost {
		return q.writeMeta()
	}
	return nil
}

func (q *Queue) remove(n int) {
	for _, s := range q.segments[:n] {
		_ = os.Remove(s.path)
	}
	q.segments = slices.Delete(q.segments, 0, n)
}

// Batch returns the records that follow the last acknowledged one, up to about
// budget bytes of data but at least one record when there is any.
func (q *Queue) Batch(budget int) (protocol.Batch, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for len(q.segments) > 0 {
		s := q.segments[0]
		records, err := s.records(q.meta.Acked+1, budget)
		if len(records) > 0 {
			return protocol.Batch{Epoch: q.meta.Epoch, Records: records}, nil
		}
		if err == nil && s.first+s.count > q.meta.Acked+1 {
			err = errDamaged
		}
		if err == nil {
			return protocol.Batch{Epoch: q.meta.Epoch}, nil
		}
		// Unreadable from here: give the segment up, count it, go on with the next.
		if len(q.segments) == 1 && q.file != nil {
			_ = q.roll()
		}
		end := s.first + s.count
		q.dropped += end - (q.meta.Acked + 1)
		q.meta.Acked = end - 1
		q.remove(1)
	}
	return protocol.Batch{Epoch: q.meta.Epoch}, nil
}

// Ack forgets records up to and including seq.
func (q *Queue) Ack(seq uint64) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if seq <= q.meta.Acked || seq >= q.next {
		return nil
	}
	q.meta.Acked = seq
	done := 0
	for _, s := range q.segments {
		if s.first+s.count-1 > seq {
			break
		}
		done++
	}
	if done == len(q.segments) && q.file != nil {
		if err := q.roll(); err != nil {
			return err
		}
	}
	// The meta file first: after a crash between the two, segments that are
	// acknowledged already are removed by Open.
	err := q.writeMeta()
	q.remove(done)
	return err
}

// Stats is the state of the queue.
type Stats struct {
	Records uint64
	Bytes   int64
	Dropped uint64
	Oldest  time.Time // zero when empty; that of the oldest segment, so an early bound
}

// Stats returns the state of the queue.
func (q *Queue) Stats() Stats {
	q.mu.Lock()
	defer q.mu.Unlock()
	s := Stats{Records: q.next - 1 - q.meta.Acked, Dropped: q.dropped}
	for _, seg := range q.segments {
		s.Bytes += seg.size
	}
	if s.Records > 0 && len(q.segments) > 0 {
		s.Oldest = q.segments[0].at
	}
	return s
}

// News receives a value when there may be records to hand out.
func (q *Queue) News() <-chan struct{} { return q.news }

func (q *Queue) wake() {
	select {
	case q.news <- struct{}{}:
	default:
	}
}

// Close syncs what was appended.
func (q *Queue) Close() error {
	q.mu.Lock()
	defer q.mu.Unlock()
	var err error
	if q.file != nil {
		err = q.roll()
	}
	return errors.Join(err, q.writeMeta())
}
