package oncall

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/probe"
	"mainstay/internal/platform/sqldb"
	"mainstay/internal/platform/sqldb/sqldbtest"
)

// setUp: ann is on call, bob comes after her, then everybody.
func (w *world) setUp() {
	w.t.Helper()
	w.declare(`
kind: Channel
name: hook
spec: {type: webhook, url: "` + w.peer.URL + `"}
---
kind: Rota
name: first
spec:
  timeZone: Europe/Berlin
  layers: [{people: [ann, cem], start: "2026-11-02T09:00", every: 1w}]
---
kind: EscalationPolicy
name: standard
spec:
  match: {severity: minor}
  steps:
    - {notify: [{rota: first}], wait: 5m}
    - {notify: [{person: bob}], wait: 10m}
  repeat: 1
  fallback: [{team: ops}]
`)
	for name := range w.people {
		w.prefers(name, Preferences{High: []Rule{{Channel: "hook"}}, Low: []Rule{{Channel: "hook"}}})
	}
}

func critical(id string) Situation {
	return Situation{ID: id, Open: true, Title: "core-1 is down", Severity: core.Critical, Services: []string{"shop"}, Alerts: 3, Root: "core-1"}
}

// get follows a link as a browser or a scanner of mail does.
func get(t *testing.T, method, address string) (int, string) {
	t.Helper()
	r, err := http.NewRequest(method, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, _ := io.ReadAll(response.Body)
	return response.StatusCode, string(body)
}

// TestPageFromBeginningToEnd: a situation pages who is on call; nobody answers,
// so the next is told; their link acknowledges when it is posted and not when it
// is read; then nobody more is told; at the end those who were told hear of it.
// The process ends between any two of these.
func TestPageFromBeginningToEnd(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		w := newWorld(t, db)
		w.setUp()
		w.situation("opened", critical("s1"))
		first := w.expect("oncall.page The ann")
		if !strings.Contains(first[0].Data.Text, "core-1") || !strings.Contains(first[0].Data.Title, "CRITICAL") {
			t.Errorf("%+v", first[0].Data)
		}
		w.restart()
		w.situation("changed", critical("s1"))
		w.pass(4 * time.Minute)
		w.expect()
		w.restart()
		w.pass(time.Minute)
		second := w.expect("oncall.page The bob")

		ack := second[0].Data.AcknowledgeURL
		if status, body := get(t, "GET", ack); status != 200 || !strings.Contains(body, "Acknowledge?") {
			t.Fatalf("%d %s", status, body)
		}
		if s, _ := w.Situation(w.ctx, "s1", false); s.Acknowledged != "" {
			t.Fatal("reading a link acknowledged")
		}
		if status, body := get(t, "POST", ack[:len(ack)-2]+"xx"); status != 404 {
			t.Fatalf("a forged link: %d %s", status, body)
		}
		w.restart()
		if status, body := get(t, "POST", ack); status != 200 || !strings.Contains(body, "You have it") {
			t.Fatalf("%d %s", status, body)
		}
		if status, _ := get(t, "POST", ack); status != http.StatusConflict {
			t.Errorf("a link acted twice: %d", status)
		}
		if s, _ := w.Situation(w.ctx, "s1", false); s.Acknowledged != "The bob" {
			t.Errorf("acknowledged by %q", s.Acknowledged)
		}
		// That somebody has it is told to services only: a webhook is one.
		if got := w.told(); len(got) != 2 || got[0].Type != "oncall.acknowledged" || got[1].Type != "oncall.acknowledged" {
			t.Errorf("%+v", got)
		}
		w.restart()
		w.pass(time.Hour)
		w.expect()

		w.restart()
		if err := w.Close(w.ctx, "s1", ""); err != nil {
			t.Fatal(err)
		}
		w.restart()
		if got := w.told(); len(got) != 2 || got[0].Type != "oncall.resolved" || got[1].Type != "oncall.resolved" || got[0].Data.Person == got[1].Data.Person {
			t.Errorf("%+v", got)
		}
		pages, err := pagesWhere(w.ctx, db, "situation = 's1'")
		if err != nil || len(pages) != 1 || pages[0].State != stateResolved || pages[0].AcknowledgedBy != "The bob" || pages[0].AcknowledgedAt.Sub(pages[0].OpenedAt) < 5*time.Minute {
			t.Errorf("%+v %v", pages, err)
		}
		report, err := w.Report(w.ctx, w.clock.Now().Add(-24*time.Hour), w.clock.Now().Add(time.Hour))
		if err != nil || report.Pages != 1 || report.MTTA < 300 || report.MTTA > 330 || len(report.People) != 2 {
			t.Errorf("%+v %v", report, err)
		}
	})
}

