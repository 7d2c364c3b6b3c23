package oncall

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/core/coretest"
	"mainstay/internal/events/oncall/channel"
	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/declare"
	"mainstay/internal/platform/httpapi"
	"mainstay/internal/platform/ledger"
	"mainstay/internal/platform/mail"
	"mainstay/internal/platform/sqldb"
	"mainstay/internal/platform/sqldb/sqldbtest"
	"mainstay/internal/platform/tasks"
)

func TestMain(m *testing.M) { sqldbtest.Main(m) }

// hook is what a webhook's peer got.
type hook struct {
	Type string `json:"type"`
	Data struct {
		ID, Situation, Title, Text, Person, Urgency string
		AcknowledgeURL                              string `json:"acknowledgeUrl"`
		ResolveURL                                  string `json:"resolveUrl"`
	} `json:"data"`
}

// world is on call on a store, with situations and people made of text.
type world struct {
	*Component
	t      *testing.T
	ctx    context.Context // of an administrator
	db     *sqldb.DB
	clock  *coretest.Clock
	ledger *ledger.Ledger
	tasks  *tasks.Component
	peer   *httptest.Server
	front  *httptest.Server
	got    chan hook

	mu         sync.Mutex
	situations map[string]Situation
	people     map[string]Person
	secrets    map[string][]byte
	events     []core.Event
	refuse     int // how many requests the peer refuses yet
	handler    http.Handler
}

func newWorld(t *testing.T, db *sqldb.DB) *world {
	t.Helper()
	ctx := t.Context()
	if err := errors.Join(sqldb.Migrate(ctx, db, "ledger", ledger.Migrations()), sqldb.Migrate(ctx, db, "tasks", tasks.Migrations()), sqldb.Migrate(ctx, db, "oncall", Migrations())); err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, db: db, clock: coretest.NewClock(time.Date(2026, 11, 2, 12, 0, 0, 0, time.UTC)), got: make(chan hook, 1000), situations: map[string]Situation{},
		people: map[string]Person{}, secrets: map[string][]byte{}, ctx: auth.With(ctx, auth.System("test"))}
	for _, name := range []string{"ann", "bob", "cem"} {
		w.people[name] = Person{ID: "id-" + name, Username: name, Name: "The " + name, Email: name + "@example.org", Active: true}
	}
	w.peer = httptest.NewServer(http.HandlerFunc(w.take))
	w.front = httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		w.mu.Lock()
		h := w.handler
		w.mu.Unlock()
		h.ServeHTTP(rw, r)
	}))
	w.start()
	t.Cleanup(func() { w.stop(); w.peer.Close(); w.front.Close() })
	return w
}

func (w *world) take(rw http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	w.mu.Lock()
	refused := w.refuse > 0
	if refused {
		w.refuse--
	}
	w.mu.Unlock()
	if refused {
		http.Error(rw, "try later", http.StatusServiceUnavailable)
		return
	}
	var h hook
	if err := json.Unmarshal(body, &h); err != nil {
		http.Error(rw, err.Error(), http.StatusBadRequest)
		return
	}
	w.got <- h
	io.WriteString(rw, "taken")
}

func (w *world) start() {
	ids := core.NewIDs(w.clock, nil)
	log := slog.New(slog.DiscardHandler)
	w.ledger = ledger.New(ledger.Configuration{}, ledger.Dependencies{DB: w.db, Clock: w.clock, IDs: ids, Log: log})
	cfg := tasks.Defaults()
	cfg.Node = "test"
	var err error
	if w.tasks, err = tasks.New(cfg, tasks.Dependencies{DB: w.db, Clock: w.clock, IDs: ids, Log: log}); err != nil {
		w.t.Fatal(err)
	}
	ways := Defaults()
	ways.Gather = 0 // where a policy does not say
	w.Component, err = New(ways, Dependencies{DB: w.db, Ledger: w.ledger, Tasks: w.tasks, Situations: w, People: w, Secrets: w, Events: w, Mail: noMail{}, HTTP: w.peer.Client(),
		Address: func() string { return w.front.URL }, Clock: w.clock, IDs: ids, Log: log})
	if err != nil {
		w.t.Fatal(err)
	}
	api := httpapi.New("test", log)
	w.Routes(api)
	w.mu.Lock()
	w.handler = api.Handler()
	w.mu.Unlock()
	if err := errors.Join(w.tasks.Start(context.Background()), w.ledger.Start(context.Background()), w.Start(context.Background())); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) stop() {
	w.ledger.Stop(context.Background())
	w.tasks.Stop(context.Background())
}

// restart is a process that ends and another one that begins on the same store.
func (w *world) restart() {
	w.stop()
	w.start()
	// PostgreSQL may free the lock of the one before a moment later: it is asked
	// for again as time goes by.
	for range 200 {
		if w.ledger.Consumers()[0].Seq > 0 {
			return
		}
		w.clock.Advance(50 * time.Millisecond)
		<-time.After(5 * time.Millisecond)
	}
}

type noMail struct{}

func (noMail) Configured() bool                            { return false }
func (noMail) Deliver(context.Context, mail.Message) error { return errors.New("no server") }

func (w *world) Situation(_ context.Context, id string, _ bool) (Situation, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	s, ok := w.situations[id]
	if !ok {
		return s, core.NotFound("situation", id)
	}
	return s, nil
}

func (w *world) Acknowledge(ctx context.Context, id, _ string) error {
	w.mu.Lock()
	s := w.situations[id]
	s.Acknowledged = auth.From(ctx).Name
	w.situations[id] = s
	w.mu.Unlock()
	return w.entry("events.situation.changed", id)
}

