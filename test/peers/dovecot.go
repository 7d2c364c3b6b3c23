package peers

import (
	"fmt"
	"testing"
)

// StartDovecot starts a mailbox server: IMAP with STARTTLS on Port, and POP3 on the port returned.
func StartDovecot(t testing.TB) (d *Daemon, pop3 int) {
	t.Helper()
	d = newDaemon(t, "dovecot")
	program := require(t, "dovecot", "dovecot-imapd")
	require(t, "/usr/lib/dovecot/pop3", "dovecot-pop3d")
	d.certify()
	pop3 = FreePort(t)
	off := func(name string) string { return "  inet_listener " + name + " {\n    port = 0\n  }\n" }
	on := func(name string, port int) string {
		return fmt.Sprintf("  inet_listener %s {\n    port = %d\n  }\n", name, port)
	}
	config := d.write("dovecot.conf", `base_dir = $DIR/run
log_path = /dev/stderr
protocols = imap pop3
listen = 127.0.0.1
ssl = yes
ssl_cert = <$DIR/cert.pem
ssl_key = <$DIR/key.pem
default_internal_user = root
default_internal_group = root
default_login_user = nobody
service anvil {
  chroot =
}
service imap-login {
  chroot =
`+on("imap", d.Port)+off("imaps")+`}
service pop3-login {
  chroot =
`+on("pop3", pop3)+off("pop3s")+`}
passdb {
  driver = static
  args = password=x
}
userdb {
  driver = static
  args = uid=65534 gid=65534 home=$DIR
}
`)
	d.start("tcp", program, "-F", "-c", config)
	return d, pop3
}
