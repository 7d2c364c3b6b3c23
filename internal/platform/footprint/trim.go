package footprint

import (
	"context"
	"runtime/debug"
	"time"

	"mainstay/internal/core"
)

// settled is how long after the start a process has found its working set.
const settled = 10 * time.Second

// Loosen makes the program's file take little memory from here on. A file that
// was just written, by a linker or a copy, lies in the page cache in pieces of
// up to 2 MB, and since Linux 6.18 a fault maps all of the piece that it hits.
// A process calls it before it starts others of the same program.
func Loosen() error { return loosenProgram() }

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