// TestNobodyAnswers: steps, once more, the fallback, and then it says so.
func TestNobodyAnswers(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sqldbtest.SQLite(t))
	w.setUp()
	w.situation("opened", critical("s1"))
	w.expect("oncall.page The ann")
	w.pass(5 * time.Minute)
	w.expect("oncall.page The bob")
	w.pass(10 * time.Minute)
	w.expect("oncall.page The ann")
	w.pass(5 * time.Minute)
	w.expect("oncall.page The bob")
	w.pass(10 * time.Minute)
	if got := w.told(); len(got) != 2 {
		t.Fatalf("the fallback told %+v", got)
	}
	w.pass(3 * time.Hour)
	w.expect()
	if page, err := livePage(w.ctx, w.db, "s1"); err != nil || !page.Exhausted {
		t.Errorf("%+v %v", page, err)
	}
	var told int
	if err := w.db.QueryRow(w.ctx, "SELECT COUNT(*) FROM ledger_entry WHERE type = 'oncall.page.exhausted'").Scan(&told); err != nil || told != 1 {
		t.Errorf("%d %v", told, err)
	}
}

// TestStormPagesOnce: a situation that changes a thousand times, and becomes
// worse, is one page; another situation is another one.
func TestStormPagesOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sqldbtest.SQLite(t))
	w.setUp()
	s := critical("s1")
	w.situation("opened", s)
	for i := range 300 {
		s.Alerts = int64(i)
		w.situation("changed", s)
	}
	w.expect("oncall.page The ann")
	w.situation("opened", critical("s2"))
	w.expect("oncall.page The ann")
}

// TestASituationIsGatheredBeforeItPages: what is over, or a part of another
// situation, before that calls nobody.
func TestASituationIsGatheredBeforeItPages(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		w := newWorld(t, db)
		w.declare(`
kind: Channel
name: hook
spec: {type: webhook, url: "` + w.peer.URL + `"}
---
kind: EscalationPolicy
name: gathering
spec:
  gather: 30s
  steps: [{notify: [{channel: hook}]}]
`)
		w.situation("opened", critical("s1"))
		w.situation("opened", critical("s2"))
		w.pass(29 * time.Second)
		w.expect()
		part := critical("s2")
		part.Open = false
		w.situation("closed", part)
		w.pass(2 * time.Second)
		if got := w.expect("oncall.page "); got[0].Data.Situation != "s1" {
			t.Errorf("told of %+v", got[0].Data)
		}
	})
}

// TestTooManyAtOnce: what goes beyond the burst is told together.
func TestTooManyAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sqldbtest.SQLite(t))
	w.setUp()
	for i := range 30 {
		w.situation("opened", critical("s"+string(rune('A'+i))))
	}
	if got := w.told(); len(got) != w.cfg.Burst {
		t.Fatalf("%d were told one by one", len(got))
	}
	for i := range 30 { // all but three have somebody before the rest is told
		page, err := livePage(w.ctx, w.db, "s"+string(rune('A'+i)))
		if err != nil {
			t.Fatal(err)
		}
		if i < 27 {
			if _, err := w.Component.Acknowledge(w.ctx, page.ID, ""); err != nil {
				t.Fatal(err)
			}
		}
	}
	w.told()
	w.pass(w.cfg.BurstTime)
	together := 0
	for _, h := range w.told() {
		if h.Data.Person != "The ann" {
			continue // bob comes second
		}
		together++
		if !strings.Contains(h.Data.Title, "3 situations wait") {
			t.Errorf("%+v", h.Data)
		}
	}
	if together != 1 {
		t.Errorf("the rest was told %d times", together)
	}
}

