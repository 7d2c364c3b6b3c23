package wire

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"mainstay/internal/core"
)

// ownRetry is how soon an event of Mainstay's own that was not taken is tried again.
const ownRetry = 2 * time.Second

// taker takes events; it is durable when nil returns.
type taker interface {
	Accept(ctx context.Context, events []core.Event) error
}

// ownEvents brings what the stores have to tell of themselves to the events
// module, which is made after them. Of each key only the latest event waits,
// so what waits is bounded by the number of conditions there are.
type ownEvents struct {
	clock core.Clock
	log   *slog.Logger
	to    taker // set before Start

	mu      sync.Mutex
	waiting map[string]core.Event
	woken   chan struct{}
	stop    context.CancelFunc
	done    sync.WaitGroup
}

func newOwnEvents(clock core.Clock, log *slog.Logger) *ownEvents {
	return &ownEvents{clock: clock, log: log, waiting: map[string]core.Event{}, woken: make(chan struct{}, 1)}
}

// Accept puts events aside and returns: a store must not wait for the module
// that records its faults.
func (o *ownEvents) Accept(_ context.Context, list []core.Event) error {
	o.mu.Lock()
	for _, e := range list {
		o.waiting[e.Key] = e
	}
	o.mu.Unlock()
	select {
	case o.woken <- struct{}{}:
	default:
	}
	return nil
}

// Start begins to hand events on.
func (o *ownEvents) Start(context.Context) error {
	ctx, stop := context.WithCancel(context.Background())
	o.stop = stop
	o.done.Go(func() { o.run(ctx) })
	return nil
}

// Stop ends it.
func (o *ownEvents) Stop(context.Context) error {
	o.stop()
	o.done.Wait()
	return nil
}

func (o *ownEvents) run(ctx context.Context) {
	for {
		wait := time.Hour
		if err := o.hand(ctx); err != nil && ctx.Err() == nil {
			o.log.Warn("Mainstay's own events are not taken; trying again", "error", err)
			wait = ownRetry
		}
		timer := o.clock.NewTimer(wait)
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-o.woken:
		case <-timer.C():
		}
		timer.Stop()
	}
}

// hand passes on what waits; what came in the meantime stays for the next time.
func (o *ownEvents) hand(ctx context.Context) error {
	o.mu.Lock()
	list := make([]core.Event, 0, len(o.waiting))
	for _, e := range o.waiting {
		list = append(list, e)
	}
	o.mu.Unlock()
	if len(list) == 0 {
		return nil
	}
	if err := o.to.Accept(ctx, list); err != nil {
		return err
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, e := range list {
		if o.waiting[e.Key].ID == e.ID {
			delete(o.waiting, e.Key)
		}
	}
	return nil
}
