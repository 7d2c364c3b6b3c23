package lead

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/sqldb"
)

const (
	// every is how often the lock is asked for, or confirmed.
	every = 2 * time.Second
	// patience is how long a confirmation may take before the lock counts as lost.
	patience = 2 * time.Second
	// outlives is how long the store keeps a lock that is not confirmed. It is
	// more than every and patience together, by what the work needs to end.
	outlives = 10 * time.Second
)

// Begin loads what a term needs. What it returns works until its context ends,
// and has stopped working when it returns.
type Begin func(ctx context.Context) (work func(ctx context.Context), err error)

// Lead is one process' claim to a work. Make it with New, run it between Start and Stop.
type Lead struct {
	name  string
	take  func(ctx context.Context) (lock, error)
	clock core.Clock
	log   *slog.Logger
	begin Begin

	stop context.CancelFunc
	done sync.WaitGroup
}

// lock is the part of sqldb.Lock that is used.
type lock interface {
	Held(ctx context.Context) bool
	Release() error
}

// New is inert. The name tells works apart, among all that share the store.
func New(name string, db *sqldb.DB, clock core.Clock, log *slog.Logger) *Lead {
	take := func(ctx context.Context) (lock, error) {
		l, err := db.TryLock(ctx, name)
		if err != nil || l == nil {
			return nil, err
		}
		return l, l.Expire(ctx, outlives)
	}
	return &Lead{name: name, take: take, clock: clock, log: log.With("work", name)}
}

// Start asks for the lock. When nobody else holds it, the first term has begun
// when Start returns. A term that cannot begin says so in the log, leaves the
// lock to others, and is tried again.
func (l *Lead) Start(ctx context.Context, begin Begin) {
	l.begin = begin
	first := l.ask(ctx)
	run, cancel := context.WithCancel(context.WithoutCancel(ctx))
	l.stop = cancel
	l.done.Go(func() { l.campaign(run, first) })
}

// Stop ends the term and returns when the work has ended and the lock is free.
func (l *Lead) Stop() {
	if l.stop != nil {
		l.stop()
	}
	l.done.Wait()
}

// term is a time in which this process leads.
type term struct {
	lock lock
	work func(ctx context.Context)
}

// ask begins a term, or returns nil when another process leads.
func (l *Lead) ask(ctx context.Context) *term {
	held, err := l.take(ctx)
	if held == nil {
		if err != nil && ctx.Err() == nil {
			l.log.Warn("it cannot be asked who leads", "error", err)
		}
		return nil
	}
	t := &term{lock: held}
	if err == nil {
		t.work, err = l.begin(ctx)
	}
	if err != nil {
		if ctx.Err() == nil {
			l.log.Error("the work cannot begin", "error", err)
		}
		_ = held.Release()
		return nil
	}
	return t
}

func (l *Lead) campaign(ctx context.Context, t *term) {
	for {
		if t != nil {
			l.reign(ctx, t)
		}
		if !l.pause(ctx) {
			return
		}
		t = l.ask(ctx)
	}
}

// reign works until ctx ends or the lock is lost.
func (l *Lead) reign(ctx context.Context, t *term) {
	working, cancel := context.WithCancel(ctx)
	var work sync.WaitGroup
	work.Go(func() { t.work(working) })
	for l.pause(ctx) {
		if !l.confirm(ctx, t.lock) {
			l.log.Warn("the lock is lost: another process may lead now")
			break
		}
	}
	cancel()
	work.Wait()
	_ = t.lock.Release()
}

// confirm asks whether the lock is held; no answer in time is a no.
func (l *Lead) confirm(ctx context.Context, held lock) bool {
	asking, cancel := context.WithCancel(ctx)
	defer cancel()
	answer := make(chan bool, 1)
	go func() { answer <- held.Held(asking) }()
	timer := l.clock.NewTimer(patience)
	defer timer.Stop()
	select {
	case yes := <-answer:
		return yes || ctx.Err() != nil
	case <-timer.C():
		return false
	case <-ctx.Done():
		return true
	}
}

// pause waits for the next round, of which there is none once ctx has ended.
func (l *Lead) pause(ctx context.Context) bool {
	timer := l.clock.NewTimer(every)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C():
		return ctx.Err() == nil
	}
}
