package reportmail

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/core/coretest"
	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/ledger"
	"mainstay/internal/platform/mail"
	"mainstay/internal/platform/sqldb"
	"mainstay/internal/platform/sqldb/sqldbtest"
)

func TestMain(m *testing.M) { sqldbtest.Main(m) }

// post is a mail server's queue.
type post struct {
	mu    sync.Mutex
	off   bool
	sent  []mail.Message
	heard chan struct{}
}

func (p *post) Configured() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return !p.off
}

func (p *post) Send(_ context.Context, tx *sqldb.Tx, messages ...mail.Message) error {
	tx.OnCommit(func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.sent = append(p.sent, messages...)
		select {
		case p.heard <- struct{}{}:
		default:
		}
	})
	return nil
}

func (p *post) took() []mail.Message {
	p.mu.Lock()
	defer p.mu.Unlock()
	list := p.sent
	p.sent = nil
	return list
}

type world struct {
	t     *testing.T
	ctx   context.Context
	db    *sqldb.DB
	clock *coretest.Clock
	post  *post
	fails error
	c     *Component
}

func setup(t *testing.T, db *sqldb.DB) *world {
	t.Helper()
	w := &world{t: t, ctx: auth.With(context.Background(), auth.System("ann")), db: db, clock: coretest.NewClock(time.Date(2026, 11, 4, 12, 0, 0, 0, time.UTC)), post: &post{heard: make(chan struct{}, 1)}}
	if err := errors.Join(sqldb.Migrate(w.ctx, db, "ledger", ledger.Migrations()), sqldb.Migrate(w.ctx, db, "reportmail", Migrations())); err != nil {
		t.Fatal(err)
	}
	w.c = w.another()
	return w
}

func (w *world) another() *Component {
	ids := core.NewIDs(w.clock, nil)
	source := Source{Title: "Alerts", Needs: "situations:read", Write: func(_ context.Context, from, to time.Time) (string, error) {
		return "From " + from.Format(time.RFC3339) + " to " + to.Format(time.RFC3339), w.fails
	}}
	return New(Dependencies{DB: w.db, Ledger: ledger.New(ledger.Configuration{}, ledger.Dependencies{DB: w.db, Clock: w.clock, IDs: ids}), Mail: w.post, Sources: map[string]Source{"events": source}, Clock: w.clock, IDs: ids})
}

func (w *world) declare(ctx context.Context, name, spec string) error {
	return w.db.Write(ctx, func(tx *sqldb.Tx) error {
		_, err := w.c.Kinds()[0].Apply(ctx, tx, name, json.RawMessage(spec))
		return err
	})
}

// at lets the clock reach a time and tells what was sent by then.
func (w *world) at(text string) []mail.Message {
	w.t.Helper()
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		w.t.Fatal(err)
	}
	w.clock.Advance(at.Sub(w.clock.Now()))
	if _, err := w.c.Round(w.ctx); err != nil {
		w.t.Fatal(err)
	}
	return w.post.took()
}

// TestAReportIsSentWhenItsTimeHasEnded follows a weekly mail in a zone whose
// clocks change, and what is made of a failure and of a time without a server.
func TestAReportIsSentWhenItsTimeHasEnded(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		w := setup(t, db)
		if err := w.declare(w.ctx, "weekly", `{"report": "events", "every": "week", "zone": "Europe/Berlin", "to": ["a@example.com", "b@example.com"]}`); err != nil {
			t.Fatal(err)
		}
		if got := w.at("2026-11-09T05:59:00Z"); len(got) != 0 {
			t.Fatalf("too early: %+v", got)
		}
		got := w.at("2026-11-09T06:00:00Z")
		if len(got) != 2 || got[1].To != "b@example.com" || got[0].ID == got[1].ID || got[0].Subject != "Alerts: week from 2 November 2026" ||
			!strings.HasPrefix(got[0].Text, "From 2026-11-02T00:00:00+01:00 to 2026-11-09T00:00:00+01:00") || !strings.Contains(got[0].Text, "ReportMail weekly") {
			t.Fatalf("%+v", got)
		}
		if got := w.at("2026-11-15T23:00:00Z"); len(got) != 0 {
			t.Fatalf("again: %+v", got)
		}
		w.fails = core.Errorf(core.CodeUnavailable, "the store is away")
		if got := w.at("2026-11-16T06:00:00Z"); len(got) != 0 {
			t.Fatal(got)
		}
		e, err := w.c.named(w.ctx, db, "weekly")
		if err != nil || e.problem != "the store is away" || e.due.After(w.clock.Now()) {
			t.Fatalf("%+v %v", e, err)
		}
		w.fails = nil
		if got := w.at("2026-11-16T06:05:00Z"); len(got) != 2 {
			t.Fatal("it was not tried again")
		}
		// For a month nothing runs: the last week alone is sent, once, in summer time or not.
		if got := w.at("2027-03-31T10:00:00Z"); len(got) != 2 || !strings.HasPrefix(got[0].Text, "From 2027-03-22T00:00:00+01:00 to 2027-03-29T00:00:00+02:00") {
			t.Fatalf("%+v", got)
		}
		if got := w.at("2027-04-05T04:59:00Z"); len(got) != 0 {
			t.Fatal("it is not seven in Berlin yet")
		}
		if got := w.at("2027-04-05T05:00:00Z"); len(got) != 2 {
			t.Fatal("it is seven in Berlin")
		}
		var entries int
		if err := db.QueryRow(w.ctx, "SELECT count(*) FROM ledger_entry WHERE type = 'reports.mail.sent'").Scan(&entries); err != nil || entries != 4 {
			t.Errorf("%d entries in the ledger, %v", entries, err)
		}
	})
}

