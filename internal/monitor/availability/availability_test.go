package availability

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"mainstay/internal/core"
	"mainstay/internal/monitor/availability/figures"
	"mainstay/internal/monitor/availability/report"
	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/calendar"
	"mainstay/internal/platform/ledger"
	"mainstay/internal/platform/sqldb"
	"mainstay/internal/platform/sqldb/sqldbtest"
)

func TestMain(m *testing.M) { sqldbtest.Main(m) }

// clock stands still.
type clock struct {
	core.SystemClock
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// world is the graph, the checks and the calendars of a test: shop needs one of
// web-a and web-b, and the database.
type world struct {
	t        *testing.T
	db       *sqldb.DB
	ledger   *ledger.Ledger
	clock    *clock
	measured []Measured
	needs    map[string][]figures.Need
	covers   map[string][]string
	c        *Component
}

func (w *world) Needs(item string) []figures.Need { return w.needs[item] }
func (w *world) Dependents(item string) (out []string) {
	for id, needs := range w.needs {
		if slices.ContainsFunc(needs, func(n figures.Need) bool { return slices.Contains(n.Items, item) }) {
			out = append(out, id)
		}
	}
	return out
}
func (w *world) Services(context.Context) ([]string, error) { return []string{"shop"}, nil }
func (w *world) Select(_ context.Context, selector string) ([]string, error) {
	if selector == "bad" {
		return nil, core.Invalid("selector", "cannot be read")
	}
	return []string{selector}, nil
}
func (w *world) ItemOf(_ context.Context, ids []core.Identity) (string, error) {
	return ids[0].Value, nil
}
func (w *world) Items(_ context.Context, ids []string) (map[string]Item, error) {
	out := map[string]Item{}
	for _, id := range ids {
		out[id] = Item{ID: id, Name: "the " + id, Class: "thing"}
	}
	return out, nil
}
func (w *world) Measured(context.Context) ([]Measured, error) { return w.measured, nil }
func (w *world) WindowItems(_ context.Context, id string) ([]string, bool, error) {
	items, ok := w.covers[id]
	if !ok {
		return nil, false, core.NotFound("maintenance window", id)
	}
	return items, len(items) == 0, nil
}
func (w *world) Calendar(_ context.Context, _ sqldb.Querier, name string) (*calendar.Calendar, error) {
	if name != "office" {
		return nil, core.NotFound("calendar", name)
	}
	return calendar.Parse([]byte(`{"timeZone":"Europe/Berlin","week":{"monday":["08:00-18:00"],"tuesday":["08:00-18:00"]}}`))
}

func newWorld(t *testing.T, db *sqldb.DB) *world {
	t.Helper()
	w := &world{t: t, db: db, clock: &clock{now: at("2026-03-03T00:00")}, covers: map[string][]string{}, needs: map[string][]figures.Need{
		"shop": {{Items: []string{"web-a", "web-b"}, Require: 1}, {Items: []string{"db"}, Require: 1}},
	}}
	for module, files := range map[string]func() error{
		"ledger":       func() error { return sqldb.Migrate(t.Context(), db, "ledger", ledger.Migrations()) },
		"availability": func() error { return sqldb.Migrate(t.Context(), db, "availability", Migrations()) },
	} {
		if err := files(); err != nil {
			t.Fatal(module, err)
		}
	}
	ids := core.NewIDs(core.SystemClock{}, nil)
	w.ledger = ledger.New(ledger.Configuration{}, ledger.Dependencies{DB: db, Clock: core.SystemClock{}, IDs: ids, Log: slog.New(slog.DiscardHandler)})
	var err error
	w.c, err = New(Defaults(), Dependencies{DB: db, Ledger: w.ledger, Checks: w, Graph: w, Calendars: w, Clock: w.clock, IDs: ids})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func at(text string) time.Time {
	t, err := time.Parse("2006-01-02T15:04", text)
	if err != nil {
		panic(err)
	}
	return t
}

// tell appends entries and applies them as the consumer would.
func (w *world) tell(entries ...ledger.Entry) {
	w.t.Helper()
	if err := w.db.Write(w.t.Context(), func(tx *sqldb.Tx) error {
		for _, e := range entries {
			if _, err := w.ledger.Append(w.t.Context(), tx, e); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		w.t.Fatal(err)
	}
	if err := w.db.Write(w.t.Context(), func(tx *sqldb.Tx) error { return w.c.follow(w.t.Context(), tx, entries) }); err != nil {
		w.t.Fatal(err)
	}
}

func entry(kind, when string, subject core.Ref, data any) ledger.Entry {
	text, err := json.Marshal(data)
	if err != nil {
		panic(err)
	}
	module, _, _ := strings.Cut(kind, ".")
	return ledger.Entry{At: at(when), Actor: ledger.System("test"), Module: module, Type: kind, Subject: subject, Data: text}
}

func changed(item, when, from, to string) ledger.Entry {
	return entry("monitor.check.changed", when, core.Ref{Kind: "check", ID: "check-" + item},
		map[string]any{"id": "check-" + item, "check": "check-" + item, "item": item, "from": from, "to": to, "at": at(when)})
}

func (w *world) settle(when string) {
	w.t.Helper()
	w.clock.mu.Lock()
	w.clock.now = at(when)
	w.clock.mu.Unlock()
	if err := w.c.settle(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) all(since string, items ...string) {
	for _, item := range items {
		w.measured = append(w.measured, Measured{Target: "check-" + item, Item: item, State: figures.Up, Since: at(since)})
	}
}

func reader() context.Context {
	return auth.With(context.Background(), auth.System("test"))
}

// shown writes intervals as a line.
func (w *world) shown(item string) string {
	w.t.Helper()
	r, err := w.c.read(w.t.Context(), item, at("2026-03-01T00:00"), at("2026-04-01T00:00"))
	if err != nil {
		w.t.Fatal(err)
	}
	var out []string
	for _, i := range r.intervals {
		text := i.From.Format("2T15:04") + " " + string(i.State)
		if len(i.Cause) > 0 {
			text += " (" + strings.Join(i.Cause, " ") + ")"
		}
		out = append(out, text)
	}
	return strings.Join(out, ", ")
}

func TestAServiceIsWhatItsNeedsMakeOfIt(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		w := newWorld(t, db)
		w.all("2026-03-01T06:00", "web-a", "web-b", "db")
		w.settle("2026-03-01T07:00")
		w.tell(changed("web-a", "2026-03-02T08:00", "ok", "critical"), changed("web-b", "2026-03-02T09:00", "ok", "critical"))
		w.tell(changed("web-a", "2026-03-02T10:00", "critical", "ok"), changed("web-b", "2026-03-02T11:00", "critical", "ok"), changed("db", "2026-03-02T12:00", "ok", "unknown"))
		w.tell(changed("db", "2026-03-02T13:00", "unknown", "ok"))
		if got, want := w.shown("shop"), "1T06:00 up, 2T08:00 degraded (web-a), 2T09:00 down (web-a web-b), 2T10:00 degraded (web-b), 2T11:00 up, 2T12:00 unknown (db), 2T13:00 up"; got != want {
			t.Errorf("\n%s, want\n%s", got, want)
		}
		if got, want := w.shown("web-a"), "1T06:00 up, 2T08:00 down, 2T10:00 up"; got != want {
			t.Errorf("%s, want %s", got, want)
		}
		states, err := w.c.States(t.Context(), []string{"shop", "db", "nothing"})
		if err != nil || len(states) != 2 || states["shop"] != figures.Up {
			t.Errorf("%v %v", states, err)
		}
	})
}

func TestAnEntryHasItsEffectOnce(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		w := newWorld(t, db)
		w.all("2026-03-01T06:00", "db")
		w.settle("2026-03-01T07:00")
		broken := errors.New("the store goes away")
		e := changed("db", "2026-03-02T08:00", "ok", "critical")
		for range 3 { // a transaction that fails leaves nothing behind
			err := db.Write(t.Context(), func(tx *sqldb.Tx) error {
				if err := w.c.follow(t.Context(), tx, []ledger.Entry{e}); err != nil {
					return err
				}
				return broken
			})
			if !errors.Is(err, broken) {
				t.Fatal(err)
			}
		}
		w.tell(e)
		w.tell(e) // and what is told again changes nothing
		if got, want := w.shown("db"), "1T06:00 up, 2T08:00 down"; got != want {
			t.Errorf("%s, want %s", got, want)
		}
	})
}

func TestAReportNamesIncidentsAndCauses(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		w := newWorld(t, db)
		w.all("2026-03-01T00:00", "web-a", "web-b", "db")
		w.settle("2026-03-01T07:00")
		w.covers["window"] = []string{"shop"}
		inc := entry("desk.incident.opened", "2026-03-02T08:02", core.Ref{Kind: "incident", ID: "inc"}, map[string]any{"number": "INC-000007", "title": "The database is down", "services": []string{"shop"}})
		inc.Item, inc.Summary = "db", "INC-000007 opened: The database is down"
		other := entry("desk.incident.opened", "2026-03-02T08:02", core.Ref{Kind: "incident", ID: "other"}, map[string]any{"title": "A printer"})
		other.Item, other.Summary = "printer", "INC-000008 opened: A printer"
		w.tell(changed("db", "2026-03-02T08:00", "ok", "critical"), inc, other, changed("db", "2026-03-02T10:00", "critical", "ok"),
			entry("desk.incident.resolved", "2026-03-02T10:05", core.Ref{Kind: "incident", ID: "inc"}, map[string]any{}),
			entry("monitor.maintenance.started", "2026-03-02T12:00", core.Ref{Kind: "maintenance", ID: "window"}, map[string]any{"start": at("2026-03-02T12:00"), "end": at("2026-03-02T16:00")}),
			changed("db", "2026-03-02T13:00", "ok", "critical"), changed("db", "2026-03-02T14:00", "critical", "ok"),
			entry("monitor.maintenance.ended", "2026-03-02T15:00", core.Ref{Kind: "maintenance", ID: "window"}, map[string]any{}))
		w.clock.now = at("2026-03-03T00:00")
		apply(t, w, "gold", `{"identities":[{"kind":"name","value":"shop"}],"target":99,"calendar":"office"}`)
		r, err := w.c.Report(reader(), "shop", "", Period{Month: "2026-03"})
		if err != nil {
			t.Fatal(err)
		}
		// Office hours of Monday the 2nd in Berlin are 07:00 to 17:00 UTC.
		if r.Down != 2*3600 || r.Maintenance != 3*3600 || r.Agreed != 10*3600 || r.TargetName != "gold" || r.TimeZone != "Europe/Berlin" {
			t.Errorf("%+v", r.Line)
		}
		if len(r.OutageList) != 1 || len(r.OutageList[0].Incidents) != 1 || r.OutageList[0].Incidents[0].Number != "INC-000007" || r.OutageList[0].Causes[0].Name != "the db" {
			t.Errorf("%+v", r.OutageList)
		}
		if len(r.Days) != 31 || r.Days[1].Worst != figures.Down {
			t.Errorf("%+v", r.Days)
		}
		files(t, w)
	})
}

