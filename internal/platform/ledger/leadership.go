package ledger

import (
	"context"
	"sync"
)

// leadership tells consumers whether this process runs them.
type leadership struct {
	mu      sync.Mutex
	leads   bool
	gained  chan struct{} // closed while this process leads
	dropped chan struct{} // closed when the current term ends
}

func newLeadership() *leadership {
	return &leadership{gained: make(chan struct{}), dropped: make(chan struct{})}
}

// term is one in which this process leads.
func (l *leadership) term(ctx context.Context) {
	l.mu.Lock()
	l.leads, l.dropped = true, make(chan struct{})
	close(l.gained)
	l.mu.Unlock()
	<-ctx.Done()
	l.mu.Lock()
	defer l.mu.Unlock()
	l.leads, l.gained = false, make(chan struct{})
	close(l.dropped)
}

// wait blocks until this process leads and returns the channel that closes
// when it no longer does; nil when ctx ended first.
func (l *leadership) wait(ctx context.Context) <-chan struct{} {
	for {
		l.mu.Lock()
		gained, dropped, leads := l.gained, l.dropped, l.leads
		l.mu.Unlock()
		if leads {
			return dropped
		}
		select {
		case <-gained:
		case <-ctx.Done():
			return nil
		}
	}
}
