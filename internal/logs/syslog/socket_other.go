//go:build !linux

package syslog

import "net"

func enlarge(conn *net.UDPConn, bytes int) { _ = conn.SetReadBuffer(bytes) }

// socketDrops is not told by this system.
func socketDrops(*net.UDPConn) (uint64, bool) { return 0, false }
