package mining_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"testing"
	"time"

	"mainstay/internal/core/coretest"
	"mainstay/internal/logs/mining"
	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/httpapi"
	"mainstay/internal/platform/logstore"
	"mainstay/internal/platform/sqldb"
	"mainstay/internal/platform/sqldb/sqldbtest"
)

func TestMain(m *testing.M) { sqldbtest.Main(m) }

var start = time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)

// sink keeps what is written.
type sink struct{ records []logstore.Record }

func (s *sink) Write(_ context.Context, records []logstore.Record) (int, error) {
	s.records = append(s.records, records...)
	return 0, nil
}

type bench struct {
	t     *testing.T
	ctx   context.Context
	db    *sqldb.DB
	clock *coretest.Clock
	c     *mining.Component
	sink  *sink
	tap   mining.Writer
	api   *httpapi.API
}

func setup(t *testing.T, db *sqldb.DB) *bench {
	t.Helper()
	b := &bench{t: t, ctx: auth.With(context.Background(), auth.System("test")), db: db, clock: coretest.NewClock(start), sink: &sink{}}
	if err := sqldb.Migrate(b.ctx, db, "logmining", mining.Migrations()); err != nil {
		t.Fatal(err)
	}
	b.begin()
	return b
}

// begin is a start, or a restart.
func (b *bench) begin() {
	b.t.Helper()
	c, err := mining.New(mining.Defaults(), mining.Dependencies{DB: b.db, Clock: b.clock})
	if err != nil {
		b.t.Fatal(err)
	}
	if err := c.Start(b.ctx); err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(func() { _ = c.Stop(b.ctx) })
	b.c, b.tap = c, c.Tap(b.sink)
	b.api = httpapi.New("test", slog.New(slog.DiscardHandler))
	c.Routes(b.api)
}

func (b *bench) write(at time.Time, app string, n int, format string) {
	b.t.Helper()
	var records []logstore.Record
	for i := range n {
		records = append(records, logstore.Record{Time: at, Message: fmt.Sprintf(format, i), App: app})
	}
	if _, err := b.tap.Write(b.ctx, records); err != nil {
		b.t.Fatal(err)
	}
}

func (b *bench) get(path string, p *auth.Principal, into any) int {
	b.t.Helper()
	w := httptest.NewRecorder()
	b.api.Handler().ServeHTTP(w, httptest.NewRequest("GET", path, nil).WithContext(auth.With(b.ctx, p)))
	if into != nil && w.Code == 200 {
		if err := json.Unmarshal(w.Body.Bytes(), into); err != nil {
			b.t.Fatal(err)
		}
	}
	return w.Code
}

func engines(t *testing.T, run func(t *testing.T, db *sqldb.DB)) {
	t.Run("sqlite", func(t *testing.T) { t.Parallel(); run(t, sqldbtest.SQLite(t)) })
	t.Run("postgresql", func(t *testing.T) { t.Parallel(); run(t, sqldbtest.PostgreSQL(t)) })
}

func TestWhatIsDifferentFromYesterday(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, db *sqldb.DB) {
		b := setup(t, db)
		yesterday := start
		start := start.Add(24 * time.Hour)
		b.write(yesterday.Add(-20*time.Minute), "web", 50, "request %d served")
		b.write(yesterday.Add(-20*time.Minute), "web", 9, "cache entry %d expired")
		b.write(yesterday.Add(-20*time.Minute), "db", 30, "checkpoint %d complete")
		b.clock.Advance(24 * time.Hour)
		b.write(start.Add(-20*time.Minute), "web", 55, "request %d served")
		b.write(start.Add(-10*time.Minute), "db", 300, "checkpoint %d complete")
		b.write(start.Add(-10*time.Minute), "db", 4, "disk %d is failing")

		var got mining.Comparison
		if code := b.get("/api/v1/logs/patterns?against=24h&sort=change", auth.System("test"), &got); code != 200 {
			t.Fatal(code)
		}
		want := []struct {
			template      string
			change        mining.Change
			count, before int64
		}{
			{"disk <*> is failing", mining.IsNew, 4, 0},
			{"cache entry <*> expired", mining.IsVanished, 0, 9},
			{"checkpoint <*> complete", mining.IsMore, 300, 30},
			{"request <*> served", "", 55, 50},
		}
		if len(got.Items) != len(want) || got.Total != 359 {
			t.Fatalf("%d patterns of %d lines: %+v", len(got.Items), got.Total, got.Items)
		}
		for i, w := range want {
			p := got.Items[i]
			if p.Template != w.template || p.Change != w.change || p.Count != w.count || p.Before != w.before {
				t.Errorf("%+v is not %+v", p, w)
			}
		}
		if n := len(got.Items[3].Buckets); n != 12 {
			t.Errorf("an hour has %d buckets", n)
		}
		if sum := got.Items[2].Buckets[10] + got.Items[2].Buckets[9]; sum != 300 {
			t.Errorf("the burst is elsewhere: %v", got.Items[2].Buckets)
		}
		if got.Items[3].Query != `pattern:="`+b.sink.records[0].Fields[0].Value+`"` {
			t.Errorf("the query %s does not find the lines", got.Items[3].Query)
		}
		if code := b.get("/api/v1/logs/patterns?contains=DISK", auth.System("test"), &got); code != 200 || len(got.Items) != 1 {
			t.Errorf("status %d, %d patterns have the word", code, len(got.Items))
		}
		if code := b.get("/api/v1/logs/patterns?app=web&against=24h", auth.System("test"), &got); code != 200 || len(got.Items) != 2 {
			t.Errorf("status %d, %d patterns of web", code, len(got.Items))
		}
		var one mining.Detail
		if code := b.get("/api/v1/logs/patterns/"+got.Items[0].ID, auth.System("test"), &one); code != 200 || len(one.Apps) != 1 || one.Apps[0] != (mining.AppHits{App: "web", Count: 105}) {
			t.Errorf("status %d, %+v", code, one)
		}
		if code := b.get("/api/v1/logs/patterns/none", auth.System("test"), nil); code != 404 {
			t.Errorf("an unknown pattern: %d", code)
		}
		if code := b.get("/api/v1/logs/patterns?against=1s", auth.System("test"), nil); code != 422 {
			t.Errorf("a second back: %d", code)
		}
	})
}

