package ledger

import "context"

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
