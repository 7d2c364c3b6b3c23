package core

import (
	"sync"
	"time"
)

// Repeater does something at regular times, never twice at once. The zero
// Repeater is at rest.
type Repeater struct {
	stop chan struct{}
	done sync.WaitGroup
}

// Start does it every so often, for the first time after that long, until Stop.
func (r *Repeater) Start(clock Clock, every time.Duration, do func()) {
	stop := make(chan struct{})
	r.stop = stop
	r.done.Go(func() {
		timer := clock.NewTimer(every)
		defer timer.Stop()
		for {
			select {
			case <-timer.C():
				do()
				timer.Reset(every)
			case <-stop:
				return
			}
		}
	})
}

// Stop ends it, and waits for what is under way. Stopping again does nothing.
func (r *Repeater) Stop() {
	if r.stop != nil {
		close(r.stop)
		r.done.Wait()
		r.stop = nil
	}
}
