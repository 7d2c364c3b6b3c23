package monitor

import (
	"sync"
	"time"
)

// crew are the workers. A run that takes longer than patience leaves its
// worker's place: another worker is hired for it, as long as not too many have
// left. So targets that hang hold up the others for patience at the most.
type crew struct {
	patience time.Duration
	most     int
	hire     func() // starts one more worker
	late     func() // told that a run lost patience, after what that led to; nil: nobody is

	mu   sync.Mutex
	left int
}

// do runs f and says whether somebody has taken the worker's place meanwhile.
func (c *crew) do(f func()) (replaced bool) {
	done := false
	timer := time.AfterFunc(c.patience, func() {
		if c.late != nil {
			defer c.late()
		}
		c.mu.Lock()
		defer c.mu.Unlock()
		if done || c.left >= c.most {
			return
		}
		c.left++
		replaced = true
		c.hire()
	})
	f()
	timer.Stop()
	c.mu.Lock()
	defer c.mu.Unlock()
	done = true
	if replaced {
		c.left--
	}
	return replaced
}

// away is how many runs have left their place now.
func (c *crew) away() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.left
}
