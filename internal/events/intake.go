package events

import (
	"context"
	"errors"
	"sync"

	"mainstay/internal/core"
	"mainstay/internal/platform/sqldb"
)

// submission is what one caller wants to have stored.
type submission struct {
	observations []*observation
	results      []Effect
	done         chan error
}

// intake gathers the submissions of concurrent callers into transactions: the
// cost of a commit is shared by all that wait for it. At most capacity events
// wait; further callers wait for room until their context ends.
type intake struct {
	store func(ctx context.Context, batch []*submission) error
	most  int // events in one transaction

	mu       sync.Mutex
	waiting  []*submission
	held     int // events waiting or being written
	capacity int
	room     chan struct{}
	work     chan struct{}
	closed   bool
}

func newIntake(cfg IntakeConfiguration, store func(ctx context.Context, batch []*submission) error) *intake {
	return &intake{store: store, most: cfg.Batch, capacity: cfg.Queue, room: make(chan struct{}), work: make(chan struct{}, 1)}
}

// submit returns when the observations are durable.
func (in *intake) submit(ctx context.Context, s *submission) error {
	if err := in.enter(ctx, s); err != nil {
		return err
	}
	select {
	case err := <-s.done:
		return err
	case <-ctx.Done():
		// What is queued will be written all the same; the caller just cannot know.
		return core.Errorf(core.CodeUnavailable, "the events were not stored in time")
	}
}

func (in *intake) enter(ctx context.Context, s *submission) error {
	weight := len(s.observations)
	in.mu.Lock()
	for {
		if in.closed {
			in.mu.Unlock()
			return core.Errorf(core.CodeUnavailable, "the server is stopping")
		}
		// One that is larger than the queue may enter an empty one.
		if in.held == 0 || in.held+weight <= in.capacity {
			break
		}
		room := in.room
		in.mu.Unlock()
		select {
		case <-room:
		case <-ctx.Done():
			return core.Errorf(core.CodeTooMany, "the event queue is full; try again later")
		}
		in.mu.Lock()
	}
	in.held += weight
	in.waiting = append(in.waiting, s)
	in.mu.Unlock()
	select {
	case in.work <- struct{}{}:
	default:
	}
	return nil
}

// take removes the next submissions, up to one transaction's worth.
func (in *intake) take() []*submission {
	in.mu.Lock()
	defer in.mu.Unlock()
	n, events := 0, 0
	for n < len(in.waiting) && (n == 0 || events+len(in.waiting[n].observations) <= in.most) {
		events += len(in.waiting[n].observations)
		n++
	}
	batch := in.waiting[:n:n]
	in.waiting = in.waiting[n:]
	return batch
}

func (in *intake) release(batch []*submission) {
	in.mu.Lock()
	defer in.mu.Unlock()
	for _, s := range batch {
		in.held -= len(s.observations)
	}
	close(in.room)
	in.room = make(chan struct{})
}

// run writes until ctx ends, then what still waits.
func (in *intake) run(ctx context.Context) {
	for {
		batch := in.take()
		if len(batch) == 0 {
			select {
			case <-in.work:
			case <-ctx.Done():
				in.close()
				for batch := in.take(); len(batch) > 0; batch = in.take() {
					in.write(context.WithoutCancel(ctx), batch)
				}
				return
			}
			continue
		}
		in.write(context.WithoutCancel(ctx), batch)
	}
}

func (in *intake) close() {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.closed = true
	close(in.room)
	in.room = make(chan struct{})
}

// write stores a batch. A failure that is not the store's own is one
// submission's fault: each is then tried alone.
func (in *intake) write(ctx context.Context, batch []*submission) {
	defer in.release(batch)
	err := in.store(ctx, batch)
	alone := err != nil && len(batch) > 1 && !sqldb.Unavailable(err)
	for _, s := range batch {
		if alone {
			err = in.store(ctx, []*submission{s})
		}
		s.done <- outcome(err)
	}
}

func outcome(err error) error {
	var coded *core.Error
	if err == nil || errors.As(err, &coded) {
		return err
	}
	return &core.Error{Code: core.CodeUnavailable, Message: "the events could not be stored; try again", Cause: err}
}
