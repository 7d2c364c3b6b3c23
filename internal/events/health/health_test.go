package health

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/core/coretest"
	"mainstay/internal/events"
	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/ledger"
	"mainstay/internal/platform/sqldb"
	"mainstay/internal/platform/sqldb/sqldbtest"
)

func TestMain(m *testing.M) { sqldbtest.Main(m) }

// around is everything outside of the room: graph, alerts, checks, maintenance.
type around struct {
	mu        sync.Mutex
	needs     map[string][]Need
	services  []string
	sites     []Site
	teams     map[string]string
	classes   map[string]string
	standings map[string]events.Standing
	watched   []string
	windows   map[string]bool
	listeners []func([]string)
}

func (a *around) Needs(item string) []Need                         { a.mu.Lock(); defer a.mu.Unlock(); return a.needs[item] }
func (a *around) Services(context.Context) ([]string, error)       { return a.services, nil }
func (a *around) Sites(context.Context) ([]Site, error)            { return a.sites, nil }
func (a *around) Watched(context.Context) ([]string, error)        { return a.watched, nil }
func (a *around) OnStanding(fn func([]string))                     { a.listeners = append(a.listeners, fn) }
func (a *around) Select(context.Context, string) ([]string, error) { return nil, nil }
func (a *around) ItemOf(_ context.Context, ids []core.Identity) (string, error) {
	return ids[0].Value, nil
}
func (a *around) InMaintenance(_ context.Context, item string, _ time.Time) (bool, string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.windows[item], ""
}
func (a *around) Items(_ context.Context, ids []string) (map[string]Item, error) {
	out := map[string]Item{}
	for _, id := range ids {
		class := a.classes[id]
		out[id] = Item{ID: id, Name: strings.ToUpper(id[:1]) + id[1:], Class: class, Label: class, Ancestors: []string{class, "item"}, Team: a.teams[id]}
	}
	return out, nil
}
func (a *around) Standings(items []string) map[string]events.Standing {
	a.mu.Lock()
	defer a.mu.Unlock()
	out := map[string]events.Standing{}
	for item, s := range a.standings {
		if items == nil {
			out[item] = s
		}
	}
	for _, item := range items {
		if s, ok := a.standings[item]; ok {
			out[item] = s
		}
	}
	return out
}

// stands has alerts of an item change.
func (a *around) stands(item string, s events.Standing) {
	a.mu.Lock()
	a.standings[item] = s
	if s == (events.Standing{}) {
		delete(a.standings, item)
	}
	a.mu.Unlock()
	for _, fn := range a.listeners {
		fn([]string{item})
	}
}

func one(items ...string) (needs []Need) {
	for _, item := range items {
		needs = append(needs, Need{[]string{item}, 1})
	}
	return needs
}

func shop() *around {
	return &around{
		needs:    map[string][]Need{"shop": append(one("web"), Need{[]string{"mail1", "mail2"}, 1}), "web": one("db"), "wiki": one("host9")},
		services: []string{"shop", "wiki"}, teams: map[string]string{"wiki": "t2"}, classes: map[string]string{"web": "application", "db": "database"},
		sites:     []Site{{Name: "lisbon", Items: []string{"db", "web", "mail1", "mail2"}}},
		standings: map[string]events.Standing{}, watched: []string{"db", "web"}, windows: map[string]bool{},
	}
}

// room is a component with its ledger on one store.
type room struct {
	*Component
	*around
	t      testing.TB
	db     *sqldb.DB
	clock  *coretest.Clock
	ledger *ledger.Ledger
}

func newRoom(t testing.TB, db *sqldb.DB, a *around) *room {
	t.Helper()
	if err := errors.Join(sqldb.Migrate(t.Context(), db, "ledger", ledger.Migrations()), sqldb.Migrate(t.Context(), db, "servicehealth", Migrations())); err != nil {
		t.Fatal(err)
	}
	r := &room{around: a, t: t, db: db, clock: coretest.NewClock(time.Date(2026, 11, 2, 3, 0, 0, 0, time.UTC))}
	r.start()
	t.Cleanup(r.stop)
	return r
}