// TestQuietHours: at night, low urgency waits for the morning and is told
// together; high urgency does not wait.
func TestQuietHours(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sqldbtest.SQLite(t))
	w.setUp()
	w.prefers("ann", Preferences{TimeZone: "Europe/Berlin", High: []Rule{{Channel: "hook"}}, Low: []Rule{{Channel: "hook"}}, Quiet: &Quiet{From: "22:00", To: "07:00"}})
	w.prefers("bob", Preferences{High: []Rule{{Channel: "hook", After: probe.Duration(24 * time.Hour)}}, Low: []Rule{{Channel: "hook", After: probe.Duration(24 * time.Hour)}}})
	w.clock.Advance(10 * time.Hour) // 23:00 in Berlin
	for _, id := range []string{"s1", "s2"} {
		s := critical(id)
		s.Severity = core.Minor
		w.situation("opened", s)
	}
	w.expect()
	w.situation("opened", critical("s3"))
	w.expect("oncall.page The ann")
	page, err := livePage(w.ctx, w.db, "s3")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Component.Acknowledge(w.ctx, page.ID, ""); err != nil {
		t.Fatal(err)
	}
	w.told()
	w.pass(7*time.Hour + 59*time.Minute)
	w.expect()
	w.pass(time.Minute)
	got := w.expect("oncall.page The ann")
	if !strings.Contains(got[0].Data.Title, "2 situations") || strings.Count(got[0].Data.Text, "core-1 is down") != 2 {
		t.Errorf("%+v", got[0].Data)
	}
}

// TestSnoozeReassignWorse: what people do to a page.
func TestSnoozeReassignWorse(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sqldbtest.SQLite(t))
	w.setUp()
	s := critical("s1")
	s.Severity = core.Major
	w.situation("opened", s)
	w.expect("oncall.page The ann")
	page, err := livePage(w.ctx, w.db, "s1")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Snooze(w.ctx, page.ID, w.clock.Now().Add(30*time.Minute)); err != nil {
		t.Fatal(err)
	}
	w.pass(29 * time.Minute)
	w.expect()
	w.pass(time.Minute)
	w.expect("oncall.page The ann")
	if _, err := w.Reassign(w.ctx, page.ID, "cem", ""); err != nil {
		t.Fatal(err)
	}
	w.expect("oncall.page The cem")
	w.pass(14 * time.Minute)
	w.expect()
	if _, err := w.Component.Acknowledge(w.ctx, page.ID, ""); err != nil {
		t.Fatal(err)
	}
	w.told()
	w.pass(time.Hour)
	w.expect()
	s.Severity, s.Acknowledged = core.Critical, ""
	w.situation("changed", s)
	w.expect("oncall.page The ann")
	if _, err := w.Reassign(w.ctx, page.ID, "nobody", ""); core.CodeOf(err) != core.CodeInvalid {
		t.Error(err)
	}
	auditor := auth.With(w.ctx, auth.NewPrincipal(auth.KindUser, "x", "x", auth.BuiltinRoles(), auth.Grant{Role: auth.Auditor}))
	if _, err := w.Snooze(auditor, page.ID, w.clock.Now().Add(time.Hour)); core.CodeOf(err) != core.CodeForbidden {
		t.Error(err)
	}
}

// TestDeliveryIsTriedAgainAndProven: each try and its answer is kept; what is
// refused for good is tried once.
func TestDeliveryIsTriedAgainAndProven(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sqldbtest.SQLite(t))
	w.setUp()
	w.mu.Lock()
	w.refuse = 2
	w.mu.Unlock()
	w.situation("opened", critical("s1"))
	w.pass(2 * time.Minute)
	w.expect("oncall.page The ann")
	page, err := livePage(w.ctx, w.db, "s1")
	if err != nil {
		t.Fatal(err)
	}
	d, err := w.detail(w.ctx, page)
	if err != nil || len(d.Deliveries) != 1 || d.Deliveries[0].State != deliverySent || len(d.Deliveries[0].Tries) != 3 {
		t.Fatalf("%+v %v", d, err)
	}
	if tries := d.Deliveries[0].Tries; tries[0].OK || tries[0].Status != 503 || !strings.Contains(tries[0].Answer, "try later") || !tries[2].OK || tries[2].Answer != "taken" {
		t.Errorf("%+v", tries)
	}
	w.declare("kind: Channel\nname: gone\nspec: {type: webhook, url: \"" + w.peer.URL + "\", secret: \"secret:missing\"}\n")
	out, err := w.sendTest(w.ctx, "gone", w.people["ann"])
	if err != nil {
		t.Fatal(err)
	}
	w.settle()
	list, err := deliveries(w.ctx, w.db, "id = $1", out.Body.ID)
	if err != nil || list[0].State != deliveryFailed || len(list[0].Tries) != 1 || !strings.Contains(list[0].Answer, "secret") {
		t.Errorf("%+v %v", list, err)
	}
}

