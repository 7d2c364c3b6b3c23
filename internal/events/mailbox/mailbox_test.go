package mailbox

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/ledger"
	"mainstay/internal/platform/receivers"
	"mainstay/internal/platform/sqldb"
	"mainstay/internal/platform/sqldb/sqldbtest"
	"mainstay/test/peers"
)

func TestMain(m *testing.M) { sqldbtest.Main(m) }

// desk stands for the event sources.
type desk struct {
	mu    sync.Mutex
	taken []string // subjects
	fail  func(subject string) error
}

func (d *desk) TakeMail(_ context.Context, source string, raw []byte, _ time.Time) (int, error) {
	_, rest, _ := strings.Cut(string(raw), "Subject: ")
	subject, _, _ := strings.Cut(rest, "\n")
	subject = strings.TrimRight(subject, "\r")
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.fail != nil {
		if err := d.fail(subject); err != nil {
			return 0, err
		}
	}
	d.taken = append(d.taken, source+" "+subject)
	return 1, nil
}

func (d *desk) list() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.taken)
}

func (d *desk) failing(fail func(subject string) error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.fail = fail
}

type world struct {
	t      *testing.T
	db     *sqldb.DB
	ledger *ledger.Ledger
	desk   *desk
	meters *receivers.Registry
	boxes  *Component
	ctx    context.Context
	late   atomic.Bool // secret:late is there
}

func newWorld(t *testing.T, db *sqldb.DB) *world {
	t.Helper()
	ctx := auth.With(context.Background(), auth.System("test"))
	if err := errors.Join(sqldb.Migrate(ctx, db, "ledger", ledger.Migrations()), sqldb.Migrate(ctx, db, "mailbox", Migrations())); err != nil {
		t.Fatal(err)
	}
	clock := core.SystemClock{}
	w := &world{t: t, db: db, ledger: ledger.New(ledger.Configuration{}, ledger.Dependencies{DB: db, Clock: clock, IDs: core.NewIDs(clock, nil)}), desk: &desk{}, meters: receivers.NewRegistry(clock), ctx: ctx}
	if err := w.ledger.Start(ctx); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.ledger.Stop(context.Background()) })
	w.start()
	t.Cleanup(func() { _ = w.boxes.Stop(context.Background()) })
	return w
}

func (w *world) start() {
	w.t.Helper()
	var err error
	w.boxes, err = New(Dependencies{DB: w.db, Ledger: w.ledger, Clock: core.SystemClock{}, Sources: w.desk, Receivers: w.meters, Dial: (&net.Dialer{}).DialContext,
		Reveal: func(_ context.Context, reference, mailbox string) (string, error) {
			if reference != "secret:mail" && (reference != "secret:late" || !w.late.Load()) {
				return "", core.NotFound("secret", reference)
			}
			return "x", nil
		}})
	if err == nil {
		err = w.boxes.Start(w.ctx)
	}
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) restart() {
	w.t.Helper()
	if err := w.boxes.Stop(context.Background()); err != nil {
		w.t.Fatal(err)
	}
	w.start()
}

func (w *world) declare(name string, spec Spec) error {
	raw, err := json.Marshal(spec)
	if err != nil {
		w.t.Fatal(err)
	}
	return w.db.Write(w.ctx, func(tx *sqldb.Tx) error {
		_, err := w.boxes.apply(w.ctx, tx, name, raw)
		return err
	})
}

// until waits for what happens outside.
func (w *world) until(what string, ready func() bool) {
	w.t.Helper()
	deadline := time.After(90 * time.Second)
	for !ready() {
		select {
		case <-deadline:
			w.t.Fatalf("%s: taken %q, receivers %+v", what, w.desk.list(), w.meters.States())
		case <-time.After(20 * time.Millisecond):
		}
	}
}

func (w *world) receiver(name string) receivers.State {
	for _, s := range w.meters.States() {
		if s.Name == "imap-"+name {
			return s
		}
	}
	return receivers.State{}
}

