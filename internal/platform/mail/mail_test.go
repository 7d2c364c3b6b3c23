package mail_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"log/slog"
	"net"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"mainstay/internal/core"
	"mainstay/internal/platform/mail"
	"mainstay/internal/platform/sqldb"
	"mainstay/internal/platform/sqldb/sqldbtest"
	"mainstay/internal/platform/tasks"
)

func TestMain(m *testing.M) { sqldbtest.Main(m) }

// server is an SMTP server that refuses some recipients.
type server struct {
	mu     sync.Mutex
	refuse map[string]*smtp.SMTPError
	tries  map[string]int
	got    chan string
}

func (s *server) NewSession(*smtp.Conn) (smtp.Session, error) { return &session{s}, nil }

type session struct{ *server }

func (s *session) Reset()                               {}
func (s *session) Logout() error                        { return nil }
func (s *session) Mail(string, *smtp.MailOptions) error { return nil }
func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tries[to]++
	if err := s.refuse[to]; err != nil && (err.Code >= 500 || s.tries[to] == 1) {
		return err
	}
	return nil
}
func (s *session) Data(r io.Reader) error {
	text, err := io.ReadAll(r)
	s.got <- string(text)
	return err
}

// world is a queue, a mail component and a server it speaks to.
type world struct {
	db     *sqldb.DB
	server *server
	mail   *mail.Component
	tasks  *tasks.Component
}

func newWorld(t *testing.T, db *sqldb.DB, security string) *world {
	t.Helper()
	if err := sqldb.Migrate(t.Context(), db, "tasks", tasks.Migrations()); err != nil {
		t.Fatal(err)
	}
	w := &world{db: db, server: &server{refuse: map[string]*smtp.SMTPError{}, tries: map[string]int{}, got: make(chan string, 10)}}
	certified := httptest.NewTLSServer(nil) // for its certificate of example.com
	t.Cleanup(certified.Close)
	roots := x509.NewCertPool()
	roots.AddCert(certified.Certificate())
	backend := smtp.NewServer(w.server)
	backend.Domain, backend.AllowInsecureAuth = "localhost", true
	backend.TLSConfig = &tls.Config{Certificates: certified.TLS.Certificates}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if security == mail.TLS {
		listener = tls.NewListener(listener, backend.TLSConfig)
	}
	go backend.Serve(listener)
	t.Cleanup(func() { backend.Close() })

	clock := core.SystemClock{}
	ids := core.NewIDs(clock, nil)
	cfg := tasks.Defaults()
	cfg.BackoffBase, cfg.Poll = 10*time.Millisecond, 20*time.Millisecond
	w.tasks, err = tasks.New(cfg, tasks.Dependencies{DB: db, Clock: clock, IDs: ids, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	to := mail.Defaults()
	to.Host, to.Port, to.Security, to.From = "127.0.0.1", listener.Addr().(*net.TCPAddr).Port, security, "Mainstay <mainstay@example.org>"
	w.mail, err = mail.New(to, mail.Dependencies{Tasks: w.tasks, IDs: ids, Log: slog.New(slog.DiscardHandler), TLS: &tls.Config{RootCAs: roots, ServerName: "example.com"}})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.tasks.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.tasks.Stop(context.Background()) })
	return w
}

func (w *world) send(t *testing.T, messages ...mail.Message) {
	t.Helper()
	if err := w.db.Write(t.Context(), func(tx *sqldb.Tx) error { return w.mail.Send(t.Context(), tx, messages...) }); err != nil {
		t.Fatal(err)
	}
}

func (w *world) next(t *testing.T) string {
	t.Helper()
	select {
	case text := <-w.server.got:
		return text
	case <-time.After(20 * time.Second):
		t.Fatal("no mail came")
		return ""
	}
}

