package routing

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/core/coretest"
	"mainstay/internal/platform/ledger"
	"mainstay/internal/platform/sqldb"
	"mainstay/internal/platform/sqldb/sqldbtest"
)

func TestMain(m *testing.M) { sqldbtest.Main(m) }

// house is a router with a webhook that remembers what it was told.
type house struct {
	t      *testing.T
	db     *sqldb.DB
	clock  *coretest.Clock
	ids    *core.IDs
	router *Router

	mu     sync.Mutex
	told   []told
	status int // what the webhook answers; 0 for 200
	calls  int
	muted  map[string]bool // by alertname
	heard  chan struct{}
	url    string
}

type told struct {
	receiver, status, reason, key string
	firing, resolved              []string
	body                          map[string]any
}

const schema = `CREATE TABLE events_notification (group_key {{text}} NOT NULL, receiver {{text}} NOT NULL, integration {{text}} NOT NULL, position BIGINT NOT NULL,
	firing {{text}} NOT NULL, resolved {{text}} NOT NULL, at BIGINT NOT NULL, expires_at BIGINT NOT NULL, claimed_by {{text}} NOT NULL,
	claimed_until BIGINT NOT NULL, failure {{text}} NOT NULL, PRIMARY KEY (group_key, receiver, integration, position))`

func newHouse(t *testing.T, db *sqldb.DB) *house {
	t.Helper()
	kind := map[sqldb.Dialect]string{sqldb.SQLite: "TEXT", sqldb.PostgreSQL: `TEXT COLLATE "C"`}[db.Dialect()]
	err := sqldb.Migrate(t.Context(), db, "ledger", ledger.Migrations())
	if err == nil {
		err = db.Write(t.Context(), func(tx *sqldb.Tx) error {
			_, err := tx.Exec(t.Context(), strings.ReplaceAll(schema, "{{text}}", kind))
			return err
		})
	}
	if err != nil {
		t.Fatal(err)
	}
	h := &house{t: t, db: db, clock: coretest.NewClock(time.Date(2026, 11, 2, 3, 0, 0, 0, time.UTC)), muted: map[string]bool{}, heard: make(chan struct{}, 100)}
	h.ids = core.NewIDs(h.clock, nil)
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	h.url = server.URL
	h.start("one", true)
	return h
}

func (h *house) start(self string, owned bool) {
	h.router = h.another(self, owned)
	h.t.Cleanup(h.router.Stop)
}

func (h *house) another(self string, owned bool) *Router {
	h.t.Helper()
	book := ledger.New(ledger.Configuration{}, ledger.Dependencies{DB: h.db, Clock: h.clock, IDs: h.ids, Log: slog.New(slog.DiscardHandler)})
	r := New(Defaults(), Dependencies{DB: h.db, Ledger: book, Clock: h.clock, Log: slog.New(slog.DiscardHandler), Alerts: h, HTTP: http.DefaultClient, Self: self})
	if err := r.Start(context.Background(), owned); err != nil {
		h.t.Fatal(err)
	}
	return r
}

func (h *house) Muted(set map[string]string, _ time.Time) (bool, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.muted[set["alertname"]], false
}

func (h *house) Confirm(context.Context, []string) error { return nil }

func (h *house) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var body struct {
		Version, GroupKey, Receiver, Status string
		Reason                              string `json:"notification_reason"`
		Alerts                              []struct {
			Status string
			Labels map[string]string
		}
	}
	var raw map[string]any
	var text json.RawMessage
	if json.NewDecoder(r.Body).Decode(&text) == nil {
		json.Unmarshal(text, &body)
		json.Unmarshal(text, &raw)
	}
	one := told{receiver: body.Receiver, status: body.Status, reason: body.Reason, key: body.GroupKey, body: raw}
	for _, a := range body.Alerts {
		if a.Status == "firing" {
			one.firing = append(one.firing, a.Labels["alertname"])
		} else {
			one.resolved = append(one.resolved, a.Labels["alertname"])
		}
	}
	h.mu.Lock()
	h.calls++
	status := h.status
	if status == 0 {
		h.told = append(h.told, one)
	}
	h.mu.Unlock()
	if status != 0 {
		w.WriteHeader(status)
	}
	h.heard <- struct{}{}
}

// apply routes by a document; $URL stands for the webhook.
func (h *house) apply(document string) {
	h.t.Helper()
	h.router.Apply(h.plan(document), nil)
}

func (h *house) plan(document string) *Plan {
	h.t.Helper()
	var spec Spec
	if err := json.Unmarshal([]byte(strings.ReplaceAll(document, "$URL", h.url)), &spec); err != nil {
		h.t.Fatal(err)
	}
	p, err := Compile(spec, nil)
	if err != nil {
		h.t.Fatal(err)
	}
	return p
}

