package reportmail

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/ledger"
	"mainstay/internal/platform/mail"
	"mainstay/internal/platform/sqldb"
	"mainstay/internal/platform/sqldb/sqldbtest"
	"mainstay/internal/platform/tasks"
	"mainstay/test/peers"
)

// TestPostfixTakesTheReport declares a mail, lets its time come, and finds one
// message for each person in the queue of a Postfix, over STARTTLS.
func TestPostfixTakesTheReport(t *testing.T) {
	t.Parallel()
	server := peers.StartPostfix(t)
	db := sqldbtest.SQLite(t)
	w := setup(t, db)
	if err := sqldb.Migrate(w.ctx, db, "tasks", tasks.Migrations()); err != nil {
		t.Fatal(err)
	}
	clock := core.SystemClock{} // of the queue; reports have their own
	ids := core.NewIDs(clock, nil)
	settings := tasks.Defaults()
	settings.BackoffBase, settings.Poll = 10*time.Millisecond, 20*time.Millisecond
	queue, err := tasks.New(settings, tasks.Dependencies{DB: db, Clock: clock, IDs: ids, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM([]byte(server.CA))
	to := mail.Defaults()
	to.Host, to.Port, to.Security, to.From = "127.0.0.1", server.Port, mail.StartTLS, "Mainstay <mainstay@example.org>"
	out, err := mail.New(to, mail.Dependencies{Tasks: queue, IDs: ids, Log: slog.New(slog.DiscardHandler), TLS: &tls.Config{RootCAs: roots, ServerName: "localhost"}})
	if err != nil {
		t.Fatal(err)
	}
	if err := queue.Start(w.ctx); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = queue.Stop(context.Background()) })
	source := Source{Title: "Alerts", Needs: "situations:read", Write: func(_ context.Context, from, _ time.Time) (string, error) {
		return "Noise since " + from.Format(time.DateOnly) + ": 17 alerts nobody needed.\n", nil
	}}
	w.c = New(Dependencies{DB: db, Ledger: ledger.New(ledger.Configuration{}, ledger.Dependencies{DB: db, Clock: w.clock, IDs: ids}), Mail: out, Sources: map[string]Source{"events": source}, Clock: w.clock, IDs: ids})
	if err := w.declare(w.ctx, "weekly", `{"report": "events", "every": "week", "zone": "Europe/Berlin", "to": ["a@example.com", "b@example.com"]}`); err != nil {
		t.Fatal(err)
	}
	w.at("2026-11-09T06:00:00Z")
	var mails []string
	for deadline := time.After(90 * time.Second); len(mails) < 2; {
		select {
		case <-deadline:
			t.Fatalf("%d mails came: %q", len(mails), mails)
		case <-time.After(50 * time.Millisecond):
			mails = peers.Queued(t, server)
		}
	}
	for _, person := range []string{"a@example.com", "b@example.com"} {
		if !slices.ContainsFunc(mails, func(m string) bool {
			return strings.Contains(m, "recipient: "+person) && strings.Contains(m, "Subject: Alerts: week from 2 November 2026") && strings.Contains(m, "Noise since 2026-11-02: 17 alerts nobody needed.") &&
				strings.Contains(m, "sender: mainstay@example.org")
		}) {
			t.Errorf("no mail to %s in %q", person, mails)
		}
	}
}
