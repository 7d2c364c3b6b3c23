package jobs

import "sync"

// signals wakes those in this process who wait for news of a run. Those in
// other processes look by themselves.
type signals struct {
	mu       sync.Mutex
	watchers map[string]map[chan struct{}]bool
}

func newSignals() *signals { return &signals{watchers: map[string]map[chan struct{}]bool{}} }

// watch returns a channel that holds a token after news, and a function that ends it.
func (s *signals) watch(run string) (<-chan struct{}, func()) {
	ch := make(chan struct{}, 1)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.watchers[run] == nil {
		s.watchers[run] = map[chan struct{}]bool{}
	}
	s.watchers[run][ch] = true
	return ch, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.watchers[run], ch)
		if len(s.watchers[run]) == 0 {
			delete(s.watchers, run)
		}
	}
}

func (s *signals) notify(run string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for ch := range s.watchers[run] {
		select {
		case ch <- struct{}{}:
		default:
		}
	}
}