const simple = `{"route": {"receiver": "team", "group_by": ["site"], "group_wait": "30s", "group_interval": "5m", "repeat_interval": "4h"},
	"receivers": [{"name": "team", "webhook_configs": [{"url": "$URL"}]}]}`

func (h *house) alert(name, site string) *Alert {
	now := h.clock.Now()
	return &Alert{ID: name + site, Key: name + site, Fingerprint: name + site, Labels: map[string]string{"alertname": name, "site": site}, StartsAt: now, UpdatedAt: now}
}

func (h *house) resolved(a *Alert) *Alert {
	over := *a
	over.EndsAt, over.Cleared = h.clock.Now(), true
	return &over
}

// pass lets time go by in steps, until what was due has been done.
func (h *house) pass(d time.Duration) {
	h.t.Helper()
	for d > 0 {
		step := min(d, 10*time.Second)
		h.clock.Advance(step)
		d -= step
		h.idle()
	}
}

// idle waits until no group is due and none is being told of.
func (h *house) idle() {
	h.t.Helper()
	for range 4000 {
		if h.quiet(h.router) {
			return
		}
		time.Sleep(time.Millisecond)
	}
	h.t.Fatal("a group is not done")
}

// quiet says that no group is due and none is being told of.
func (h *house) quiet(r *Router) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, g := range r.groups {
		if g.flushing {
			return false
		}
	}
	return len(r.queue) == 0 || r.queue[0].due.After(h.clock.Now())
}

func (h *house) take() []told {
	h.mu.Lock()
	defer h.mu.Unlock()
	list := h.told
	h.told = nil
	for i := range list {
		slices.Sort(list[i].firing)
		slices.Sort(list[i].resolved)
	}
	slices.SortFunc(list, func(a, b told) int { return strings.Compare(a.key, b.key) })
	return list
}

func (h *house) want(what string, want ...string) {
	h.t.Helper()
	var got []string
	for _, one := range h.take() {
		got = append(got, fmt.Sprintf("%s %v %v: %s", one.receiver, one.firing, one.resolved, one.reason))
	}
	if !slices.Equal(got, want) {
		h.t.Fatalf("%s: told %q, want %q", what, got, want)
	}
}

// TestAGroupIsToldInItsTime follows one group: it waits, changes, repeats and ends.
func TestAGroupIsToldInItsTime(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		h.apply(simple)
		a, b, c := h.alert("A", "x"), h.alert("B", "x"), h.alert("C", "y")
		h.router.Put(a)
		h.pass(20 * time.Second)
		h.want("within group_wait")
		h.router.Put(b, c)
		h.pass(10 * time.Second)
		h.want("after group_wait", "team [A B] []: first notification")
		h.pass(20 * time.Second)
		h.want("the other site waits for itself", "team [C] []: first notification")
		h.pass(4 * time.Minute)
		h.router.Put(h.alert("D", "x"))
		h.want("within group_interval")
		h.pass(40 * time.Second)
		h.want("after group_interval", "team [A B D] []: new alerts added")
		h.router.Put(h.resolved(a))
		h.pass(5 * time.Minute)
		h.want("one is resolved", "team [B D] [A]: some alerts resolved")
		h.pass(3*time.Hour + 50*time.Minute)
		h.want("within repeat_interval")
		h.pass(20 * time.Minute)
		h.want("after repeat_interval", "team [B D] []: repeat interval elapsed", "team [C] []: repeat interval elapsed")
		h.router.Put(h.resolved(h.alert("B", "x")), h.resolved(h.alert("D", "x")))
		h.pass(5 * time.Minute)
		h.want("all are resolved", "team [] [B D]: all alerts resolved")
		if n := h.router.Counts().Groups; n != 1 {
			t.Fatalf("%d groups", n)
		}
		h.router.Put(h.resolved(h.alert("Z", "z")))
		h.pass(10 * time.Minute)
		h.want("nobody was told of Z")
	})
}

