package hooks

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/smtp"
	"strings"
	"testing"
	"time"

	"mainstay/internal/platform/sqldb/sqldbtest"
	"mainstay/test/peers"
)

// TestMailBecomesEvents has Debian's Python send mails over SMTP.
func TestMailBecomesEvents(t *testing.T) {
	t.Parallel()
	cfg := Defaults()
	cfg.Mail.Listen = "127.0.0.1:0"
	w := newWorldWith(t, sqldbtest.SQLite(t), cfg)
	for name, spec := range map[string]SourceSpec{"backup": {Format: formatMail, Mapping: &Mapping{Title: "body.subject.substring(body.subject.indexOf(':') + 2)", Kind: `body.subject.startsWith("OK") ? "clear" : "problem"`,
		Key: "body.headers['x-job']", Severity: `body.subject.startsWith("FAILED") ? "major" : "warning"`, Host: "body.from.split('@')[1]", Description: "body.text"}},
		"plain": {Format: formatMail}, "web": {Format: formatAlertmanager}} {
		raw, err := json.Marshal(spec)
		if err != nil {
			t.Fatal(err)
		}
		if err := w.declare(name, string(raw)); err != nil {
			t.Fatal(err)
		}
	}
	out := peers.RunPython(t, `
import smtplib, sys
from email.message import EmailMessage
port = int(sys.argv[1])
def send(to, subject, text, html=None, **headers):
    m = EmailMessage()
    m["From"], m["To"], m["Subject"] = "Backup <root@db1.example>", to, subject
    for name, value in headers.items():
        m[name.replace("_", "-")] = value
    m.set_content(text)
    if html: m.add_alternative(html, subtype="html")
    m.add_attachment(b"x" * 1000, maintype="application", subtype="octet-stream", filename="log.bin")
    with smtplib.SMTP("127.0.0.1", port) as s:
        s.send_message(m)
send("BACKUP+nightly@mainstay.example", "FAILED: \u00dcbernahme of orders", "disk full \u20ac", html="<p>disk</p>", X_Job="orders")
send("plain@mainstay.example", "a subject", "a text")
for to, subject in [("nobody@elsewhere.example", "relay"), ("web@mainstay.example", "no mail"), ("backup@mainstay.example", "without a key")]:
    try:
        send(to, subject, "x")
        print("taken", to)
    except smtplib.SMTPRecipientsRefused as e:
        print("refused", list(e.recipients.values())[0][0])
    except smtplib.SMTPDataError as e:
        print("refused", e.smtp_code)
with smtplib.SMTP("127.0.0.1", port) as s:
    try:
        s.sendmail("a@b", ["plain@x"], "Subject: large\n\n" + "x" * 5000000)
        print("taken: too large")
    except (smtplib.SMTPDataError, smtplib.SMTPSenderRefused) as e:
        print("refused", e.smtp_code)
`, fmt.Sprint(w.hooks.MailAddress().(*net.TCPAddr).Port))
	if want := "refused 550\nrefused 550\ntaken backup@mainstay.example\nrefused 552\n"; out != want {
		t.Errorf("%s", out)
	}
	for key, want := range map[string]string{"backup:orders": "Übernahme of orders", "plain:a subject": "a subject"} {
		var title string
		if err := w.db.QueryRow(w.ctx, "SELECT title FROM events_alert WHERE alert_key = $1", key).Scan(&title); err != nil || title != want {
			t.Errorf("%s: %q %v", key, title, err)
		}
	}
	list, err := w.hooks.payloads(w.ctx, "plain")
	if err != nil || len(list) == 0 || !strings.Contains(list[len(list)-1].Body, `"name":"log.bin"`) {
		t.Errorf("%+v %v", list, err)
	}
	for _, s := range w.meters.States() {
		if s.Name == "smtp" && (s.Taken != 3 || s.Refused != 2) {
			t.Errorf("%+v", s)
		}
	}
}

// Who is not in the networks and has no token is not listened to.
func TestMailOfStrangersIsRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sqldbtest.SQLite(t))
	certificate, key := peers.Credentials(t)
	for _, secure := range []bool{false, true} {
		cfg := Defaults()
		cfg.Mail.Listen, cfg.Mail.From = "127.0.0.1:0", []string{"192.0.2.0/24"}
		if secure {
			cfg.Mail.Certificate, cfg.Mail.Key = certificate, key
		}
		c, err := New(cfg, w.hooks.deps)
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Start(w.ctx); err != nil {
			t.Fatal(err)
		}
		err = smtp.SendMail(c.MailAddress().String(), nil, "a@b.example", []string{"plain@b.example"}, []byte("Subject: x\r\n\r\nx"))
		if err == nil {
			t.Errorf("taken, TLS %v", secure)
		}
		if err := c.Stop(context.Background()); err != nil {
			t.Error(err)
		}
	}
}

func FuzzMail(f *testing.F) {
	f.Add([]byte("From: a <a@b>\r\nTo: c@d\r\nSubject: =?utf-8?q?=C3=9C?=\r\nDate: Mon, 2 Mar 2026 08:00:00 +0100\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\nContent-Type: text/html\r\n\r\n<p>x</p>\r\n--x--\r\n"))
	f.Add([]byte("Subject: x\n\ny"))
	m, err := newMapper()
	if err != nil {
		f.Fatal(err)
	}
	c := &Component{mapper: m}
	s := &Source{Name: "m", Spec: SourceSpec{Format: formatMail}}
	f.Fuzz(func(t *testing.T, raw []byte) {
		l, err := readMail(raw, "m")
		if err != nil {
			return
		}
		body, err := json.Marshal(l)
		if err != nil {
			t.Fatal(err)
		}
		if strings.ContainsRune(l.Subject+l.Text+l.From, 0) || len(l.Text) > maxMailText {
			t.Fatalf("%+v", l)
		}
		d := &delivery{header: map[string][]string{"Content-Type": {"application/json"}}, body: body, at: time.Unix(1772352000, 0)}
		what, err := decodeMail(t.Context(), c, s, d)
		if err != nil {
			t.Fatal(err)
		}
		s.finish(what.signals, d.at)
	})
}
