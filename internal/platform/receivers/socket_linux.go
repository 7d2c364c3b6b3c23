package receivers

import (
	"net"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Enlarge asks for room for what comes while nobody reads; without the
// privilege to have more, the system's bound (net.core.rmem_max) applies.
func Enlarge(conn *net.UDPConn, bytes int) {
	raw, err := conn.SyscallConn()
	if err != nil {
		return
	}
	_ = raw.Control(func(fd uintptr) {
		if unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_RCVBUFFORCE, bytes) != nil {
			_ = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_RCVBUF, bytes)
		}
	})
}

// memInfo is what SO_MEMINFO answers (linux/sock_diag.h, SK_MEMINFO_VARS).
type memInfo [9]uint32

const memInfoDrops = 8 // SK_MEMINFO_DROPS

// Drops is how many datagrams the socket had no room for since it was
// opened.
func Drops(conn *net.UDPConn) (drops uint64, ok bool) {
	raw, err := conn.SyscallConn()
	if err != nil {
		return 0, false
	}
	_ = raw.Control(func(fd uintptr) {
		var info memInfo
		size := uint32(unsafe.Sizeof(info))
		_, _, failed := unix.Syscall6(unix.SYS_GETSOCKOPT, fd, unix.SOL_SOCKET, unix.SO_MEMINFO, uintptr(unsafe.Pointer(&info)), uintptr(unsafe.Pointer(&size)), 0)
		if failed == 0 && size >= uint32(unsafe.Sizeof(info)) {
			drops, ok = uint64(info[memInfoDrops]), true
		}
	})
	return drops, ok
}
