package peers

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// StartDovecot starts a mailbox server: IMAP with STARTTLS on Port, and POP3 on the port returned.
func StartDovecot(t testing.TB) (d *Daemon, pop3 int) {
	t.Helper()
	d = newDaemon(t, "dovecot")
	require(t, "/usr/lib/dovecot/pop3", "dovecot-pop3d")
	pop3 = FreePort(t)
	d.dovecot("imap pop3", 0, `service pop3-login {
  chroot =
`+inetListener("pop3", pop3)+inetListener("pop3s", 0)+`}
`)
	return d, pop3
}

// Mailboxes is a server of mailboxes: IMAP with STARTTLS on Port and over TLS on Secure, for any user
// with the password x.
type Mailboxes struct {
	*Daemon
	Secure  int
	arrived int
}

// mailUser owns the mails: nobody.
const mailUser = 65534

// StartMailboxes starts Dovecot. Without are capabilities that it does not offer, such as IDLE.
func StartMailboxes(t testing.TB, without ...string) *Mailboxes {
	t.Helper()
	m := &Mailboxes{Daemon: newDaemon(t, "mailboxes"), Secure: FreePort(t)}
	if err := os.Chown(m.mkdir("mail"), mailUser, mailUser); err != nil {
		t.Fatal(err)
	}
	more := "mail_location = maildir:$DIR/mail/%u\n"
	if len(without) > 0 {
		offered := "IMAP4rev1 SASL-IR LITERAL+ IDLE UIDPLUS MOVE"
		for _, name := range without {
			offered = strings.Replace(offered, " "+name, "", 1)
		}
		more += "protocol imap {\n  imap_capability = " + offered + "\n}\n"
	}
	m.dovecot("imap", m.Secure, more)
	return m
}

// Deliver puts a mail into a user's folder, "" for the INBOX, as a mail server does.
func (m *Mailboxes) Deliver(user, folder, mail string) {
	m.t.Helper()
	dir := filepath.Join(m.Dir, "mail", user)
	if folder != "" {
		dir = filepath.Join(dir, "."+folder)
	}
	m.arrived++
	name := fmt.Sprintf("%d.M%dP1.test", 1_770_000_000+m.arrived, m.arrived)
	for _, part := range []string{"tmp", "new", "cur"} {
		if err := os.MkdirAll(filepath.Join(dir, part), 0o700); err != nil {
			m.t.Fatal(err)
		}
		if err := os.Chown(filepath.Join(dir, part), mailUser, mailUser); err != nil {
			m.t.Fatal(err)
		}
	}
	for _, path := range []string{filepath.Join(m.Dir, "mail", user), dir} {
		if err := os.Chown(path, mailUser, mailUser); err != nil {
			m.t.Fatal(err)
		}
	}
	waiting := filepath.Join(dir, "tmp", name)
	if err := os.WriteFile(waiting, []byte(mail), 0o600); err != nil {
		m.t.Fatal(err)
	}
	if err := os.Chown(waiting, mailUser, mailUser); err != nil {
		m.t.Fatal(err)
	}
	if err := os.Rename(waiting, filepath.Join(dir, "new", name)); err != nil {
		m.t.Fatal(err)
	}
}

// Seen and Unseen count the mails of a user's folder that somebody read, and those that nobody did.
func (m *Mailboxes) Seen(user, folder string) (seen, unseen int) {
	m.t.Helper()
	dir := filepath.Join(m.Dir, "mail", user)
	if folder != "" {
		dir = filepath.Join(dir, "."+folder)
	}
	for _, part := range []string{"new", "cur"} {
		entries, err := os.ReadDir(filepath.Join(dir, part))
		if err != nil && !os.IsNotExist(err) {
			m.t.Fatal(err)
		}
		for _, e := range entries {
			if _, flags, _ := strings.Cut(e.Name(), ":2,"); strings.Contains(flags, "S") {
				seen++
			} else {
				unseen++
			}
		}
	}
	return seen, unseen
}

func inetListener(name string, port int) string {
	return fmt.Sprintf("  inet_listener %s {\n    port = %d\n  }\n", name, port)
}

// dovecot starts it for the protocols, with imaps at a port unless that is 0.
func (d *Daemon) dovecot(protocols string, secure int, more string) {
	d.t.Helper()
	program := require(d.t, "dovecot", "dovecot-imapd")
	d.certify()
	config := d.write("dovecot.conf", `base_dir = $DIR/run
log_path = /dev/stderr
protocols = `+protocols+`
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
`+inetListener("imap", d.Port)+inetListener("imaps", secure)+`}
passdb {
  driver = static
  args = password=x
}
userdb {
  driver = static
  args = uid=65534 gid=65534 home=$DIR
}
`+more)
	d.start("tcp", program, "-F", "-c", config)
}
