package monitor

import (
	"container/heap"
	"context"
	"hash/fnv"
	"sync"
	"time"

	"mainstay/internal/core"
)

// slotAfter returns the first moment after t that belongs to key: moments of
// one interval are spread evenly over all keys by hash, and stay the same over
// restarts.
func slotAfter(key string, interval time.Duration, t time.Time) time.Time {
	h := fnv.New64a()
	_, _ = h.Write([]byte(key))
	// FNV leaves similar keys close together in the high bits; mix them.
	x := h.Sum64()
	x ^= x >> 33
	x *= 0xff51afd7ed558ccd
	x ^= x >> 33
	phase := time.Duration(x % uint64(interval))
	since := time.Duration(t.UnixNano()) - phase
	slots := since / interval
	if since < 0 {
		slots--
	}
	return time.Unix(0, int64((slots+1)*interval+phase)).UTC()
}

// schedule fires keys when they are due. Each key has one due time at most.
// It is safe for concurrent use; a change costs a logarithm of the keys.
type schedule struct {
	clock core.Clock

	mu    sync.Mutex
	queue dueQueue
	index map[string]*due
	wake  chan struct{}
	last  time.Time     // what the clock showed when it was last looked at
	ahead time.Duration // by how much the clock was put forward since the start
	jumps []jump        // that run has not told yet
}

// jump is a moment at which the clock was set.
type jump struct{ from, to time.Time }

type due struct {
	key   string
	at    time.Time
	place int
}

func newSchedule(clock core.Clock) *schedule {
	return &schedule{clock: clock, index: map[string]*due{}, wake: make(chan struct{}, 1), last: clock.Now().Round(0)}
}

// Set makes key due at a time, instead of when it was. now is what the clock
// showed when that time was chosen: the clock may have been set since. It
// returns that time as a clock shows it that is never set.
func (s *schedule) Set(key string, at, now time.Time) (slot time.Time) {
	at = at.Round(0) // the wall clock's time, also when that is set
	s.mu.Lock()
	defer s.mu.Unlock()
	shown := s.clock.Now().Round(0)
	s.look(shown)
	if d := shown.Sub(now.Round(0)); isJump(d) {
		at = at.Add(d)
	}
	d, ok := s.index[key]
	if ok {
		d.at = at
		heap.Fix(&s.queue, d.place)
	} else {
		d = &due{key: key, at: at}
		s.index[key] = d
		heap.Push(&s.queue, d)
	}
	if d.place == 0 {
		s.nudge()
	}
	return at.Add(-s.ahead)
}

// Late returns how long ago the slot of a job was, however the clock was set since.
func (s *schedule) Late(j job) time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.clock.Now().Round(0)
	s.look(now)
	return now.Add(-s.ahead).Sub(j.slot)
}

// Sooner makes key due at a time if it is due later; keys that are not
// scheduled, because they run, stay so.
func (s *schedule) Sooner(key string, at time.Time) {
	at = at.Round(0)
	s.mu.Lock()
	defer s.mu.Unlock()
	if d, ok := s.index[key]; ok && at.Before(d.at) {
		d.at = at
		heap.Fix(&s.queue, d.place)
		s.nudge()
	}
}

// Remove forgets key.
func (s *schedule) Remove(key string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if d, ok := s.index[key]; ok {
		delete(s.index, key)
		heap.Remove(&s.queue, d.place)
	}
}

// At returns when key is due; zero when it is not scheduled.
func (s *schedule) At(key string) time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	if d, ok := s.index[key]; ok {
		return d.at
	}
	return time.Time{}
}

func (s *schedule) nudge() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

const (
	// lookEvery is how often the clock is looked at, so that it is noticed when it is set.
	lookEvery = time.Second
	// farAhead and farBack are how much the clock must differ from what it should
	// show to have been set, or the machine to have slept.
	farAhead = 10 * time.Second
	farBack  = -time.Second
)

func isJump(d time.Duration) bool { return d > farAhead || d < farBack }

// run calls fire for each key that falls due, in order, until ctx ends. A
// fired key is no longer scheduled. When the clock jumps, all keys move with it,
// so that they neither fall due together nor wait, and jumped is told. Neither
// fire nor jumped may block.
func (s *schedule) run(ctx context.Context, fire func(job), jumped func(from, to time.Time)) {
	timer := s.clock.NewTimer(lookEvery)
	defer timer.Stop()
	for ctx.Err() == nil {
		now := s.clock.Now().Round(0)
		for _, j := range s.noticed(now) {
			jumped(j.from, j.to)
		}
		wait := lookEvery
		for {
			j, next := s.take(now)
			if j.key == "" {
				if !next.IsZero() {
					wait = min(wait, next.Sub(now))
				}
				break
			}
			fire(j)
		}
		timer.Stop()
		timer.Reset(wait)
		select {
		case <-ctx.Done():
		case <-s.wake:
		case <-timer.C():
		}
	}
}

// noticed looks at the clock and returns the jumps that were not told yet.
func (s *schedule) noticed(now time.Time) []jump {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.look(now)
	jumps := s.jumps
	s.jumps = nil
	return jumps
}

// look moves every key with the clock when that was set. Order stays. The
// caller holds the lock.
func (s *schedule) look(now time.Time) {
	d := now.Sub(s.last)
	if isJump(d) {
		for _, due := range s.queue {
			due.at = due.at.Add(d)
		}
		s.ahead += d
		s.jumps = append(s.jumps, jump{s.last, now})
		s.nudge()
	}
	s.last = now
}

// take removes the first key that is due, or says when the first will be.
func (s *schedule) take(now time.Time) (j job, next time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.queue) == 0 {
		return job{}, time.Time{}
	}
	first := s.queue[0]
	if first.at.After(now) {
		return job{}, first.at
	}
	delete(s.index, first.key)
	heap.Pop(&s.queue)
	return job{first.key, first.at, first.at.Add(-s.ahead)}, time.Time{}
}

// dueQueue is a heap by time, then by key.
type dueQueue []*due

func (q dueQueue) Len() int { return len(q) }
func (q dueQueue) Less(i, j int) bool {
	if !q[i].at.Equal(q[j].at) {
		return q[i].at.Before(q[j].at)
	}
	return q[i].key < q[j].key
}
func (q dueQueue) Swap(i, j int) {
	q[i], q[j] = q[j], q[i]
	q[i].place, q[j].place = i, j
}
func (q *dueQueue) Push(x any) {
	d := x.(*due)
	d.place = len(*q)
	*q = append(*q, d)
}
func (q *dueQueue) Pop() any {
	old := *q
	d := old[len(old)-1]
	old[len(old)-1] = nil
	*q = old[:len(old)-1]
	return d
}
