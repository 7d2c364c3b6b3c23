package logs

import (
	"context"
	"log/slog"
	"os"
	"sync/atomic"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/logstore"
)

// Self takes Mainstay's own log. Records wait in a bounded queue until the
// store takes them; one that finds it full is dropped and counted: logging
// never waits. Records made before Start wait too.
type Self struct {
	queue   chan logstore.Record
	host    string
	dropped atomic.Int64
}

// NewSelf keeps up to capacity records that the store has not taken.
func NewSelf(capacity int) *Self {
	host, _ := os.Hostname()
	return &Self{queue: make(chan logstore.Record, capacity), host: host}
}

// Dropped is how many records were lost since the start.
func (s *Self) Dropped() int64 { return s.dropped.Load() }

// Handler hands every record to next, and a copy to the store.
func (s *Self) Handler(next slog.Handler) slog.Handler { return &handler{self: s, next: next} }

type handler struct {
	self   *Self
	next   slog.Handler
	prefix string
	fields []logstore.Field
}

func (h *handler) Enabled(ctx context.Context, level slog.Level) bool {
	return h.next.Enabled(ctx, level)
}

func (h *handler) Handle(ctx context.Context, r slog.Record) error {
	record := logstore.Record{Time: r.Time, Message: r.Message, App: "mainstay", Host: h.self.host, Level: levelName(r.Level), Fields: h.fields[:len(h.fields):len(h.fields)]}
	r.Attrs(func(a slog.Attr) bool {
		record.Fields = appendAttr(record.Fields, h.prefix, a)
		return true
	})
	select {
	case h.self.queue <- record:
	default:
		h.self.dropped.Add(1)
	}
	return h.next.Handle(ctx, r)
}

func (h *handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	out := *h
	out.next = h.next.WithAttrs(attrs)
	out.fields = h.fields[:len(h.fields):len(h.fields)]
	for _, a := range attrs {
		out.fields = appendAttr(out.fields, h.prefix, a)
	}
	return &out
}

func (h *handler) WithGroup(name string) slog.Handler {
	out := *h
	out.next = h.next.WithGroup(name)
	if name != "" {
		out.prefix += name + "."
	}
	return &out
}

// appendAttr flattens groups: a.b.c.
func appendAttr(fields []logstore.Field, prefix string, a slog.Attr) []logstore.Field {
	v := a.Value.Resolve()
	if v.Kind() == slog.KindGroup {
		if a.Key != "" {
			prefix += a.Key + "."
		}
		for _, member := range v.Group() {
			fields = appendAttr(fields, prefix, member)
		}
		return fields
	}
	if a.Key == "" {
		return fields
	}
	return append(fields, logstore.Field{Name: prefix + a.Key, Value: v.String()})
}

func levelName(l slog.Level) string {
	switch {
	case l < slog.LevelInfo:
		return "debug"
	case l < slog.LevelWarn:
		return "info"
	case l < slog.LevelError:
		return "warn"
	}
	return "error"
}

const (
	selfBatch = 500
	selfEvery = time.Second
)

// drain writes batches until ctx ends, and then what is left.
func (s *Self) drain(ctx context.Context, clock core.Clock, store Writer) {
	var told int64
	for {
		timer := clock.NewTimer(selfEvery)
		select {
		case <-timer.C():
		case <-ctx.Done():
			timer.Stop()
			s.flush(store)
			return
		}
		s.flush(store)
		if lost := s.dropped.Load(); lost > told {
			record := logstore.Record{Time: clock.Now(), Message: "own log records were dropped", App: "mainstay", Host: s.host, Level: "warn"}
			record.Fields = []logstore.Field{{Name: "dropped", Value: slog.Int64Value(lost - told).String()}}
			if _, err := store.Write(ctx, []logstore.Record{record}); err == nil {
				told = lost
			}
		}
	}
}

// flush writes what waits; what the store does not take is counted as dropped.
func (s *Self) flush(store Writer) {
	for {
		batch := make([]logstore.Record, 0, selfBatch)
		for len(batch) < selfBatch {
			select {
			case r := <-s.queue:
				batch = append(batch, r)
				continue
			default:
			}
			break
		}
		if len(batch) == 0 {
			return
		}
		if refused, err := store.Write(context.Background(), batch); err != nil {
			s.dropped.Add(int64(len(batch)))
		} else {
			s.dropped.Add(int64(refused))
		}
	}
}
