package coretest

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
)

// FreePort returns a TCP port of 127.0.0.1 that nobody uses. It lies below the
// ports that the kernel gives to listeners on :0 and to outgoing connections
// (32768 and up on Linux): while the test's own server is down, no one else is
// given its port.
func FreePort() (int, error) {
	const lowest, count = 10_000, 22_000
	for range 100 {
		port := lowest + rand.IntN(count)
		l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err == nil {
			return port, l.Close()
		}
	}
	return 0, errors.New("no free port was found")
}
