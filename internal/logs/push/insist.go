package push

import (
	"context"
	"time"

	"mainstay/internal/platform/receivers"
)

// closeLimit is for storing what has been read when Mainstay stops.
const closeLimit = 2 * time.Second

// insist stores entries and returns when they are durable, or ctx ends.
func (c *Component) insist(ctx context.Context, m *receivers.Meter, entries []entry, size int, came time.Time) error {
	records := c.records(ctx, entries, came)
	return c.insistence.Store(ctx, m, len(records), size, came, func(ctx context.Context) (int, error) { return c.deps.Logs.Write(ctx, records) })
}
