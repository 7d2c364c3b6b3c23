package wire

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"mainstay/internal/core"
)

// part is something that is started and stopped.
type part struct {
	name  string
	start func(context.Context) error
	stop  func(context.Context) error
}

// startStop is what every component offers.
type startStop interface {
	Start(context.Context) error
	Stop(context.Context) error
}

// lifecycle starts parts in the order they were added and stops those that run
// in reverse.
type lifecycle struct {
	clock   core.Clock
	log     *slog.Logger
	parts   []part
	running int
}

func (l *lifecycle) add(name string, c startStop) {
	l.parts = append(l.parts, part{name, c.Start, c.Stop})
}

func (l *lifecycle) addFunc(name string, start, stop func(context.Context) error) {
	nothing := func(context.Context) error { return nil }
	if start == nil {
		start = nothing
	}
	if stop == nil {
		stop = nothing
	}
	l.parts = append(l.parts, part{name, start, stop})
}

func (l *lifecycle) start(ctx context.Context) error {
	for _, p := range l.parts {
		began := l.clock.Now()
		if err := p.start(ctx); err != nil {
			return fmt.Errorf("start %s: %w", p.name, err)
		}
		l.running++
		if took := l.clock.Now().Sub(began); took > 200*time.Millisecond {
			l.log.Info("a slow start", "part", p.name, "took", took.Round(time.Millisecond))
		}
	}
	return nil
}

// stop stops what runs. A part that takes more than half of the time left is
// left behind, and named.
func (l *lifecycle) stop(ctx context.Context) error {
	var errs error
	for ; l.running > 0; l.running-- {
		p := l.parts[l.running-1]
		if err := p.stopWithin(ctx); err != nil {
			errs = errors.Join(errs, fmt.Errorf("stop %s: %w", p.name, err))
		}
	}
	return errs
}

func (p part) stopWithin(ctx context.Context) error {
	if deadline, bounded := ctx.Deadline(); bounded {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, time.Until(deadline)/2)
		defer cancel()
	}
	done := make(chan error, 1)
	go func() { done <- p.stop(ctx) }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}
