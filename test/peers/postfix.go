package peers

import (
	"io/fs"
	"os/exec"
	"path/filepath"
	"testing"
)

// StartPostfix starts a mail server that offers STARTTLS and delivers nothing. It has to be started by root.
func StartPostfix(t testing.TB) *Daemon {
	t.Helper()
	d := newDaemon(t, "postfix")
	control, program := require(t, "postfix", "postfix"), require(t, "/usr/lib/postfix/sbin/master", "postfix")
	d.certify()
	d.mkdir("spool")
	d.run("chown", "postfix", d.mkdir("data"))
	main := d.write("main.cf", `compatibility_level = 3.6
queue_directory = $DIR/spool
data_directory = $DIR/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
mail_owner = postfix
setgid_group = postdrop
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
smtpd_peername_lookup = no
myhostname = mail.example.test
maillog_file = /dev/stdout
maillog_file_prefixes = /dev
smtpd_tls_cert_file = $DIR/cert.pem
smtpd_tls_key_file = $DIR/key.pem
smtpd_tls_security_level = may
`)
	d.write("master.cf", `127.0.0.1:$PORT inet n - n - - smtpd
postlog unix-dgram n - n - 1 postlogd
cleanup unix n - n - 0 cleanup
rewrite unix - - n - - trivial-rewrite
tlsmgr unix - - n 1000? 1 tlsmgr
anvil unix - - n - 1 anvil
proxymap unix - - n - - proxymap
bounce unix - - n - 0 bounce
`)
	d.run(control, "-c", filepath.Dir(main), "check") // makes what is missing in the spool
	// Not through the control program: that would leave the server behind when it is stopped.
	d.start("tcp", program, "-c", filepath.Dir(main), "-d")
	return d
}

// Queued are the mails that a Postfix took and keeps, with what it knows of them.
func Queued(t testing.TB, d *Daemon) (mails []string) {
	t.Helper()
	program := require(t, "postcat", "postfix")
	for _, queue := range []string{"incoming", "active", "deferred"} {
		err := filepath.WalkDir(filepath.Join(d.Dir, "spool", queue), func(path string, e fs.DirEntry, err error) error {
			if err != nil || !e.Type().IsRegular() {
				return err
			}
			if info, err := e.Info(); err != nil || info.Mode().Perm() != 0o700 { // it is still being written
				return err
			}
			out, err := exec.Command(program, "-c", d.Dir, path).CombinedOutput()
			mails = append(mails, string(out))
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return mails
}
