package ledger

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/sqldb"
)

const (
	consumerTries   = 8 // failures of one entry before it is set aside
	consumerBackoff = 50 * time.Millisecond
	consumerLongest = 15 * time.Second
	cursorGap       = 2000 // positions without a matching entry before the cursor is written anyway
)

// errFenced says that another process moved the cursor.
var errFenced = errors.New("ledger: the cursor was moved by another process")

// Consumer is one named reader of the ledger.
type Consumer struct {
	ledger *Ledger
	name   string
	types  []string
	batch  int
	handle func(ctx context.Context, entries []Entry) error
	within func(ctx context.Context, tx *sqldb.Tx, entries []Entry) error

	mu     sync.Mutex
	status ConsumerStatus
}

// ConsumerStatus tells how a consumer is doing.
type ConsumerStatus struct {
	Name    string    `json:"name"`
	Seq     int64     `json:"seq"`   // position it has handled
	Error   string    `json:"error"` // of the latest try; empty when it succeeded
	Skipped int64     `json:"skipped"`
	Moved   time.Time `json:"moved"`
}

// Consume registers fn for entries whose type is, or begins with, one of
// types, in batches of up to batch. The cursor moves after fn returns nil: fn
// sees each entry at least once. Call it before Start.
func (l *Ledger) Consume(name string, types []string, batch int, fn func(ctx context.Context, entries []Entry) error) *Consumer {
	return l.register(&Consumer{name: name, types: types, batch: batch, handle: fn})
}

// ConsumeTx is Consume with the cursor moved in the transaction fn writes in.
func (l *Ledger) ConsumeTx(name string, types []string, batch int, fn func(ctx context.Context, tx *sqldb.Tx, entries []Entry) error) *Consumer {
	return l.register(&Consumer{name: name, types: types, batch: batch, within: fn})
}

func (l *Ledger) register(c *Consumer) *Consumer {
	c.ledger = l
	c.batch = max(c.batch, 1)
	c.status.Name = c.name
	l.mu.Lock()
	defer l.mu.Unlock()
	l.consumers = append(l.consumers, c)
	return c
}

// Status tells how the consumer is doing.
func (c *Consumer) Status() ConsumerStatus {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.status
}

// Consumers tells how all consumers are doing.
func (l *Ledger) Consumers() []ConsumerStatus {
	l.mu.Lock()
	defer l.mu.Unlock()
	out := make([]ConsumerStatus, 0, len(l.consumers))
	for _, c := range l.consumers {
		out = append(out, c.Status())
	}
	return out
}

func (c *Consumer) matches(e *Entry) bool {
	for _, t := range c.types {
		if strings.HasPrefix(e.Type, t) {
			return true
		}
	}
	return len(c.types) == 0
}

// run leads whenever this process may, until ctx ends.
func (c *Consumer) run(ctx context.Context) {
	for {
		dropped := c.ledger.leader.wait(ctx)
		if dropped == nil {
			return
		}
		term, end := context.WithCancel(ctx)
		go func() {
			select {
			case <-dropped:
				end()
			case <-term.Done():
			}
		}()
		c.lead(term)
		end()
	}
}