func mail(subject string) string {
	return "From: ups@example.test\r\nTo: alerts@example.test\r\nSubject: " + subject + "\r\n\r\nOn battery.\r\n"
}

// TestMailsAreFetchedOnce has Dovecot hold mails, over TLS with IDLE: what is
// new is taken in order, marked, and not taken again after a restart.
func TestMailsAreFetchedOnce(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		server := peers.StartMailboxes(t)
		w := newWorld(t, db)
		server.Deliver("ups", "", mail("before"))
		spec := Spec{Address: fmt.Sprintf("localhost:%d", server.Secure), Authority: server.CA, User: "ups", Password: "secret:mail", Source: "ups", MaxMessage: 20_000}
		if err := w.declare("ups", spec); err != nil {
			t.Fatal(err)
		}
		w.until("connected", func() bool { p, _ := w.boxes.position(w.ctx, "ups"); return p.validity != 0 })
		server.Deliver("ups", "", mail("first"))
		w.until("first", func() bool { return len(w.desk.list()) == 1 })
		server.Deliver("ups", "", mail("large")+strings.Repeat("x", 30_000))
		w.desk.failing(func(subject string) error {
			if subject == "strange" {
				return core.Errorf(core.CodeMalformed, "the mail cannot be read: it is strange")
			}
			return nil
		})
		server.Deliver("ups", "", mail("strange"))
		server.Deliver("ups", "", mail("second"))
		w.until("second", func() bool { seen, _ := server.Seen("ups", ""); return seen == 2 })
		if s := w.receiver("ups"); s.Taken != 2 || s.Refused != 2 || s.Connections != 1 || !strings.Contains(s.Trouble, "strange") {
			t.Errorf("%+v", s)
		}
		if seen, unseen := server.Seen("ups", ""); seen != 2 || unseen != 3 {
			t.Errorf("%d mails are marked, %d are not", seen, unseen)
		}
		w.restart()
		server.Deliver("ups", "", mail("third"))
		w.until("third", func() bool { seen, _ := server.Seen("ups", ""); return seen == 3 })
		if got := strings.Join(w.desk.list(), ", "); got != "ups first, ups second, ups third" {
			t.Errorf("taken: %s", got)
		}
	})
}

// TestWhatCannotBeTakenIsWaitedFor polls a server without IDLE and MOVE, over
// STARTTLS: nothing is lost while events cannot be kept, and what is taken is moved.
func TestWhatCannotBeTakenIsWaitedFor(t *testing.T) {
	t.Parallel()
	server := peers.StartMailboxes(t, "IDLE", "MOVE")
	w := newWorld(t, sqldbtest.SQLite(t))
	tries := 0
	w.desk.failing(func(string) error {
		if tries++; tries < 2 {
			return core.Errorf(core.CodeUnavailable, "the store is away")
		}
		return nil
	})
	for i := range 3 {
		server.Deliver("backup", "", mail(fmt.Sprint("job ", i)))
	}
	spec := Spec{Address: "localhost:" + fmt.Sprint(server.Port), Security: "starttls", Authority: server.CA, User: "backup", Password: "secret:mail", Source: "backup",
		Start: "unseen", MoveTo: "Done", Poll: "1s"}
	if err := w.declare("backup", spec); err != nil {
		t.Fatal(err)
	}
	w.until("taken", func() bool { _, there := server.Seen("backup", "Done"); return there == 3 })
	server.Deliver("backup", "", mail("job 3"))
	w.until("polled", func() bool { _, there := server.Seen("backup", "Done"); return there == 4 })
	if got := strings.Join(w.desk.list(), ", "); got != "backup job 0, backup job 1, backup job 2, backup job 3" {
		t.Errorf("taken: %s", got)
	}
	w.until("moved away", func() bool { seen, unseen := server.Seen("backup", ""); return seen+unseen == 0 })
	if s := w.receiver("backup"); s.Taken != 4 || !strings.Contains(s.Trouble, "the store is away") {
		t.Errorf("%+v", s)
	}
	// A folder that is made anew numbers its messages from the start.
	p, err := w.boxes.position(w.ctx, "backup")
	if err != nil {
		t.Fatal(err)
	}
	p.validity++
	if err := w.boxes.reached(w.ctx, "backup", p); err != nil {
		t.Fatal(err)
	}
	w.restart()
	server.Deliver("backup", "", mail("job 4"))
	w.until("after a new UIDVALIDITY", func() bool { return len(w.desk.list()) == 5 })
}

