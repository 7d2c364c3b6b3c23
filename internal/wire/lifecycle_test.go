package wire

import (
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	"mainstay/internal/core"
)

// TestAPartThatHangsDoesNotKeepTheOthersFromStopping: the stores are closed
// in order even when something above them is stuck.
func TestAPartThatHangsDoesNotKeepTheOthersFromStopping(t *testing.T) {
	t.Parallel()
	l := lifecycle{clock: core.SystemClock{}, log: slog.New(slog.DiscardHandler)}
	var stopped []string
	good := func(name string) {
		l.addFunc(name, nil, func(ctx context.Context) error {
			if ctx.Err() == nil {
				stopped = append(stopped, name)
			}
			return ctx.Err()
		})
	}
	good("store")
	good("queue")
	l.addFunc("stuck", nil, func(context.Context) error { select {} })
	good("web")
	if err := l.start(t.Context()); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	err := l.stop(ctx)
	if err == nil || !strings.Contains(err.Error(), "stop stuck") || strings.Contains(err.Error(), "stop queue") {
		t.Errorf("the stop says: %v", err)
	}
	if strings.Join(stopped, " ") != "web queue store" {
		t.Errorf("stopped: %v", stopped)
	}
}
