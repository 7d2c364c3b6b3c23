package peers

import (
	"os"
	"strings"
	"testing"
)

// StartSSHD starts an SSH server that lets nobody in, and returns the fingerprint of its key, too.
func StartSSHD(t testing.TB) (d *Daemon, fingerprint string) {
	t.Helper()
	d = newDaemon(t, "sshd")
	program, keygen := require(t, "sshd", "openssh-server"), require(t, "ssh-keygen", "openssh-client")
	if os.Geteuid() == 0 {
		if err := os.MkdirAll("/run/sshd", 0o755); err != nil { // where it confines who is not yet known
			t.Fatal(err)
		}
	}
	d.run(keygen, "-q", "-t", "ed25519", "-N", "", "-f", "key")
	config := d.write("sshd.conf", "Port $PORT\nListenAddress 127.0.0.1\nHostKey $DIR/key\nPidFile none\nUsePAM no\n")
	d.start("tcp", program, "-D", "-e", "-f", config)
	return d, strings.Fields(d.run(keygen, "-l", "-f", "key.pub"))[1]
}
