package metricstore

import (
	"context"
	"log/slog"
)

// demoted makes errors warnings: the HTTP API of the engine calls a sender's
// bad input an error.
func demoted(log *slog.Logger) *slog.Logger { return slog.New(demoting{log.Handler()}) }

type demoting struct{ slog.Handler }

func (d demoting) Handle(ctx context.Context, r slog.Record) error {
	r.Level = min(r.Level, slog.LevelWarn)
	return d.Handler.Handle(ctx, r)
}

func (d demoting) WithAttrs(attrs []slog.Attr) slog.Handler {
	return demoting{d.Handler.WithAttrs(attrs)}
}
func (d demoting) WithGroup(name string) slog.Handler { return demoting{d.Handler.WithGroup(name)} }
