package tasks

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/sqldb"
)

// maxClaim bounds how many tasks one statement claims or completes.
const maxClaim = 100

// lane dispatches one queue. Its goroutine alone touches the fields below the line.
type lane struct {
	c       *Component
	queue   string
	limit   int
	grace   time.Duration
	kinds   []string
	wake    chan struct{}
	due     atomic.Int64 // micros of the next delayed task, as far as this process knows
	results chan outcome // holds limit outcomes: handlers never wait

	running  map[string]*execution
	orphans  map[*execution]bool // lost their lease to a later attempt in this process, and have not returned
	pending  []outcome           // not yet written
	hungry   bool                // there may be waiting tasks
	beatAt   time.Time
	lapsed   bool // a lease of someone has ended
	failures int  // rounds in a row that could not be written
}

// poke makes the lane look for work that waits, or that is due at the given time.
func (l *lane) poke(due int64) {
	if due != 0 {
		l.expect(due)
	}
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

// expect lowers the time of the next delayed task.
func (l *lane) expect(due int64) {
	for {
		known := l.due.Load()
		if due >= known || l.due.CompareAndSwap(known, due) {
			return
		}
	}
}

func closed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

// loop runs until stop is closed, then finishes or releases what still runs.
func (l *lane) loop(ctx context.Context, stop <-chan struct{}) {
	l.hungry, l.beatAt = true, l.c.clock.Now().Add(l.c.cfg.Lease/3)
	poll := l.c.clock.NewTimer(l.c.cfg.Poll)
	defer poll.Stop()
	for !closed(stop) {
		l.drain()
		if l.busy() {
			if err := l.round(ctx); err != nil {
				if !l.backOff(err, stop) {
					break
				}
				continue
			}
			l.failures = 0
			if l.busy() {
				continue
			}
		}
		poll.Reset(l.wait())
		select {
		case <-stop:
		case <-l.wake:
			l.hungry = true
		case o := <-l.results:
			l.pending = append(l.pending, o)
		case <-poll.C():
			l.look(ctx)
		}
	}
	l.shutdown(ctx)
}

// wait is how long nothing needs to be done.
func (l *lane) wait() time.Duration {
	d := l.c.cfg.Poll
	if due := l.due.Load(); due != never {
		d = min(d, max(0, core.FromMicros(due).Sub(l.c.clock.Now())))
	}
	return d
}

// busy says whether a round has something to write.
func (l *lane) busy() bool {
	now := l.c.clock.Now()
	return len(l.pending) > 0 || l.lapsed || l.hungry && l.used() < l.limit ||
		core.Micros(now) >= l.due.Load() || len(l.running) > 0 && !now.Before(l.beatAt)
}

func (l *lane) drain() {
	for {
		select {
		case o := <-l.results:
			l.pending = append(l.pending, o)
		case <-l.wake:
			l.hungry = true
		default:
			return
		}
	}
}

// look reads what other processes left or what no wake-up told.
func (l *lane) look(ctx context.Context) {
	l.due.Store(never) // before reading: what is announced meanwhile must not be forgotten
	o, err := peek(ctx, l.c.db, l.queue)
	if err != nil {
		l.c.log.Warn("tasks: cannot look at the queue", "queue", l.queue, "error", err)
		return
	}
	l.hungry = l.hungry || o.waiting
	l.expect(o.due)
	l.lapsed = o.lapse < core.Micros(l.c.clock.Now())
}

// round is one transaction: outcomes, heartbeats, promotions and a claim.
func (l *lane) round(ctx context.Context) error {
	now := l.c.clock.Now()
	free := min(l.limit-l.used()+len(l.pending), maxClaim)
	beat := len(l.running) > 0 && !now.Before(l.beatAt)
	isDue := core.Micros(now) >= l.due.Load()
	var claimed []Task
	var held map[string]int
	err := l.c.db.Write(ctx, func(tx *sqldb.Tx) (err error) {
		if err = l.settle(ctx, tx, now); err != nil {
			return err
		}
		if beat {
			if held, err = extend(ctx, tx, l.c.owner, l.ids(), now.Add(l.c.cfg.Lease)); err != nil {
				return err
			}
		}
		if l.lapsed {
			if _, err = tx.Exec(ctx, reclaim+`queue = $1 AND lease_until < $2`, l.queue, core.Micros(now)); err != nil {
				return err
			}
		}
		if isDue {
			if err = promote(ctx, tx, l.queue, now); err != nil {
				return err
			}
		}
		if free > 0 && (l.hungry || isDue || l.lapsed) {
			claimed, err = claim(ctx, tx, l.queue, l.c.owner, l.kinds, free, now, l.c.cfg.Lease)
		}
		return err
	})
	if err != nil {
		l.abandon(now)
		return err
	}
	for _, o := range l.pending {
		l.forget(o.execution)
	}
	rescheduled := isDue
	for _, o := range l.pending {
		rescheduled = rescheduled || o.verdict != completed || o.execution.task.Key != ""
	}
	l.pending, l.lapsed = l.pending[:0], false
	if free > 0 {
		l.hungry = len(claimed) == free
	}
	if isDue {
		l.due.Store(never)
	}
	if beat {
		l.renew(held, now)
	}
	if rescheduled {
		l.look(ctx)
	}
	for _, t := range claimed {
		l.start(ctx, t, now)
	}
	return nil
}

// settle writes the pending outcomes.
func (l *lane) settle(ctx context.Context, tx *sqldb.Tx, now time.Time) error {
	var done []outcome
	for _, o := range l.pending {
		if o.execution.completed.Load() {
			continue
		}
		t := o.execution.task
		var err error
		switch o.verdict {
		case completed:
			done = append(done, o)
		case snoozed:
			err = putBack(ctx, tx, l.c.owner, o, Delayed, 0, now.Add(o.after))
		case released:
			err = putBack(ctx, tx, l.c.owner, o, Waiting, 0, now)
		case buried:
			err = putBack(ctx, tx, l.c.owner, o, Dead, 1, now)
		case failed:
			state, after := Delayed, o.after
			if t.MaxFailures > 0 && t.Failures+1 >= t.MaxFailures {
				state = Dead
			}
			if after == 0 {
				after = l.c.cfg.backoff(t.Failures+1, l.c.jitter())
			}
			err = putBack(ctx, tx, l.c.owner, o, state, 1, now.Add(after))
		}
		if err != nil {
			return err
		}
	}
	if len(done) == 0 {
		return nil
	}
	_, err := finish(ctx, tx, l.c.owner, done)
	return err
}

// used counts the handlers that have not returned.
func (l *lane) used() int { return len(l.running) + len(l.orphans) }

func (l *lane) forget(e *execution) {
	if l.running[e.task.ID] == e {
		delete(l.running, e.task.ID)
	}
	delete(l.orphans, e)
}

func (l *lane) ids() []string {
	ids := make([]string, 0, len(l.running))
	for id := range l.running {
		ids = append(ids, id)
	}
	return ids
}

// renew notes the leases that were extended and ends the contexts of those
// that belong to someone else by now.
func (l *lane) renew(held map[string]int, now time.Time) {
	l.beatAt = now.Add(l.c.cfg.Lease / 3)
	for id, e := range l.running {
		if held[id] == e.task.Attempt {
			e.leaseUntil = now.Add(l.c.cfg.Lease)
		} else {
			e.cancel(ErrLeaseLost)
		}
	}
}

// abandon ends the contexts of tasks whose lease ran out while the store
// could not be reached: another process may have them.
func (l *lane) abandon(now time.Time) {
	for _, e := range l.running {
		if now.After(e.leaseUntil) {
			e.cancel(ErrLeaseLost)
		}
	}
}

func (l *lane) start(ctx context.Context, t Task, now time.Time) {
	t.Queue = l.queue
	ctx, cancel := context.WithCancelCause(ctx)
	e := &execution{owner: l.c.owner, task: t, cancel: cancel, leaseUntil: now.Add(l.c.cfg.Lease)}
	e.task.execution = e
	if lost := l.running[t.ID]; lost != nil {
		lost.cancel(ErrLeaseLost)
		l.orphans[lost] = true
	}
	l.running[t.ID] = e
	handler := l.c.handlers[t.Kind]
	go func() {
		defer cancel(nil)
		out := e.run(ctx, handler)
		if out.verdict == failed || out.verdict == buried {
			l.c.log.Warn("tasks: attempt failed", slog.Group("task", "id", t.ID, "kind", t.Kind, "attempt", t.Attempt), "error", out.message)
		}
		l.results <- out
	}()
}

// backOff waits after a round that could not be written; false means stop.
func (l *lane) backOff(err error, stop <-chan struct{}) bool {
	l.failures++
	l.c.log.Error("tasks: the store refused a round", "queue", l.queue, "error", err)
	timer := l.c.clock.NewTimer(min(time.Duration(l.failures*l.failures)*50*time.Millisecond, 5*time.Second))
	defer timer.Stop()
	select {
	case <-stop:
		return false
	case <-timer.C():
		return true
	}
}

// shutdown waits for running handlers, first patiently, then with their
// contexts ended, and releases what does not come back.
func (l *lane) shutdown(ctx context.Context) {
	l.await(l.grace)
	for _, e := range l.running {
		e.cancel(ErrStopping)
	}
	l.await(lastCall)
	for _, e := range l.running {
		if !l.reported(e) {
			l.pending = append(l.pending, outcome{execution: e, verdict: released})
		}
	}
	if len(l.pending) == 0 {
		return
	}
	now := l.c.clock.Now()
	if err := l.c.db.Write(ctx, func(tx *sqldb.Tx) error { return l.settle(ctx, tx, now) }); err != nil {
		l.c.log.Error("tasks: leases are left to end by themselves", "queue", l.queue, "count", len(l.pending), "error", err)
	}
}

// lastCall is how long a handler may take to return after its context ended.
const lastCall = 2 * time.Second

func (l *lane) await(d time.Duration) {
	timer := l.c.clock.NewTimer(d)
	defer timer.Stop()
	for {
		l.drain()
		if len(l.pending) >= l.used() {
			return
		}
		select {
		case o := <-l.results:
			l.pending = append(l.pending, o)
		case <-timer.C():
			return
		}
	}
}

func (l *lane) reported(e *execution) bool {
	for _, o := range l.pending {
		if o.execution == e {
			return true
		}
	}
	return false
}
