package coretest

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"runtime"
	"sync"
	"syscall"
)

// reserved keeps what reserves ports from being collected.
var reserved struct {
	sync.Mutex
	all []net.Listener
}

// FreePort returns a TCP port of 127.0.0.1 that nobody uses. It lies below the
// ports that the kernel gives to listeners on :0 and to outgoing connections
// (32768 and up on Linux), and on Linux no other call gives it as long as this
// process lives: while the test's own server is down, no one else takes it.
func FreePort() (int, error) {
	const lowest, count = 10_000, 22_000
	for range 100 {
		port := lowest + rand.IntN(count)
		if !reserve(port) {
			continue
		}
		// The lock keeps a program that is being started from a copy of the
		// listener: the port is free when this returns.
		syscall.ForkLock.RLock()
		l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err == nil {
			err = l.Close()
		}
		syscall.ForkLock.RUnlock()
		if err == nil {
			return port, nil
		}
	}
	return 0, errors.New("no free port was found")
}

// Shut closes a listener so that connections are refused when it returns. Close
// alone does not: a program that another test is starting holds a copy of every
// descriptor until it runs, and as long as it does the kernel accepts.
func Shut(l net.Listener) error {
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	return l.Close()
}

// reserve takes a port among all processes by an abstract socket named after
// it, which the kernel drops with the process.
func reserve(port int) bool {
	if runtime.GOOS != "linux" {
		return true
	}
	l, err := net.Listen("unix", fmt.Sprintf("@mainstay-test-port-%d", port))
	if err != nil {
		return false
	}
	reserved.Lock()
	defer reserved.Unlock()
	reserved.all = append(reserved.all, l)
	return true
}
