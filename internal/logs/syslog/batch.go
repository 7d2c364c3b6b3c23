package syslog

import (
	"context"
	"time"

	"mainstay/internal/platform/receivers"
)

// store writes the batch and returns when it is durable, or ctx ends; which it
// is, it says.
func (c *Component) store(ctx context.Context, m *receivers.Meter, convert *converter, batch []raw, size int, came time.Time) bool {
	records := convert.convert(ctx, batch, came)
	return c.insistence.Store(ctx, m, len(records), size, came, func(ctx context.Context) (int, error) { return c.deps.Logs.Write(ctx, records) }) == nil
}

func (c *Component) converter(transport string) *converter {
	return &converter{parser: Parser{Zone: c.zone}, items: c.items, transport: transport, keeps: c.deps.Keeps}
}