// TestHandOverAndGap: both sides hear of a hand-over; a gap ahead is an alert
// until an override fills it.
func TestHandOverAndGap(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sqldbtest.SQLite(t))
	w.setUp()
	w.declare("kind: Rota\nname: short\nspec: {timeZone: UTC, layers: [{people: [ann, bob], start: \"2026-11-02T00:00\", every: 13h, end: \"2026-11-05T00:00\"}]}\n")
	w.pass(50 * time.Minute)
	w.mu.Lock()
	events := len(w.events)
	w.mu.Unlock()
	if events != 1 || w.events[0].Kind != core.Problem || w.events[0].Key != "oncall/gap/short" {
		t.Fatalf("%+v", w.events)
	}
	w.expect()
	w.pass(15 * time.Minute)
	got := w.told()
	if len(got) != 2 || got[0].Type != "oncall.handover" || !strings.Contains(got[0].Data.Title+got[1].Data.Title, "You are on call: short") || !strings.Contains(got[0].Data.Title+got[1].Data.Title, "over: short") {
		t.Errorf("%+v", got)
	}
	if _, err := w.SetOverride(w.ctx, OverrideSpec{Rota: "short", Person: "cem", From: w.clock.Now().Add(time.Hour), To: w.clock.Now().AddDate(0, 0, 20)}); err != nil {
		t.Fatal(err)
	}
	w.pass(5 * time.Minute)
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.events) != 2 || w.events[1].Kind != core.Cleared {
		t.Errorf("%+v", w.events)
	}
}

// TestMatch: what a policy selects.
func TestMatch(t *testing.T) {
	t.Parallel()
	s := Situation{Severity: core.Major, Team: "net", Classes: []string{"switch"}, Services: []string{"shop"}, Labels: []map[string]string{{"env": "prod", "dc": "a"}, {"env": "test"}}}
	for _, c := range []struct {
		match Match
		fits  bool
	}{
		{Match{}, true}, {Match{Severity: core.Major}, true}, {Match{Severity: core.Critical}, false}, {Match{Teams: []string{"db", "net"}}, true}, {Match{Teams: []string{"db"}}, false},
		{Match{Classes: []string{"switch"}}, true}, {Match{Classes: []string{"router"}}, false}, {Match{Services: []string{"shop"}}, true}, {Match{Services: []string{"pay"}}, false},
		{Match{Labels: map[string]string{"env": "prod", "dc": "a"}}, true}, {Match{Labels: map[string]string{"env": "test", "dc": "a"}}, false},
	} {
		if c.match.fits(s) != c.fits {
			t.Errorf("%+v", c.match)
		}
	}
}

// FuzzLink: no token acts that was not signed here.
func FuzzLink(f *testing.F) {
	key := []byte("0123456789abcdef0123456789abcdef")
	good := sign(key, claim{"d", "p", "u", actAcknowledge, 2_000_000_000})
	f.Add(good)
	f.Add("e30.AAAA")
	f.Add(".")
	f.Fuzz(func(t *testing.T, token string) {
		what, err := readLink(key, token, time.Unix(1_900_000_000, 0))
		if err == nil && token != good && sign(key, what) != token {
			t.Errorf("%q is taken for %+v", token, what)
		}
		if _, err := readLink(key, token, time.Unix(2_000_000_000, 0)); err == nil {
			t.Errorf("%q never ends", token)
		}
	})
}

// A page rests while all that is wrong in its situation is snoozed, and begins
// anew when that wakes; a situation that is snoozed already starts none.
func TestSnoozedAlertsRestThePage(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		w := newWorld(t, db)
		w.setUp()
		w.situation("opened", critical("s1"))
		w.expect("oncall.page The ann")
		asleep := critical("s1")
		asleep.Snoozed = true
		w.situation("changed", asleep)
		w.pass(30 * time.Minute)
		w.expect()
		w.situation("changed", critical("s1"))
		w.expect("oncall.page The ann")
		other := critical("s2")
		other.Snoozed = true
		w.situation("opened", other)
		w.pass(10 * time.Minute)
		w.expect("oncall.page The bob") // of the first
	})
}