func TestPatternsThatBecomeOneAreCountedAsOne(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, db *sqldb.DB) {
		b := setup(t, db)
		for i, user := range []string{"alice", "bob", "carol", "dave"} {
			b.write(start.Add(-time.Minute), "sshd", i+1, "session %d opened for user "+user)
			if err := b.c.Flush(b.ctx); err != nil {
				t.Fatal(err)
			}
		}
		for _, when := range []string{"before", "after"} {
			var got mining.Comparison
			b.get("/api/v1/logs/patterns", auth.System("test"), &got)
			if len(got.Items) != 1 || got.Items[0].Count != 10 || got.Items[0].Template != "session <*> opened for user <*>" {
				t.Fatalf("%s the restart: %+v", when, got.Items)
			}
			if err := b.c.Stop(b.ctx); err != nil {
				t.Fatal(err)
			}
			b.begin()
		}
		id := func(r logstore.Record) string { return r.Fields[len(r.Fields)-1].Value }
		first := id(b.sink.records[0])
		b.write(start, "sshd", 1, "session %d opened for user erin")
		if got := id(b.sink.records[10]); got != first {
			t.Errorf("after the restart the pattern is %s, before it %s", got, first)
		}
	})
}

func TestWhoMayNotReadEverywhereSeesNoPatterns(t *testing.T) {
	t.Parallel()
	b := setup(t, sqldbtest.SQLite(t))
	p := auth.NewPrincipal(auth.KindUser, "u", "u", auth.BuiltinRoles(), auth.Grant{Role: auth.Operator, Team: "red"})
	for _, path := range []string{"/api/v1/logs/patterns", "/api/v1/logs/patterns/x"} {
		if code := b.get(path, p, nil); code != 403 {
			t.Errorf("%s: %d", path, code)
		}
	}
}

// TestTheIntakeIsNotHeldUp has many writers at once: each record is stored,
// with its pattern or counted as skipped.
func TestTheIntakeIsNotHeldUp(t *testing.T) {
	t.Parallel()
	b := setup(t, sqldbtest.SQLite(t))
	counting := &counter{n: make(chan int, 64)}
	tap := b.c.Tap(counting)
	const writers, each = 8, 2000
	for w := range writers {
		go func() {
			records := make([]logstore.Record, each)
			for i := range records {
				records[i] = logstore.Record{Message: fmt.Sprintf("writer %d line %d", w, i)}
			}
			_, _ = tap.Write(b.ctx, records)
		}()
	}
	marked := 0
	for range writers {
		marked += <-counting.n
	}
	s := b.c.Stats()
	if s.Mined+s.Skipped != writers*each || int64(marked) != s.Mined {
		t.Errorf("%+v, and %d records have a pattern", s, marked)
	}
}

type counter struct{ n chan int }

func (c *counter) Write(_ context.Context, records []logstore.Record) (int, error) {
	marked := 0
	for _, r := range records {
		if len(r.Fields) > 0 {
			marked++
		}
	}
	c.n <- marked
	return 0, nil
}
