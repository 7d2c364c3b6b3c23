package wire

import (
	"context"
	"database/sql"
	"errors"
	"io"
	"log/slog"
	"net"
	"strings"
	"sync"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/sqldb"
)

const (
	outageLook  = 500 * time.Millisecond // between two questions whether the store is back
	outageAfter = 5 * time.Second        // how long after it is back calls may still fail that began before
)

// outage keeps the log readable while PostgreSQL is away. Everything fails
// then, again and again; the log has one line that the store is away, one of
// each part that fails because of it, and one that the store is back.
type outage struct {
	clock core.Clock
	log   *slog.Logger
	ping  func(context.Context) error // nil: nothing is held back

	mu    sync.Mutex
	away  bool
	since time.Time // away since, or back since
	told  map[string]bool
	held  int

	wake chan struct{}
	stop context.CancelFunc
	done sync.WaitGroup
}

func newOutage(clock core.Clock, next slog.Handler) *outage {
	return &outage{clock: clock, log: slog.New(next), wake: make(chan struct{}, 1)}
}

// watch is called before Start, once there is a store.
func (o *outage) watch(db *sqldb.DB) {
	if db.Dialect() == sqldb.PostgreSQL {
		o.ping = db.Ping
	}
}

// Start begins to look whether a store that is away is back.
func (o *outage) Start(context.Context) error {
	ctx, stop := context.WithCancel(context.Background())
	o.stop = stop
	o.done.Go(func() {
		for {
			select {
			case <-ctx.Done():
				return
			case <-o.wake:
				o.await(ctx)
			}
		}
	})
	return nil
}

// Stop ends it.
func (o *outage) Stop(context.Context) error {
	o.stop()
	o.done.Wait()
	return nil
}

// await returns when the store answers.
func (o *outage) await(ctx context.Context) {
	timer := o.clock.NewTimer(outageLook)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C():
		}
		limit, cancel := context.WithTimeout(ctx, outageAfter)
		err := o.ping(limit)
		cancel()
		if err == nil {
			o.back()
			return
		}
		timer.Reset(outageLook)
	}
}

func (o *outage) back() {
	o.mu.Lock()
	now := o.clock.Now()
	lasted, held := now.Sub(o.since), o.held
	o.away, o.since = false, now
	o.mu.Unlock()
	o.log.Info("the operational store answers again", "after", lasted.Round(100*time.Millisecond), "heldBack", held)
}

// admit says whether a record about err is for the log.
func (o *outage) admit(part string, err error) bool {
	o.mu.Lock()
	now := o.clock.Now()
	switch {
	case o.ping == nil || !o.away && !sqldb.Unavailable(err):
		o.mu.Unlock()
		return true
	case o.away && !consequence(err):
		o.mu.Unlock()
		return true
	case !o.away && !o.since.IsZero() && now.Sub(o.since) < outageAfter:
		o.mu.Unlock()
		return false
	}
	begins := !o.away
	if begins {
		o.away, o.since, o.told, o.held = true, now, map[string]bool{}, 0
	}
	first := !o.told[part]
	o.told[part] = true
	if !first {
		o.held++
	}
	o.mu.Unlock()
	if begins {
		o.log.Warn("the operational store does not answer; each part says once what it cannot do", "error", err)
		select {
		case o.wake <- struct{}{}:
		default:
		}
	}
	return first
}

// consequence says that err may be there because the store is away.
func consequence(err error) bool {
	var network net.Error
	return sqldb.Unavailable(err) || errors.As(err, &network) || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, sql.ErrConnDone) ||
		errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || core.CodeOf(err) == core.CodeUnavailable
}

// handler is next without what an outage repeats.
func (o *outage) handler(next slog.Handler) slog.Handler {
	return &outageHandler{Handler: next, outage: o}
}

type outageHandler struct {
	slog.Handler
	outage *outage
	part   string // the component that logs
}

func (h *outageHandler) Handle(ctx context.Context, r slog.Record) error {
	part, cause := h.part, error(nil)
	r.Attrs(func(a slog.Attr) bool {
		if err, ok := a.Value.Any().(error); ok {
			cause = err
		}
		return cause == nil
	})
	if part == "" {
		part, _, _ = strings.Cut(r.Message, ":")
	}
	if cause != nil && !h.outage.admit(part, cause) {
		return nil
	}
	return h.Handler.Handle(ctx, r)
}

func (h *outageHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	part := h.part
	for _, a := range attrs {
		if a.Key == "component" {
			part = a.Value.String()
		}
	}
	return &outageHandler{h.Handler.WithAttrs(attrs), h.outage, part}
}

func (h *outageHandler) WithGroup(name string) slog.Handler {
	return &outageHandler{h.Handler.WithGroup(name), h.outage, h.part}
}