// TestTheTree routes by matchers, continue and inheritance.
func TestTheTree(t *testing.T) {
	t.Parallel()
	h := newHouse(t, sqldbtest.SQLite(t))
	p := h.plan(`{"route": {"receiver": "all", "group_by": ["..."], "routes": [
		{"matchers": ["team=\"db\""], "receiver": "db", "continue": true, "routes": [{"match_re": {"severity": "critical|page"}, "receiver": "db-night"}]},
		{"match": {"site": "x"}, "receiver": "site"}, {"matchers": ["{site=x,alertname!~\"A.*\"}"], "receiver": "never"}]},
		"receivers": [{"name": "all"}, {"name": "db"}, {"name": "db-night"}, {"name": "site"}, {"name": "never"}]}`)
	for _, c := range []struct {
		set  map[string]string
		want string
	}{
		{map[string]string{"a": "b"}, "all"},
		{map[string]string{"team": "db"}, "db"},
		{map[string]string{"team": "db", "severity": "page"}, "db-night"},
		{map[string]string{"team": "db", "site": "x"}, "db site"},
		{map[string]string{"site": "x", "alertname": "B"}, "site"},
	} {
		if got := strings.Join(p.Receivers(c.set), " "); got != c.want {
			t.Errorf("%v: %s, want %s", c.set, got, c.want)
		}
	}
	if n := p.root.children[0].children[0]; n.repeatInterval != 4*time.Hour || !n.groupByAll || n.key != `{}/{team="db"}/{severity=~"critical|page"}` {
		t.Errorf("%+v", n)
	}
}

// TestAFailingReceiverIsTriedAgainAndKeepsNoOther has one of two webhooks fail.
func TestAFailingReceiverIsTriedAgain(t *testing.T) {
	t.Parallel()
	h := newHouse(t, sqldbtest.SQLite(t))
	h.apply(simple)
	h.status = http.StatusServiceUnavailable
	h.router.Put(h.alert("A", "x"))
	h.clock.Advance(30 * time.Second)
	for range 3 { // 5xx: it is tried again after a while
		<-h.heard
		for h.clock.Timers() < 2 {
			time.Sleep(time.Millisecond)
		}
		h.clock.Advance(2 * time.Second)
	}
	h.mu.Lock()
	h.status = 0
	h.mu.Unlock()
	for len(h.heard) > 0 {
		<-h.heard
	}
	h.clock.Advance(5 * time.Second)
	<-h.heard
	h.idle()
	h.want("it answers again", "team [A] []: first notification")
	h.status = http.StatusBadRequest
	before := h.calls
	h.router.Put(h.alert("B", "x"))
	h.pass(5 * time.Minute)
	if h.calls != before+1 {
		t.Fatalf("%d calls after a refusal for good", h.calls-before)
	}
	h.status = 0
	h.pass(5 * time.Minute)
	h.want("the next flush tells what was refused", "team [A B] []: new alerts added")
}

func TestWhatIsHeldBackIsNotTold(t *testing.T) {
	t.Parallel()
	h := newHouse(t, sqldbtest.SQLite(t))
	h.apply(`{"route": {"receiver": "none", "routes": [{"receiver": "team", "group_by": [], "group_wait": "0s", "group_interval": "1m", "mute_time_intervals": ["night"]}]},
		"receivers": [{"name": "none"}, {"name": "team", "webhook_configs": [{"url": "$URL"}]}],
		"time_intervals": [{"name": "night", "time_intervals": [{"times": [{"start_time": "00:00", "end_time": "04:00"}], "years": [2026]}]}]}`)
	h.muted["A"] = true
	held := h.alert("M", "x")
	held.Held = true
	h.router.Put(h.alert("A", "x"), h.alert("B", "x"), held)
	h.pass(59 * time.Minute)
	h.want("at night")
	if g := h.router.Groups(func(string) bool { return true }, h.clock.Now()); len(g) != 1 || len(g[0].MutedBy) != 1 || len(g[0].Alerts) != 3 {
		t.Fatalf("%+v", g)
	}
	h.pass(2 * time.Minute)
	h.want("in the morning", "team [B] []: first notification")
	delete(h.muted, "A")
	h.pass(time.Minute)
	h.want("no longer inhibited", "team [A B] []: new alerts added")
}

// TestAnotherProcessTellsOnce has two routers on one database know the same alert.
func TestAnotherProcessTellsOnce(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		other := h.another("two", false)
		t.Cleanup(other.Stop)
		p := h.plan(simple)
		h.router.Apply(p, nil)
		other.Apply(p, nil)
		for range 5 {
			a := h.alert("A", string(h.ids.New()))
			h.router.Put(a)
			other.Put(a)
		}
		h.clock.Advance(30 * time.Second)
		for range 5 {
			<-h.heard
		}
		for range 60 { // past two more flushes, whoever waits for whom
			h.clock.Advance(10 * time.Second)
			for try := 0; try < 100 && !(h.quiet(h.router) && h.quiet(other)); try++ {
				time.Sleep(time.Millisecond)
			}
		}
		if list := h.take(); len(list) != 5 {
			t.Fatalf("told %d times of 5 groups", len(list))
		}
	})
}