// files reads the workbook again and looks whether the PDF is one.
func files(t *testing.T, w *world) {
	t.Helper()
	m, err := w.c.month(reader(), "2026-03", "gold", "")
	if err != nil {
		t.Fatal(err)
	}
	var sheet, pdf bytes.Buffer
	if err := report.Sheet(&sheet, *m); err != nil {
		t.Fatal(err)
	}
	book, err := excelize.OpenReader(&sheet)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := book.GetRows("Outages")
	if err != nil || len(rows) != 2 || rows[1][0] != "the shop" || rows[1][3] != "120" || rows[1][6] != "INC-000007 The database is down" {
		t.Errorf("%v %v", rows, err)
	}
	if err := report.PDF(&pdf, *m); err != nil || !bytes.HasPrefix(pdf.Bytes(), []byte("%PDF-")) {
		t.Errorf("%v, %d bytes", err, pdf.Len())
	}
}

func apply(t *testing.T, w *world, name, spec string) {
	t.Helper()
	if err := w.db.Write(t.Context(), func(tx *sqldb.Tx) error {
		_, err := w.c.applyTarget(t.Context(), tx, name, json.RawMessage(spec))
		return err
	}); err != nil {
		t.Fatal(err)
	}
}

func TestRebuildComesToTheSame(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		w := newWorld(t, db)
		var made []ledger.Entry
		for _, item := range []string{"web-a", "web-b", "db"} {
			made = append(made, entry("monitor.check.created", "2026-03-01T06:00", core.Ref{Kind: "check", ID: "check-" + item}, map[string]any{}))
		}
		w.tell(made...)
		w.all("2026-03-01T06:00", "web-a", "web-b", "db")
		w.settle("2026-03-01T07:00")
		states := []string{"ok", "critical", "warning", "unknown"}
		last := map[string]string{"web-a": "ok", "web-b": "ok", "db": "ok"}
		when := at("2026-03-01T08:00")
		for i, item := range []string{"web-a", "db", "web-b", "web-a", "db", "web-b", "web-a", "web-b", "db"} {
			to := states[(i*3+1)%4]
			if to == last[item] {
				continue
			}
			w.tell(changed(item, when.Format("2006-01-02T15:04"), last[item], to))
			last[item] = to
			when = when.Add(53 * time.Minute)
		}
		before := w.shown("shop") + "\n" + w.shown("db") + "\n" + w.shown("web-a")
		n, err := w.c.Rebuild(t.Context())
		if err != nil || n < 5 {
			t.Fatal(n, err)
		}
		w.settle("2026-03-02T00:00")
		if after := w.shown("shop") + "\n" + w.shown("db") + "\n" + w.shown("web-a"); after != before {
			t.Errorf("rebuilt\n%s\nwas\n%s", after, before)
		}
	})
}

