package monitor

import (
	"sync"
	"time"
)

// job is a key whose time has come.
type job struct {
	key  string
	at   time.Time
	slot time.Time // the same on a clock that is never set
}

// ready is the queue between the schedule and the workers. A key is scheduled
// again only after its run, so the queue never holds more than there are keys.
type ready struct {
	mu     sync.Mutex
	some   *sync.Cond
	jobs   []job
	closed bool
}

func newReady() *ready {
	r := &ready{}
	r.some = sync.NewCond(&r.mu)
	return r
}

func (r *ready) push(j job) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.jobs = append(r.jobs, j)
	r.some.Signal()
}

// pop waits for a job; ok is false once the queue is closed.
func (r *ready) pop() (j job, ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for len(r.jobs) == 0 && !r.closed {
		r.some.Wait()
	}
	if r.closed {
		return j, false
	}
	j = r.jobs[0]
	r.jobs = r.jobs[1:]
	return j, true
}

// waiting is how many jobs no worker has taken yet.
func (r *ready) waiting() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.jobs)
}

func (r *ready) close() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.closed = true
	r.some.Broadcast()
}
