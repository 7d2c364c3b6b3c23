//go:build !linux

package receivers

import "net"

// Enlarge asks for room for what comes while nobody reads.
func Enlarge(conn *net.UDPConn, bytes int) { _ = conn.SetReadBuffer(bytes) }

// Drops is not told by this system.
func Drops(*net.UDPConn) (uint64, bool) { return 0, false }
