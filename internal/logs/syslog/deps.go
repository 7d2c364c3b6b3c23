package syslog

import (
	"context"
	"log/slog"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/logstore"
	"mainstay/internal/platform/receivers"
)

// Dependencies are what the component is built from.
type Dependencies struct {
	Logs      Store
	Items     Items
	Keeps     time.Duration // the store's retention; an older record is kept as of now
	Receivers *receivers.Registry
	Clock     core.Clock
	Log       *slog.Logger
}

// Store takes records; they are durable when it returns nil.
type Store interface {
	Write(ctx context.Context, records []logstore.Record) (refused int, err error)
}

// Items finds the item of a sender by attributes of OpenTelemetry's resource
// (host.name, host.ip); "" when there is none.
type Items interface {
	ItemOf(ctx context.Context, attributes map[string]string) string
}