func TestMailReachesARealServer(t *testing.T) {
	t.Parallel()
	for _, security := range []string{mail.Plain, mail.StartTLS, mail.TLS} {
		t.Run(security, func(t *testing.T) {
			t.Parallel()
			sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
				w := newWorld(t, db, security)
				w.send(t, mail.Message{ID: "one", To: "ada@example.org", Subject: "Störung\r\nBcc: eve@example.org", Text: "Grüße\n", Unsubscribe: "https://status.example.org/u"})
				got := w.next(t)
				for _, line := range []string{"From: \"Mainstay\" <mainstay@example.org>", "To: <ada@example.org>", "Message-ID: <one@example.org>", "List-Unsubscribe: <https://status.example.org/u>",
					"List-Unsubscribe-Post: List-Unsubscribe=One-Click", "Auto-Submitted: auto-generated", "Subject: =?UTF-8?"} {
					if !strings.Contains(got, line) {
						t.Errorf("there is no %q in\n%s", line, got)
					}
				}
				if strings.Contains(got, "\nBcc:") {
					t.Error("the subject made a header")
				}
			})
		})
	}
}

func TestWhatIsRefusedForNowIsTriedAgainAndForGoodIsNot(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sqldbtest.SQLite(t), mail.Plain)
	w.server.refuse["later@example.org"] = &smtp.SMTPError{Code: 451, Message: "greylisted"}
	w.server.refuse["never@example.org"] = &smtp.SMTPError{Code: 550, Message: "no such person"}
	w.send(t, mail.Message{To: "never@example.org", Subject: "a", Text: "a"}, mail.Message{To: "later@example.org", Subject: "b", Text: "b"})
	if got := w.next(t); !strings.Contains(got, "later@example.org") {
		t.Fatal(got)
	}
	deadline := time.Now().Add(time.Minute)
	for {
		var dead int
		if err := w.db.QueryRow(t.Context(), "SELECT COUNT(*) FROM tasks_task WHERE state = 'dead'").Scan(&dead); err != nil {
			t.Fatal(err)
		}
		if dead == 1 {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("the refused message is not dead")
		}
		time.Sleep(10 * time.Millisecond)
	}
	w.server.mu.Lock()
	defer w.server.mu.Unlock()
	if w.server.tries["never@example.org"] != 1 || w.server.tries["later@example.org"] != 2 {
		t.Fatal(w.server.tries)
	}
}

// TestStartTLSMustBeOffered speaks to a server that has no certificate.
func TestStartTLSMustBeOffered(t *testing.T) {
	t.Parallel()
	backend := smtp.NewServer(&server{tries: map[string]int{}, got: make(chan string, 1)})
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go backend.Serve(listener)
	t.Cleanup(func() { backend.Close() })
	w := newWorld(t, sqldbtest.SQLite(t), mail.Plain)
	cfg := mail.Defaults()
	cfg.Host, cfg.Port, cfg.From = "127.0.0.1", listener.Addr().(*net.TCPAddr).Port, "mainstay@example.org"
	clock := core.SystemClock{}
	other, err := tasks.New(tasks.Defaults(), tasks.Dependencies{DB: w.db, Clock: clock, IDs: core.NewIDs(clock, nil), Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	strict, err := mail.New(cfg, mail.Dependencies{Tasks: other, IDs: core.NewIDs(clock, nil)})
	if err != nil {
		t.Fatal(err)
	}
	if err := strict.Deliver(t.Context(), mail.Message{ID: "x", To: "ada@example.org", Subject: "x", Text: "x"}); err == nil {
		t.Fatal("it was sent in the clear")
	}
}

func TestConfigurationNamesFields(t *testing.T) {
	t.Parallel()
	c := mail.Configuration{Host: "mail", Port: 0, Security: "maybe", From: "nobody", Username: "u"}
	err := c.Validate()
	for _, field := range []string{"mail.port", "mail.security", "mail.from", "mail.password", "mail.timeout"} {
		if err == nil || !strings.Contains(err.Error(), field) {
			t.Errorf("%v does not name %s", err, field)
		}
	}
}

func FuzzAddress(f *testing.F) {
	for _, seed := range []string{"ada@example.org", "Ada <ada@example.org>", "a@b\r\nBcc: c@d", "", "@", "a@[127.0.0.1]"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, err := mail.Address(text)
		if err == nil && (strings.ContainsAny(got, "\r\n ") && !strings.Contains(got, `"`) || !strings.Contains(got, "@")) {
			t.Fatalf("%q", got)
		}
	})
}
