package footprint

import (
	"context"
	"runtime/debug"
	"time"

	"mainstay/internal/core"
)

// settled is how long after the start a process has found its working set.
const settled = 10 * time.Second

// Trim gives memory back to the operating system.
func Trim() error {
	debug.FreeOSMemory()
	return unmapProgram()
}

// TrimLater trims once the process has settled, or not when ctx ends before.
func TrimLater(ctx context.Context, clock core.Clock) error {
	timer := clock.NewTimer(settled)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return nil
	case <-timer.C():
		return Trim()
	}
}
