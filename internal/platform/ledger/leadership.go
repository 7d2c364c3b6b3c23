package ledger

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/sqldb"
)

// leadershipPoll is how often a process asks for, or confirms, the lock.
const leadershipPoll = 2 * time.Second

// leadership holds the lock that lets one process run the consumers.
type leadership struct {
	db    *sqldb.DB
	clock core.Clock
	log   *slog.Logger

	mu      sync.Mutex
	lock    *sqldb.Lock
	gained  chan struct{} // closed while the lock is held
	dropped chan struct{} // closed when the lock of the current term is lost
}

func (l *leadership) run(ctx context.Context) {
	timer := l.clock.NewTimer(leadershipPoll)
	defer timer.Stop()
	defer l.set(nil)
	for {
		l.refresh(ctx)
		select {
		case <-ctx.Done():
			return
		case <-timer.C():
			timer.Reset(leadershipPoll)
		}
	}
}

func (l *leadership) refresh(ctx context.Context) {
	l.mu.Lock()
	held := l.lock
	l.mu.Unlock()
	if held != nil {
		if !held.Held(ctx) && ctx.Err() == nil {
			l.log.Warn("lost the lock on the ledger's consumers")
			l.set(nil)
		}
		return
	}
	lock, err := l.db.TryLock(ctx, "ledger.consumers")
	if err != nil {
		if ctx.Err() == nil {
			l.log.Warn("the lock on the ledger's consumers cannot be asked for", "error", err)
		}
		return
	}
	if lock != nil {
		l.set(lock)
	}
}

func (l *leadership) set(lock *sqldb.Lock) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.channels()
	if lock != nil {
		l.lock = lock
		l.dropped = make(chan struct{})
		close(l.gained)
		return
	}
	if l.lock != nil {
		l.lock.Release()
		l.lock = nil
		l.gained = make(chan struct{})
		close(l.dropped)
	}
}

func (l *leadership) channels() {
	if l.gained == nil {
		l.gained, l.dropped = make(chan struct{}), make(chan struct{})
	}
}

// wait blocks until this process leads and returns the channel that closes
// when it no longer does; nil when ctx ended first.
func (l *leadership) wait(ctx context.Context) <-chan struct{} {
	for {
		l.mu.Lock()
		l.channels()
		gained, dropped, leads := l.gained, l.dropped, l.lock != nil
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