func (r *room) start() {
	r.t.Helper()
	ids := core.NewIDs(r.clock, nil)
	log := slog.New(slog.DiscardHandler)
	r.ledger = ledger.New(ledger.Configuration{}, ledger.Dependencies{DB: r.db, Clock: r.clock, IDs: ids, Log: log})
	r.around.listeners = nil
	c, err := New(Defaults(), Dependencies{DB: r.db, Ledger: r.ledger, Graph: r.around, Alerts: r.around, Checks: r.around, Maintenance: r.around, Clock: r.clock, IDs: ids, Log: log})
	if err != nil {
		r.t.Fatal(err)
	}
	r.Component = c
	if err := errors.Join(r.ledger.Start(context.Background()), c.Start(context.Background())); err != nil {
		r.t.Fatal(err)
	}
	r.eventually("it writes", func() bool {
		r.writing.Lock()
		defer r.writing.Unlock()
		return r.term != nil
	})
}

func (r *room) stop() {
	r.Component.Stop(context.Background())
	r.ledger.Stop(context.Background())
}

func (r *room) eventually(what string, ok func() bool) {
	r.t.Helper()
	for until := time.Now().Add(time.Minute); time.Now().Before(until); time.Sleep(2 * time.Millisecond) {
		if ok() {
			return
		}
	}
	r.t.Fatalf("not within a minute: %s", what)
}

// passes lets time pass in which states are written: a step at a time, for a
// leader that is just asking for its lock takes one long step for no answer, and
// the hours of it for a time that nobody saw.
func (r *room) passes(d time.Duration) {
	r.t.Helper()
	for step := 2 * markEvery; d > 0; d -= step {
		r.clock.Advance(min(d, step))
		r.eventually("it is noted that states are written", func() bool {
			r.clock.Advance(50 * time.Millisecond)
			var at int64
			err := r.db.QueryRow(r.t.Context(), "SELECT COALESCE(MAX(at), 0) FROM servicehealth_mark").Scan(&at)
			return err == nil && r.clock.Now().Sub(core.FromMicros(at)) <= markEvery
		})
	}
}

// becomes waits until a root is shown in a state and that is written.
func (r *room) becomes(id string, state State) View {
	r.t.Helper()
	var v View
	r.eventually(fmt.Sprintf("%s becomes %s", id, state), func() bool {
		r.clock.Advance(250 * time.Millisecond)
		var err error
		if v, err = r.One(admin(), id); err != nil || v.State != state {
			return false
		}
		r.writing.Lock()
		defer r.writing.Unlock()
		return r.written[id] == state
	})
	return v
}

func admin() context.Context {
	return auth.With(context.Background(), auth.NewPrincipal(auth.KindUser, "u1", "Maria", auth.BuiltinRoles(), auth.Grant{Role: auth.Administrator}))
}

func (r *room) entries() (out []string) {
	r.t.Helper()
	list, err := r.ledger.List(context.Background(), ledger.Query{Types: []string{"events.health."}, Oldest: true, Limit: 1000})
	if err != nil {
		r.t.Fatal(err)
	}
	for _, e := range list {
		out = append(out, e.Summary)
	}
	return out
}

func (r *room) past(id string, since time.Duration) Past {
	r.t.Helper()
	r.clock.Advance(time.Second) // what begins now is not past
	list, err := r.History(admin(), []string{id}, r.clock.Now().Add(-since), time.Time{})
	if err != nil || len(list) != 1 {
		r.t.Fatal(list, err)
	}
	return list[0]
}

var critical = events.Standing{Severity: core.Critical, Alerts: 1}