func (w *world) Close(_ context.Context, id, _ string) error {
	w.mu.Lock()
	s := w.situations[id]
	s.Open = false
	w.situations[id] = s
	w.mu.Unlock()
	return w.entry("events.situation.closed", id)
}

func (w *world) entry(kind, id string) error {
	return w.db.Write(context.Background(), func(tx *sqldb.Tx) error {
		_, err := w.ledger.Append(context.Background(), tx, ledger.Entry{Actor: ledger.System("events"), Module: "events", Type: kind, Subject: core.Ref{Kind: "situation", ID: id}, Summary: id})
		return err
	})
}

// situation puts one there and tells the ledger.
func (w *world) situation(kind string, s Situation) {
	w.t.Helper()
	w.mu.Lock()
	w.situations[s.ID] = s
	w.mu.Unlock()
	if err := w.entry("events.situation."+kind, s.ID); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) find(ok func(Person) bool, name string) (Person, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, p := range w.people {
		if ok(p) {
			return p, nil
		}
	}
	return Person{}, core.NotFound("user", name)
}
func (w *world) ByID(_ context.Context, id string) (Person, error) {
	return w.find(func(p Person) bool { return p.ID == id }, id)
}
func (w *world) ByUsername(_ context.Context, name string) (Person, error) {
	return w.find(func(p Person) bool { return p.Username == name }, name)
}
func (w *world) Members(_ context.Context, team string) ([]Person, error) {
	if team != "ops" {
		return nil, core.NotFound("team", team)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	return []Person{w.people["ann"], w.people["bob"]}, nil
}
func (w *world) Principal(ctx context.Context, id string) (*auth.Principal, error) {
	p, err := w.ByID(ctx, id)
	if err != nil || !p.Active {
		return nil, err
	}
	return auth.NewPrincipal(auth.KindUser, p.ID, p.Name, auth.BuiltinRoles(), auth.Grant{Role: auth.Operator}), nil
}

func (w *world) Reveal(_ context.Context, reference string, _ core.Ref, _ string) (string, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if v, ok := w.secrets[reference]; ok {
		return string(v), nil
	}
	return "", core.NotFound("secret", reference)
}
func (w *world) PutInternal(_ context.Context, _ *sqldb.Tx, name string, value []byte) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.secrets[name] = value
	return nil
}
func (w *world) GetInternal(_ context.Context, _ sqldb.Querier, name string) ([]byte, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if v, ok := w.secrets[name]; ok {
		return v, nil
	}
	return nil, core.NotFound("secret", name)
}
func (w *world) Accept(_ context.Context, events []core.Event) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.events = append(w.events, events...)
	return nil
}

// declare applies documents, written as YAML.
func (w *world) declare(text string) {
	w.t.Helper()
	kinds := map[string]declare.Kind{}
	for _, k := range w.Kinds() {
		kinds[k.Name] = k
	}
	for _, p := range declare.Parse([]byte(text)) {
		if p.Err != nil {
			w.t.Fatal(p.Err)
		}
		k, ok := kinds[p.Document.Kind]
		if !ok {
			w.t.Fatalf("no kind %q", p.Document.Kind)
		}
		if err := w.db.Write(w.ctx, func(tx *sqldb.Tx) error {
			_, err := k.Apply(w.ctx, tx, p.Document.Name, p.Document.Spec)
			return err
		}); err != nil {
			w.t.Fatalf("%s %s: %v", p.Document.Kind, p.Document.Name, err)
		}
	}
}

// prefers sets somebody's rules.
func (w *world) prefers(name string, p Preferences) {
	w.t.Helper()
	if err := w.SetPreferences(w.ctx, "id-"+name, p); err != nil {
		w.t.Fatal(err)
	}
}

// settle waits until nothing is left to be done at the clock's time.
func (w *world) settle() {
	w.t.Helper()
	deadline := time.After(20 * time.Second)
	for calm := 0; calm < 3; {
		var due int
		head, err := w.ledger.Head(w.ctx)
		err2 := w.db.QueryRow(w.ctx, "SELECT COUNT(*) FROM tasks_task WHERE state = 'running' OR state IN ('waiting', 'delayed') AND run_at <= $1", core.Micros(w.clock.Now())).Scan(&due)
		if err != nil || err2 != nil {
			w.t.Fatal(err, err2)
		}
		behind := false
		for _, c := range w.ledger.Consumers() {
			behind = behind || c.Seq < head
		}
		if due == 0 && !behind {
			calm++
		} else {
			calm = 0
		}
		select {
		case <-deadline:
			w.t.Fatalf("%d tasks are still due; consumers %+v, head %d", due, w.ledger.Consumers(), head)
		case <-time.After(2 * time.Millisecond):
		}
	}
}

// pass lets time go by in steps, so that timers set by others fire in order.
func (w *world) pass(d time.Duration) {
	w.t.Helper()
	w.settle()
	for d > 0 {
		step := min(d, time.Minute)
		if d > 20*time.Minute {
			step = 5 * time.Minute
		}
		w.clock.Advance(step)
		d -= step
		w.settle()
	}
}

// told returns what was sent, as "type person title", in order.
func (w *world) told() []hook {
	w.t.Helper()
	w.settle()
	var out []hook
	for {
		select {
		case h := <-w.got:
			out = append(out, h)
		default:
			return out
		}
	}
}

func (w *world) expect(want ...string) []hook {
	w.t.Helper()
	got := w.told()
	var texts []string
	for _, h := range got {
		texts = append(texts, fmt.Sprintf("%s %s", h.Type, h.Data.Person))
	}
	if fmt.Sprint(texts) != fmt.Sprint(want) {
		w.t.Fatalf("told %q, want %q", texts, want)
	}
	return got
}

var _ channel.Mailer = noMail{}
