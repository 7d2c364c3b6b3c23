package peers

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// syslogNG is where scripts/test-deps unpacks it: Debian installs one syslog daemon.
const syslogNG = "/opt/mainstay-test/syslog-ng"

// Credentials makes a certificate and key for "localhost" in PEM files; it is
// its own authority.
func Credentials(t testing.TB) (certificate, key string) {
	t.Helper()
	d := newDaemon(t, "credentials")
	d.certify()
	return filepath.Join(d.Dir, "cert.pem"), filepath.Join(d.Dir, "key.pem")
}

// StartRsyslog starts a daemon that follows the file in.log of its directory,
// as program shop of local3.warning, and sends it by the given action; global
// are parameters of its global(), preamble are modules and templates that the action needs.
func StartRsyslog(t testing.TB, lines, global, preamble, action string) *Daemon {
	t.Helper()
	d := newDaemon(t, "rsyslog")
	d.write("in.log", lines)
	config := d.write("rsyslog.conf", fmt.Sprintf(`module(load="imfile")
global(workDirectory="$DIR" %s)
input(type="imfile" file="$DIR/in.log" tag="shop:" severity="warning" facility="local3")
%s
*.* %s
`, global, preamble, action))
	d.launch(exec.Command(require(t, "rsyslogd", "rsyslog"), "-n", "-f", config, "-i", filepath.Join(d.Dir, "pid")))
	return d
}

// StartSyslogNG starts a daemon that follows the file in.log of its directory
// and sends each line to the destination, such as network("127.0.0.1" port(514)).
func StartSyslogNG(t testing.TB, lines, destination string) *Daemon {
	t.Helper()
	program := filepath.Join(syslogNG, "usr/sbin/syslog-ng")
	if _, err := os.Stat(program); err != nil {
		t.Fatalf("this test needs %s of the Debian package syslog-ng-core: scripts/test-deps unpacks it", program)
	}
	d := newDaemon(t, "syslog-ng")
	d.write("in.log", lines)
	config := d.write("syslog-ng.conf", fmt.Sprintf(`@version: 3.38
source s { file("$DIR/in.log" follow-freq(0.1) flags(no-parse) program-override("shop") default-facility(local3) default-severity(warning)); };
destination d { %s; };
log { source(s); destination(d); flags(flow-control); };
`, destination))
	cmd := exec.Command(program, "-F", "--no-caps", "-f", config, "-R", filepath.Join(d.Dir, "persist"), "-p", filepath.Join(d.Dir, "pid"),
		"-c", filepath.Join(d.Dir, "control"), "--module-path="+filepath.Join(syslogNG, "usr/lib/syslog-ng/3.38"))
	cmd.Env = append(os.Environ(), "LD_LIBRARY_PATH="+filepath.Join(syslogNG, "usr/lib/syslog-ng"))
	d.launch(cmd)
	return d
}

// Logger runs logger(1).
func Logger(t testing.TB, args ...string) {
	t.Helper()
	if out, err := exec.Command(require(t, "logger", "bsdutils"), args...).CombinedOutput(); err != nil {
		t.Fatalf("logger: %v: %s", err, out)
	}
}

// launch runs a program that listens nowhere until the test ends.
func (d *Daemon) launch(cmd *exec.Cmd) {
	d.t.Helper()
	cmd.Dir = d.Dir
	p, err := start(cmd)
	if err != nil {
		d.t.Fatal(err)
	}
	d.process = p
	d.t.Cleanup(func() {
		d.Stop()
		if d.t.Failed() {
			d.t.Logf("%s: %s", cmd.Path, p.output)
		}
	})
}