// TestTroubleIsTold names what is wrong with the server, the password and the certificate.
func TestTroubleIsTold(t *testing.T) {
	t.Parallel()
	server := peers.StartMailboxes(t)
	w := newWorld(t, sqldbtest.SQLite(t))
	good := Spec{Address: fmt.Sprintf("localhost:%d", server.Secure), Authority: server.CA, User: "u", Password: "secret:mail", Source: "s"}
	for name, change := range map[string]func(*Spec){
		"unknown authority": func(s *Spec) { s.Authority = "" },
		"secret":            func(s *Spec) { s.Password = "secret:other" },
		"folder":            func(s *Spec) { s.Folder = "No such" },
		"refused":           func(s *Spec) { s.Address = fmt.Sprintf("localhost:%d", peers.FreePort(t)) },
	} {
		spec := good
		change(&spec)
		if err := w.declare(strings.ReplaceAll(name, " ", "-"), spec); err != nil {
			t.Fatal(err)
		}
		w.until(name, func() bool { return strings.Contains(w.receiver(strings.ReplaceAll(name, " ", "-")).Trouble, name) })
	}
	for field, change := range map[string]func(*Spec){
		"spec.address":              func(s *Spec) { s.Address = "localhost" },
		"spec.password":             func(s *Spec) { s.Password = "x" },
		"spec.security":             func(s *Spec) { s.Security, s.Authority, s.Address = "none", "", "mail.example.org:143" },
		"spec.moveTo":               func(s *Spec) { s.MoveTo = "INBOX" },
		"spec.poll":                 func(s *Spec) { s.Poll = "10ms" },
		"spec.certificateAuthority": func(s *Spec) { s.Authority = "none" },
		"spec.start":                func(s *Spec) { s.Start = "all" },
	} {
		spec := good
		change(&spec)
		if err := w.declare("bad", spec); core.CodeOf(err) != core.CodeInvalid || !strings.Contains(err.Error(), field) {
			t.Errorf("%s: %v", field, err)
		}
	}
}

// TestTroubleEnds without a mail when the mailbox can be looked into again.
func TestTroubleEnds(t *testing.T) {
	t.Parallel()
	server := peers.StartMailboxes(t)
	w := newWorld(t, sqldbtest.SQLite(t))
	spec := Spec{Address: fmt.Sprintf("localhost:%d", server.Secure), Authority: server.CA, User: "u", Password: "secret:late", Source: "s"}
	if err := w.declare("ups", spec); err != nil {
		t.Fatal(err)
	}
	w.until("trouble", func() bool { return w.receiver("ups").Troubled })
	w.late.Store(true)
	w.until("its end", func() bool { r := w.receiver("ups"); return !r.Troubled && r.Trouble != "" })
}

// TestAServerIsBounded has a server answer without end.
func TestAServerIsBounded(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sqldbtest.SQLite(t))
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				chunk := []byte(strings.Repeat("A", 1<<20))
				if _, err := conn.Write([]byte("* OK [CAPABILITY IMAP4rev1 ")); err != nil {
					return
				}
				for {
					if _, err := conn.Write(chunk); err != nil {
						return
					}
				}
			}()
		}
	}()
	if err := w.declare("endless", Spec{Address: listener.Addr().String(), Security: "none", User: "u", Password: "secret:mail", Source: "s"}); err != nil {
		t.Fatal(err)
	}
	w.until("it is told", func() bool { return strings.Contains(w.receiver("endless").Trouble, "more than it was asked for") })
}