func TestAServiceGoesDownAndRecovers(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		r := newRoom(t, db, shop())
		r.becomes("shop", OK)
		r.becomes("wiki", Unknown) // nothing looks at what it needs
		r.passes(time.Hour)
		r.stands("db", critical)
		v := r.becomes("shop", Down)
		if page, err := r.List(admin(), Filter{Kind: KindService, State: "down", Brief: true}); err != nil || len(page.Items) != 1 || page.Items[0].State != Down || len(page.Items[0].Causes) != 0 {
			t.Errorf("in brief: %+v %v", page, err)
		}
		if len(v.Causes) != 1 || v.Causes[0].Item != "db" || v.Causes[0].Name != "Db" {
			t.Fatalf("%+v", v.Causes)
		}
		r.becomes("site:lisbon", Degraded) // its two mail servers are half of it
		r.passes(30 * time.Minute)
		r.stands("db", events.Standing{})
		r.becomes("shop", OK)
		p := r.past("shop", 24*time.Hour)
		if n := len(p.Intervals); n != 3 || p.Intervals[1].State != Down || p.Intervals[1].Causes[0].Item != "db" || p.Figures.Outages != 1 {
			t.Fatalf("%+v", p)
		}
		if down := p.Figures.Minutes[Down]; down < 30 || down > 31 {
			t.Fatalf("down for %v minutes", down)
		}
		told := strings.Join(r.entries(), "\n")
		for _, want := range []string{"Shop is down, it was ok: Db", "Shop is ok, it was down", "lisbon is degraded"} {
			if !strings.Contains(told, want) {
				t.Errorf("nothing says %q:\n%s", want, told)
			}
		}
		// A snooze of the alert changes nothing here, maintenance does.
		r.stands("db", events.Standing{Planned: true})
		r.becomes("shop", Planned)
		r.stands("db", events.Standing{})
		r.becomes("shop", OK)
		r.outside(func() { r.around.windows["shop"] = true })
		r.clock.Advance(r.cfg.Look)
		r.becomes("shop", Planned)
	})
}

func (r *room) outside(fn func()) {
	r.around.mu.Lock()
	defer r.around.mu.Unlock()
	fn()
}

func TestWhatNobodySawIsUnknown(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		r := newRoom(t, db, shop())
		r.becomes("shop", OK)
		r.passes(2 * time.Minute)
		r.stands("db", critical)
		r.becomes("shop", Down)
		r.stop()
		r.clock.Advance(time.Hour)
		r.start()
		r.becomes("shop", Down)
		p := r.past("shop", 2*time.Hour)
		if n := len(p.Intervals); p.Intervals[n-1].State != Down || p.Intervals[n-2].State != Unknown {
			t.Fatalf("%+v", p.Intervals)
		}
		if m := p.Figures.Minutes; m[Down] > 3 {
			t.Fatalf("time in which nothing ran counts as down: %+v", m)
		}
		for i, one := range p.Intervals[1:] {
			if !one.From.Equal(p.Intervals[i].To) {
				t.Fatalf("a hole or overlap: %+v", p.Intervals)
			}
		}
		r.stop()
		r.clock.Advance(time.Minute) // a short restart is no gap
		r.start()
		r.becomes("shop", Down)
		if n := len(r.past("shop", 2*time.Hour).Intervals); n != len(p.Intervals) {
			t.Fatalf("%d intervals, there were %d", n, len(p.Intervals))
		}
	})
}

func TestRulesOfDocuments(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		a := shop()
		const id = "01kb0000000000000000000000"
		a.needs[id] = one("n1", "n2", "n3")
		a.classes["n1"], a.classes["n2"], a.classes["n3"] = "host", "host", "host"
		a.services, a.watched = append(a.services, id), append(a.watched, "n1")
		r := newRoom(t, db, a)
		r.stands("n1", critical)
		r.becomes(id, Down)
		apply := func(name, spec string) {
			t.Helper()
			if err := db.Write(admin(), func(tx *sqldb.Tx) error {
				_, err := r.applyRule(admin(), tx, name, json.RawMessage(spec))
				return err
			}); err != nil {
				t.Fatal(err)
			}
		}
		apply("nodes", `{"items": ["`+id+`"], "groups": [{"name": "nodes", "classes": ["host"], "require": 2}]}`)
		v := r.becomes(id, Degraded)
		if v.Rule != "nodes" {
			t.Fatalf("%+v", v)
		}
		tree, err := r.TreeOf(admin(), id, "")
		if err != nil || len(tree.Branches) != 1 || tree.Branches[0].Rule != "2 of 3 must work" || tree.Branches[0].Members[0].Item != "n1" {
			t.Fatalf("%+v %v", tree, err)
		}
		picture, err := r.PictureOf(admin(), id)
		if err != nil || len(picture.Nodes) != 4 || len(picture.Edges) != 3 || picture.Nodes[0].State != Degraded {
			t.Fatalf("%+v %v", picture, err)
		}
		apply("nodes", `{"items": ["`+id+`"], "weights": {"classes": {"host": 2}, "downBelow": 70}}`)
		r.becomes(id, Down)
		apply("nodes", `{"items": ["`+id+`"], "ignore": ["host"]}`)
		r.becomes(id, Unknown) // nothing that counts is looked at
		apply("default", `{"down": "critical", "degraded": "critical"}`)
		r.stands("db", events.Standing{Severity: core.Major, Alerts: 1})
		r.becomes("shop", OK)
	})
}

