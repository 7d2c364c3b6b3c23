package hooks

import (
	"fmt"
	"net"
	"strings"
	"testing"

	"mainstay/internal/platform/sqldb/sqldbtest"
	"mainstay/test/peers"
)

// TestMailWithATokenIsTaken has Debian's Python, from where nobody may send
// without, log in with an API token: within TLS, which it verifies, and only there.
func TestMailWithATokenIsTaken(t *testing.T) {
	t.Parallel()
	cfg := Defaults()
	cfg.Mail.Listen, cfg.Mail.From = "127.0.0.1:0", []string{"192.0.2.0/24"}
	cfg.Mail.Certificate, cfg.Mail.Key = peers.Credentials(t)
	w := newWorldWith(t, sqldbtest.SQLite(t), cfg)
	if err := w.declare("plain", `{"format":"mail"}`); err != nil {
		t.Fatal(err)
	}
	out := peers.RunPython(t, `
import smtplib, ssl, sys
port, certificate = int(sys.argv[1]), sys.argv[2]
def attempt(name, tls, password):
    with smtplib.SMTP("localhost", port) as s:
        s.ehlo()
        if tls:
            s.starttls(context=ssl.create_default_context(cafile=certificate))
            s.ehlo()
        try:
            if password: s.login("anything", password)
            s.sendmail("a@b.example", ["plain@b.example"], "Subject: " + name + "\n\nx")
            print(name, "taken")
        except smtplib.SMTPNotSupportedError:
            print(name, "not offered")
        except smtplib.SMTPAuthenticationError as e:
            print(name, "refused", e.smtp_code)
        except smtplib.SMTPSenderRefused as e:
            print(name, "refused", e.smtp_code)
attempt("in the clear", False, "good")
attempt("another token", True, "bad")
attempt("no token", True, None)
attempt("a token", True, "good")
`, fmt.Sprint(w.hooks.MailAddress().(*net.TCPAddr).Port), cfg.Mail.Certificate)
	if want := "in the clear not offered\nanother token refused 535\nno token refused 530\na token taken\n"; out != want {
		t.Errorf("%s", out)
	}
	var alerts int
	var title string
	if err := w.db.QueryRow(w.ctx, "SELECT count(*), max(title) FROM events_alert").Scan(&alerts, &title); err != nil || alerts != 1 || title != "a token" {
		t.Errorf("%d alerts, %q, %v", alerts, title, err)
	}
	for _, s := range w.meters.States() {
		if s.Name == "smtp" && (s.Taken != 1 || s.Refused == 0 || !strings.Contains(s.Trouble, "127.0.0.1")) {
			t.Errorf("%+v", s)
		}
	}
}
