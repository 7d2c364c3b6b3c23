package peers

import (
	"os"
	"testing"
)

// StartMariaDB starts an empty server with the user root and no password.
func StartMariaDB(t testing.TB) *Daemon {
	t.Helper()
	d := newDaemon(t, "mariadb")
	program, install := require(t, "mariadbd", "mariadb-server"), require(t, "mariadb-install-db", "mariadb-server")
	data := d.mkdir("data")
	var user []string
	if os.Geteuid() == 0 {
		d.run("chown", "mysql", data)
		user = []string{"--user=mysql"}
	}
	// The password's plugin of the first user is named: by default only a socket lets it in.
	d.run(install, append([]string{"--no-defaults", "--datadir=" + data, "--auth-root-authentication-method=normal", "--skip-test-db"}, user...)...)
	d.start("tcp", program, append([]string{"--no-defaults", "--datadir=" + data, "--port=" + portOf(d), "--bind-address=127.0.0.1", "--socket=" + data + "/socket",
		"--pid-file=" + data + "/pid", "--innodb-buffer-pool-size=16M", "--innodb-log-file-size=8M", "--skip-name-resolve=0"}, user...)...)
	return d
}