func TestSpecsThatAreRefused(t *testing.T) {
	t.Parallel()
	for _, one := range [][3]string{
		{"x", `{}`, "spec.items"}, {"default", `{"selector": "class=host"}`, "spec.items"}, {"x", `{"items": ["nothing"]}`, "spec.items[0]"},
		{"x", `{"selector": "a=b", "down": "minor", "degraded": "major"}`, "spec.degraded"}, {"x", `{"selector": "a=b", "groups": [{"name": "g", "classes": ["host"]}]}`, "spec.groups[0].require"},
		{"x", `{"selector": "a=b", "groups": [{"name": "g", "require": 1}]}`, "spec.groups[0].classes"}, {"x", `{"selector": "a=b", "weights": {"downBelow": 90, "degradedBelow": 50}}`, "spec.weights.downBelow"},
		{"x", `{"selector": "a=b", "site": {}}`, "spec.site"}, {"x", `{"selector": "a=b", "colour": 1}`, "spec.colour"},
	} {
		_, err := ParseSpec(one[0], json.RawMessage(one[1]))
		var coded *core.Error
		if !errors.As(err, &coded) || len(coded.Details) == 0 || coded.Details[0].Field != one[2] {
			t.Errorf("%s: %v, want %s named", one[1], err, one[2])
		}
	}
}

func TestOtherTeamsServices(t *testing.T) {
	t.Parallel()
	r := newRoom(t, sqldbtest.SQLite(t), shop())
	r.becomes("shop", OK)
	other := auth.With(context.Background(), auth.NewPrincipal(auth.KindUser, "u2", "Ana", auth.BuiltinRoles(), auth.Grant{Role: auth.Operator, Team: "t1"}))
	if _, err := r.One(other, "wiki"); core.CodeOf(err) != core.CodeNotFound {
		t.Errorf("one: %v", err)
	}
	if _, err := r.TreeOf(other, "wiki", ""); core.CodeOf(err) != core.CodeNotFound {
		t.Errorf("tree: %v", err)
	}
	page, err := r.List(other, Filter{Kind: KindService})
	if err != nil || len(page.Items) != 1 || page.Items[0].ID != "shop" || page.States["unknown"] != 0 {
		t.Errorf("%+v %v", page, err)
	}
	if past, err := r.History(other, []string{"wiki"}, time.Time{}, time.Time{}); err != nil || len(past) != 0 {
		t.Errorf("%+v %v", past, err)
	}
}

func FuzzSpec(f *testing.F) {
	f.Add("default", []byte(`{"down": "critical", "groups": [{"name": "g", "classes": ["host"], "percent": 50}]}`))
	f.Add("x", []byte(`{"selector": "class=host", "weights": {"classes": {"host": 2}, "downBelow": 50}, "ignore": ["rack"]}`))
	f.Fuzz(func(t *testing.T, name string, raw []byte) {
		s, err := ParseSpec(name, raw)
		if err != nil {
			return
		}
		needs := append(one("a", "b", "c"), Need{[]string{"d", "e"}, 1})
		for _, need := range s.apply(needs, func(string) []string { return []string{"host", "item"} }) {
			if len(need.Items) == 0 || need.Weights == nil && (need.Require < 1 || need.Require > len(need.Items)) || need.Weights != nil && len(need.Weights) != len(need.Items) {
				t.Fatalf("%+v", need)
			}
		}
	})
}