// lead handles entries until ctx ends or the cursor turns out not to be ours.
func (c *Consumer) lead(ctx context.Context) {
	failures := 0
	cursor, saved := int64(-1), int64(0)
	for ctx.Err() == nil {
		var err error
		if cursor < 0 {
			if cursor, err = c.load(ctx); err == nil {
				saved = cursor
			}
		}
		var changed <-chan struct{}
		if err == nil {
			batch := c.batch
			if failures > 0 {
				batch = 1 // find the entry that fails
			}
			var entries []Entry
			var seen int64
			entries, seen, changed, err = c.ledger.tail.after(ctx, cursor, c.matches, batch)
			if seen > cursor {
				changed = nil // there may be more: what is old is read from the store piece by piece
			}
			switch {
			case err != nil:
			case len(entries) > 0:
				if err = c.deliver(ctx, saved, seen, entries); err == nil {
					cursor, saved = seen, seen
				} else if failures+1 >= consumerTries && !sqldb.Unavailable(err) && !errors.Is(err, errFenced) && len(entries) == 1 {
					if err = c.skip(ctx, saved, entries[0], err); err == nil {
						cursor, saved = entries[0].Seq, entries[0].Seq
					}
				}
			case seen-saved > cursorGap:
				if err = c.ledger.db.Write(ctx, func(tx *sqldb.Tx) error { return c.move(ctx, tx, saved, seen) }); err == nil {
					cursor, saved = seen, seen
				}
			default:
				cursor = seen
			}
		}
		c.note(cursor, err)
		if err != nil {
			failures++
			if errors.Is(err, errFenced) {
				cursor = -1
			}
			if ctx.Err() == nil {
				c.ledger.log.Warn("a ledger consumer failed; trying again", "consumer", c.name, "try", failures, "error", err)
			}
			c.sleep(ctx, min(consumerBackoff<<min(failures-1, 10), consumerLongest))
			continue
		}
		failures = 0
		if changed == nil {
			continue
		}
		select {
		case <-ctx.Done():
		case <-changed:
		}
	}
}

func (c *Consumer) sleep(ctx context.Context, d time.Duration) {
	t := c.ledger.clock.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C():
	case <-ctx.Done():
	}
}

func (c *Consumer) note(cursor int64, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.status.Error = ""
	if err != nil {
		c.status.Error = err.Error()
	} else if cursor != c.status.Seq {
		c.status.Seq, c.status.Moved = cursor, c.ledger.clock.Now()
	}
}

func (c *Consumer) load(ctx context.Context) (seq int64, err error) {
	err = c.ledger.db.QueryRow(ctx, "SELECT seq FROM ledger_cursor WHERE consumer = $1", c.name).Scan(&seq)
	if errors.Is(err, sqldb.ErrNoRows) {
		return seq, c.ledger.db.Write(ctx, func(tx *sqldb.Tx) error {
			_, err := tx.Exec(ctx, "INSERT INTO ledger_cursor (consumer, seq, updated) VALUES ($1, 0, $2) ON CONFLICT (consumer) DO NOTHING",
				c.name, core.Micros(c.ledger.clock.Now()))
			return err
		})
	}
	return seq, err
}

// deliver runs the handler and moves the cursor from saved to seen.
func (c *Consumer) deliver(ctx context.Context, saved, seen int64, entries []Entry) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("ledger: consumer %s panicked: %v", c.name, p)
		}
	}()
	if c.within == nil {
		if err := c.handle(ctx, entries); err != nil {
			return err
		}
		ctx = context.WithoutCancel(ctx) // it is handled: a stop need not show it again
	}
	return c.ledger.db.Write(ctx, func(tx *sqldb.Tx) error {
		if err := c.move(ctx, tx, saved, seen); err != nil {
			return err
		}
		if c.within != nil {
			return c.within(ctx, tx, entries)
		}
		return nil
	})
}

// move advances the cursor; it fails when another process did.
func (c *Consumer) move(ctx context.Context, tx *sqldb.Tx, from, to int64) error {
	n, err := sqldb.Affected(tx.Exec(ctx, "UPDATE ledger_cursor SET seq = $3, updated = $4 WHERE consumer = $1 AND seq = $2",
		c.name, from, to, core.Micros(c.ledger.clock.Now())))
	if err == nil && n == 0 {
		return errFenced
	}
	return err
}

func (c *Consumer) skip(ctx context.Context, saved int64, e Entry, cause error) error {
	c.ledger.log.Error("a ledger entry is set aside: its consumer keeps failing", "consumer", c.name, "seq", e.Seq, "type", e.Type, "error", cause)
	c.mu.Lock()
	c.status.Skipped++
	c.mu.Unlock()
	return c.ledger.db.Write(ctx, func(tx *sqldb.Tx) error {
		if err := c.move(ctx, tx, saved, e.Seq); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, "INSERT INTO ledger_skipped (consumer, seq, at, error) VALUES ($1, $2, $3, $4) ON CONFLICT (consumer, seq) DO NOTHING",
			c.name, e.Seq, core.Micros(c.ledger.clock.Now()), cause.Error())
		return err
	})
}
