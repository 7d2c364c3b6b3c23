package wire

import (
	"context"

	"mainstay/internal/logs/mining"
	"mainstay/internal/platform/logstore"
)

// minedRecords is the store of log records whose writes are mined on the way.
type minedRecords struct {
	*logstore.Store
	tap mining.Writer
}

func (m minedRecords) Write(ctx context.Context, records []logstore.Record) (int, error) {
	return m.tap.Write(ctx, records)
}
