//go:build !linux

package resident

import "runtime/debug"

// Trim gives back free heap.
func Trim() error {
	debug.FreeOSMemory()
	return nil
}
