package monitor

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/sqldb"
)

const (
	outboxBatch = 500
	outboxRetry = time.Second
	outboxMost  = 30 * time.Second
)

// outbox hands events over in the order they were decided on, again and again
// until they are accepted. An event may be handed over twice, with the same id.
type outbox struct {
	db    *sqldb.DB
	sink  Events
	clock core.Clock
	log   *slog.Logger
	wake  chan struct{}
}

func (o *outbox) nudge() {
	select {
	case o.wake <- struct{}{}:
	default:
	}
}

func (o *outbox) run(ctx context.Context) {
	pause := outboxRetry
	timer := o.clock.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-o.wake:
		case <-timer.C():
		}
		more, err := o.deliver(ctx)
		switch {
		case err != nil && ctx.Err() == nil:
			o.log.Warn("monitor: events not accepted yet", "error", err)
			pause = min(pause*2, outboxMost)
			timer.Reset(pause)
		case more:
			pause = outboxRetry
			timer.Reset(0)
		default:
			pause = outboxRetry
			timer.Reset(outboxMost)
		}
	}
}

// deliver hands over the oldest events and removes them once accepted.
func (o *outbox) deliver(ctx context.Context) (more bool, err error) {
	rows, err := o.db.Query(ctx, fmt.Sprintf("SELECT id, event FROM monitor_outbox ORDER BY id LIMIT %d", outboxBatch))
	var ids []any
	events, err := sqldb.Collect(rows, err, func(r *sqldb.Rows) (e core.Event, err error) {
		var id, raw string
		if err := r.Scan(&id, &raw); err != nil {
			return e, err
		}
		ids = append(ids, id)
		return e, json.Unmarshal([]byte(raw), &e)
	})
	if err != nil || len(events) == 0 {
		return false, err
	}
	switch err := o.sink.Accept(ctx, events); {
	case core.CodeOf(err) == core.CodeInvalid:
		// One event that nobody can take must not keep the others back.
		if ids, err = o.single(ctx, ids, events); err != nil {
			return false, err
		}
	case err != nil:
		return false, err
	}
	err = o.db.Write(ctx, func(tx *sqldb.Tx) error {
		_, err := tx.Exec(ctx, "DELETE FROM monitor_outbox WHERE id IN ("+sqldb.In(len(ids), 1)+")", ids...)
		return err
	})
	return len(events) == outboxBatch, err
}

// single hands events over one by one and gives up those that are refused for
// good. It returns the ids that are done with.
func (o *outbox) single(ctx context.Context, ids []any, events []core.Event) (done []any, err error) {
	for i, e := range events {
		switch err := o.sink.Accept(ctx, []core.Event{e}); {
		case core.CodeOf(err) == core.CodeInvalid:
			o.log.Error("monitor: an event is refused and given up", "key", e.Key, "title", e.Title, "error", err)
		case err != nil:
			return nil, err
		}
		done = append(done, ids[i])
	}
	return done, nil
}