func TestWhatIsNoLongerCheckedIsNotKnown(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sqldbtest.SQLite(t))
	w.all("2026-03-01T06:00", "db")
	w.settle("2026-03-01T07:00")
	w.measured = nil
	w.settle("2026-03-01T09:00")
	states, err := w.c.States(t.Context(), []string{"db", "shop"})
	if err != nil || len(states) != 0 {
		t.Errorf("%v %v", states, err)
	}
	r, err := w.c.Report(reader(), "db", "", Period{From: at("2026-03-01T00:00"), To: at("2026-03-02T00:00")})
	if err != nil || r.Up != 3*3600 || r.Unknown != 6*3600 {
		t.Errorf("%+v %v", r, err)
	}
}

// TestTheConsumerFollowsTheLedger runs all of it for real.
func TestTheConsumerFollowsTheLedger(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		w := newWorld(t, db)
		w.all("2026-03-01T06:00", "db", "web-a", "web-b")
		w.settle("2026-03-01T07:00")
		moved := make(chan struct{}, 100)
		w.c.OnChange(func() { moved <- struct{}{} })
		if err := w.ledger.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { w.ledger.Stop(context.Background()) })
		if err := db.Write(t.Context(), func(tx *sqldb.Tx) error {
			_, err := w.ledger.Append(t.Context(), tx, changed("db", "2026-03-02T08:00", "ok", "critical"))
			return err
		}); err != nil {
			t.Fatal(err)
		}
		select {
		case <-moved:
		case <-time.After(20 * time.Second):
			t.Fatal("nothing moved")
		}
		if got, want := w.shown("shop"), "1T06:00 up, 2T08:00 down (db)"; got != want {
			t.Errorf("%s, want %s", got, want)
		}
	})
}

func TestTargetsNameWhatIsWrong(t *testing.T) {
	t.Parallel()
	_, err := ParseTarget([]byte(`{"target":101,"unknown":"maybe","timeZone":"Mars/Olympus","items":["x"]}`))
	for _, field := range []string{"spec.target", "spec.unknown", "spec.timeZone", "spec.items[0]"} {
		if err == nil || !strings.Contains(fmt.Sprint(err), field) {
			t.Errorf("%v does not name %s", err, field)
		}
	}
}

func FuzzTarget(f *testing.F) {
	for _, seed := range []string{`{"target":99.9,"selector":"class=host"}`, `{"target":1e308}`, `{"target":99,"selector":"x","timeZone":"UTC","degraded":"down"}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		spec, err := ParseTarget(raw)
		if err != nil {
			return
		}
		text, err := json.Marshal(spec)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := ParseTarget(text); err != nil {
			t.Fatalf("%s is not taken again: %v", text, err)
		}
	})
}
