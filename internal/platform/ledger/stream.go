package ledger

import (
	"context"
	"time"
)

// Follow calls fn with every entry behind position after that match accepts,
// in order, until ctx ends or fn fails. A slow fn delays only its own caller:
// what it has not seen is read from the store.
func (l *Ledger) Follow(ctx context.Context, after int64, match func(*Entry) bool, fn func(Entry) error) error {
	for {
		entries, seen, changed, err := l.tail.after(ctx, after, match, 500)
		if err != nil {
			return err
		}
		for _, e := range entries {
			if err := fn(e); err != nil {
				return err
			}
		}
		if seen > after {
			after = seen
			continue
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// KeepFollowing is Follow until ctx ends: when fn fails, or the reading does,
// it says that who could not follow, and goes on a second later with the entry
// that fn has not taken.
func (l *Ledger) KeepFollowing(ctx context.Context, who string, after int64, match func(*Entry) bool, fn func(Entry) error) {
	for ctx.Err() == nil {
		err := l.Follow(ctx, after, match, func(e Entry) error {
			if err := fn(e); err != nil {
				return err
			}
			after = e.Seq
			return nil
		})
		if ctx.Err() != nil {
			return
		}
		l.log.Warn("the ledger cannot be followed; trying again", "by", who, "error", err)
		timer := l.clock.NewTimer(time.Second)
		select {
		case <-ctx.Done():
		case <-timer.C():
		}
		timer.Stop()
	}
}
