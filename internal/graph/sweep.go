package graph

import (
	"context"
	"errors"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/sqldb"
)

// sweepSize bounds what one transaction of the sweep touches.
const sweepSize = 256

func (c *Component) keepSweeping(ctx context.Context) {
	timer := c.clock.NewTimer(c.cfg.SweepEvery)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C():
			if err := c.Sweep(ctx); err != nil && ctx.Err() == nil {
				c.log.Warn("stale items could not be looked for; tried again later", "error", err)
			}
			timer.Reset(c.cfg.SweepEvery)
		}
	}
}

// Sweep lets lower sources win over those that fell silent, marks items that
// no source sees any more as missing, retires those missing for long, and
// forgets what was too long ago.
func (c *Component) Sweep(ctx context.Context) error {
	for duration, list := range c.classesBy(func(stale, _ time.Duration) time.Duration { return stale }) {
		if err := c.sweepStale(ctx, duration, list); err != nil {
			return err
		}
	}
	for duration, list := range c.classesBy(func(_, retire time.Duration) time.Duration { return retire }) {
		if err := c.sweepMissing(ctx, duration, list); err != nil {
			return err
		}
	}
	return c.forgetPast(ctx)
}

// forgetPast removes what items were before KeepPast.
func (c *Component) forgetPast(ctx context.Context) error {
	if c.cfg.KeepPast == 0 {
		return nil
	}
	const old = "SELECT valid_to, id, valid_from FROM graph_past WHERE valid_to <= $1 LIMIT $2"
	before := core.Micros(c.clock.Now().Add(-c.cfg.KeepPast))
	for {
		var id string
		var from, to int64
		err := c.db.QueryRow(ctx, old, before, 1).Scan(&to, &id, &from) // looks before it takes the writer
		if errors.Is(err, sqldb.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		err = c.db.Write(ctx, func(tx *sqldb.Tx) error {
			_, err := tx.Exec(ctx, "DELETE FROM graph_past WHERE (valid_to, id, valid_from) IN ("+old+")", before, sweepSize)
			return err
		})
		if err != nil {
			return err
		}
	}
}

// classesBy groups the classes by one of their durations.
func (c *Component) classesBy(pick func(stale, retire time.Duration) time.Duration) map[time.Duration][]any {
	out := map[time.Duration][]any{}
	for _, r := range c.Catalogue().Classes() {
		if d := pick(time.Duration(r.StaleAfter), time.Duration(r.RetireAfter)); d > 0 && !r.Abstract {
			out[d] = append(out[d], r.Name)
		}
	}
	return out
}

func (c *Component) sweepStale(ctx context.Context, after time.Duration, list []any) error {
	// What is written down about seeing lags by up to SeenEvery.
	before := core.Micros(c.clock.Now().Add(-after - c.cfg.SeenEvery))
	query := "SELECT source, scope, key FROM graph_observation WHERE NOT stale AND seen_at < $1 AND source NOT IN ('person', 'document') AND class IN (" + sqldb.In(len(list), 2) + ") LIMIT 256"
	scan := func(rows *sqldb.Rows) (w said, err error) { return w, rows.Scan(&w.source, &w.scope, &w.key) }
	return sweep(ctx, c, query, append([]any{before}, list...), scan, func(ch *change, silent []said) error {
		_, err := ch.silence(ctx, silent)
		return err
	})
}

func (c *Component) sweepMissing(ctx context.Context, after time.Duration, list []any) error {
	before := core.Micros(c.clock.Now().Add(-after))
	query := "SELECT id FROM graph_item WHERE missing_at > 0 AND missing_at < $1 AND state = 'missing' AND class IN (" + sqldb.In(len(list), 2) + ") LIMIT 256"
	scan := func(rows *sqldb.Rows) (id string, err error) { return id, rows.Scan(&id) }
	return sweep(ctx, c, query, append([]any{before}, list...), scan, func(ch *change, ids []string) error {
		before, err := records(ctx, ch.tx, ids)
		if err != nil {
			return err
		}
		w := &wardrobe{change: ch, before: before}
		for _, id := range ids {
			next := *before[id]
			next.state = Retired
			w.after = append(w.after, &next)
		}
		return w.write(ctx, "")
	})
}

// sweep runs fn over what a query finds, in bounded transactions, until it finds no more.
func sweep[T any](ctx context.Context, c *Component, query string, args []any, scan func(*sqldb.Rows) (T, error), fn func(ch *change, found []T) error) error {
	for {
		rows, err := c.db.Query(ctx, query, args...) // looks before it takes the writer
		found, err := sqldb.Collect(rows, err, scan)
		if err != nil || len(found) == 0 {
			return err
		}
		err = c.db.Write(ctx, func(tx *sqldb.Tx) error {
			ch, err := c.change(ctx, tx)
			if err != nil {
				return err
			}
			rows, err := tx.Query(ctx, query, args...)
			again, err := sqldb.Collect(rows, err, scan)
			if err != nil {
				return err
			}
			return fn(ch, again)
		})
		if err != nil || len(found) < sweepSize {
			return err
		}
	}
}
