package peers

import "testing"

// StartChrony starts a time server that tells this machine's own time at stratum 8, and
// never changes a clock.
func StartChrony(t testing.TB) *Daemon {
	t.Helper()
	d := newDaemon(t, "chrony")
	config := d.write("chrony.conf", "port $PORT\nbindaddress 127.0.0.1\nallow 127.0.0.1\nlocal stratum 8\ncmdport 0\nbindcmdaddress /\npidfile $DIR/pid\n")
	d.start("udp", require(t, "chronyd", "chrony"), "-d", "-x", "-U", "-f", config)
	return d
}