// TestAKilledProcessForgetsNothing starts a router on what another one left.
func TestAKilledProcessForgetsNothing(t *testing.T) {
	t.Parallel()
	h := newHouse(t, sqldbtest.SQLite(t))
	h.apply(simple)
	a, b := h.alert("A", "x"), h.alert("B", "y")
	h.router.Put(a, b)
	h.pass(time.Minute)
	h.want("both are told", "team [A] []: first notification", "team [B] []: first notification")
	h.router.Stop()
	h.clock.Advance(time.Minute)
	h.start("two", true)
	h.router.Apply(h.plan(simple), []*Alert{h.resolved(a), b, h.alert("C", "z")}) // A ended meanwhile, C began
	h.pass(time.Minute)
	h.want("what is news, and nothing else", "team [] [A]: all alerts resolved", "team [C] []: first notification")
}

func TestABadDocumentSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	for document, want := range map[string]string{
		`{"route": {}, "receivers": []}`:                                                                                                               "spec.route.receiver",
		`{"route": {"receiver": "x"}, "receivers": [{"name": "a"}]}`:                                                                                   "spec.route.receiver",
		`{"route": {"receiver": "a", "matchers": ["a=b"]}, "receivers": [{"name": "a"}]}`:                                                              "spec.route.matchers",
		`{"route": {"receiver": "a", "routes": [{"matchers": ["=x"]}]}, "receivers": [{"name": "a"}]}`:                                                 "spec.route.routes[0].matchers[0]",
		`{"route": {"receiver": "a", "group_interval": "0s"}, "receivers": [{"name": "a"}]}`:                                                           "spec.route.group_interval",
		`{"route": {"receiver": "a", "group_by": ["...", "x"]}, "receivers": [{"name": "a"}]}`:                                                         "spec.route.group_by",
		`{"route": {"receiver": "a"}, "receivers": [{"name": "a"}, {"name": "a"}]}`:                                                                    "spec.receivers[1].name",
		`{"route": {"receiver": "a"}, "receivers": [{"name": "a", "webhook_configs": [{"url": "file:///etc/passwd"}]}]}`:                               "spec.receivers[0].webhook_configs[0].url",
		`{"route": {"receiver": "a"}, "receivers": [{"name": "a", "email_configs": [{"to": "no address"}]}]}`:                                          "spec.receivers[0].email_configs[0].to",
		`{"route": {"receiver": "a", "routes": [{"mute_time_intervals": ["n"]}]}, "receivers": [{"name": "a"}]}`:                                       "spec.route.routes[0].mute_time_intervals",
		`{"route": {"receiver": "a"}, "receivers": [{"name": "a"}], "time_intervals": [{"name": "n", "time_intervals": [{"weekdays": ["someday"]}]}]}`: "spec.time_intervals[0].time_intervals[0]",
		`{"route": {"receiver": "a"}, "receivers": [{"name": "a"}], "inhibit_rules": [{"source_matchers": ["=x"]}]}`:                                   "spec.inhibit_rules[0].source_matchers[0]",
		`{"route": {"receiver": "a"}, "receivers": [{"name": "a"}], "templates": ["{{ define"]}`:                                                       "spec.templates[0]",
	} {
		var spec Spec
		if err := json.Unmarshal([]byte(document), &spec); err != nil {
			t.Fatal(err)
		}
		_, err := Compile(spec, nil)
		if err == nil || !strings.Contains(fmt.Sprint(err, detailsOf(err)), want) {
			t.Errorf("%s: %v", document, err)
		}
	}
}

func detailsOf(err error) []core.Detail {
	if coded, ok := err.(*core.Error); ok {
		return coded.Details
	}
	return nil
}

// FuzzSpec: whatever a document says, it is refused or can be used.
func FuzzSpec(f *testing.F) {
	f.Add([]byte(simple))
	f.Add([]byte(`{"route": {"receiver": "a", "routes": [{"match_re": {"a": "("}, "continue": true}]}, "receivers": [{"name": "a", "webhook_configs": [{"url": "{{ .Receiver }}", "payload": {"x": ["{{ .Status }}"]}}]}]}`))
	f.Add([]byte(`{"route": {"receiver": "a"}, "receivers": [{"name": "a"}], "time_intervals": [{"name": "n", "time_intervals": [{"weekdays": ["monday:friday"], "days_of_month": ["-1"], "location": "Europe/Berlin"}]}]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		var spec Spec
		if json.Unmarshal(text, &spec) != nil {
			return
		}
		p, err := Compile(spec, nil)
		if err != nil {
			return
		}
		set := map[string]string{"a": "b", "alertname": "x"}
		for _, n := range p.root.match(set) {
			if p.receivers[n.receiver] == nil {
				t.Fatalf("%s routes to nobody", text)
			}
			p.mutedBy(n, time.Date(2026, 11, 2, 3, 0, 0, 0, time.UTC))
			labelText(n.groupLabels(set))
		}
	})
}