// Of two processes one sends, and what is due is sent when the clock says so.
func TestOneProcessOfAllSends(t *testing.T) {
	t.Parallel()
	w := setup(t, sqldbtest.SQLite(t))
	if err := w.declare(w.ctx, "monthly", `{"report": "events", "every": "month", "at": "12:30", "to": ["a@example.com"]}`); err != nil {
		t.Fatal(err)
	}
	other := w.another()
	for _, c := range []*Component{w.c, other} {
		if err := c.Start(w.ctx); err != nil {
			t.Fatal(err)
		}
		defer c.Stop(w.ctx)
	}
	w.clock.Advance(time.Date(2026, 12, 1, 12, 30, 0, 0, time.UTC).Sub(w.clock.Now()))
	for limit := time.After(time.Minute); ; {
		select {
		case <-limit:
			t.Fatal("nothing was sent")
		case <-w.post.heard:
		case <-time.After(5 * time.Millisecond): // a timer may be set just after the clock went on
			w.clock.Advance(time.Second)
			continue
		}
		break
	}
	if _, err := other.Round(w.ctx); err != nil {
		t.Fatal(err)
	}
	if got := w.post.took(); len(got) != 1 || got[0].Subject != "Alerts: November 2026" {
		t.Fatalf("%+v", got)
	}
}

func TestWhoMayDeclareAndWhat(t *testing.T) {
	t.Parallel()
	w := setup(t, sqldbtest.SQLite(t))
	for spec, field := range map[string]string{
		`{"report": "x", "every": "week", "to": ["a@example.com"]}`:                                  "spec.report",
		`{"report": "events", "every": "day", "to": ["a@example.com"]}`:                              "spec.every",
		`{"report": "events", "every": "week", "to": []}`:                                            "spec.to",
		`{"report": "events", "every": "week", "to": ["nobody"]}`:                                    "spec.to",
		`{"report": "events", "every": "week", "to": ["a@example.com\nBcc: x@y.z"]}`:                 "spec.to",
		`{"report": "events", "every": "week", "to": ["a@example.com", "a@example.com"]}`:            "spec.to",
		`{"report": "events", "every": "week", "at": "25:00", "to": ["a@example.com"]}`:              "spec.at",
		`{"report": "events", "every": "week", "zone": "Mars/Olympus", "to": ["a@example.com"]}`:     "spec.zone",
		`{"report": "events", "every": "week", "to": ["a@example.com"], "colour": 1}`:                "spec.colour",
		`{"report": "events", "every": "week", "zone": "../../etc/passwd", "to": ["a@example.com"]}`: "spec.zone",
	} {
		if err := w.declare(w.ctx, "x", spec); err == nil || !strings.Contains(err.Error(), field+":") {
			t.Errorf("%s: %v does not name %s", spec, err, field)
		}
	}
	good := `{"report": "events", "every": "week", "to": ["a@example.com"]}`
	team := auth.With(context.Background(), auth.NewPrincipal(auth.KindUser, "u", "Una", auth.BuiltinRoles(), auth.Grant{Role: auth.Manager, Team: "net"}))
	if err := w.declare(team, "x", good); core.CodeOf(err) != core.CodeForbidden {
		t.Errorf("one team's manager declared a report about all: %v", err)
	}
	if err := w.declare(w.ctx, "x", good); err != nil {
		t.Fatal(err)
	}
	if err := w.c.SendNow(team, "x"); core.CodeOf(err) != core.CodeForbidden || len(w.post.took()) != 0 {
		t.Errorf("one team's manager had it sent: %v", err)
	}
	if err := w.c.SendNow(w.ctx, "x"); err != nil || len(w.post.took()) != 1 {
		t.Errorf("now: %v", err)
	}
	w.post.off = true
	if err := w.c.SendNow(w.ctx, "x"); core.CodeOf(err) != core.CodeUnavailable {
		t.Errorf("without a mail server: %v", err)
	}
	if got := w.at("2026-11-09T07:00:00Z"); len(got) != 0 {
		t.Error(got)
	}
	if e, _ := w.c.named(w.ctx, w.db, "x"); e.problem != "no mail server is configured" {
		t.Errorf("%+v", e)
	}
	if err := w.declare(w.ctx, "x", `{"report": "events", "every": "week", "to": ["a@example.com"], "disabled": true}`); err != nil {
		t.Fatal(err)
	}
	w.post.off = false
	if got := w.at("2026-11-23T07:00:00Z"); len(got) != 0 {
		t.Error("it is disabled")
	}
}
