package statuspage

import (
	"compress/gzip"
	"context"
	"encoding/json"
	"encoding/xml"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/monitor/availability/figures"
	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/httpapi"
	"mainstay/internal/platform/ledger"
	"mainstay/internal/platform/mail"
	"mainstay/internal/platform/sqldb"
	"mainstay/internal/platform/sqldb/sqldbtest"
	"mainstay/internal/platform/tasks"
)

func TestMain(m *testing.M) { sqldbtest.Main(m) }

// world is what a page is made from: item "secret-db-7" is what people outside
// must not hear of.
type world struct {
	t      *testing.T
	db     *sqldb.DB
	c      *Component
	tasks  *tasks.Component
	server *httptest.Server
	serves http.Handler

	mu     sync.Mutex
	states map[string]figures.State
	mails  []mail.Message
	sent   chan mail.Message
	quiet  map[string]bool
}

func (w *world) States(context.Context, []string) (map[string]figures.State, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	out := map[string]figures.State{}
	for k, v := range w.states {
		out[k] = v
	}
	return out, nil
}
func (w *world) Days(_ context.Context, _ string, zone *time.Location, from, to time.Time) ([]figures.Day, error) {
	middle := from.Add(to.Sub(from) / 2)
	return figures.Days(figures.Period{From: from, To: to, Now: to}, zone, []figures.Interval{{From: from, To: middle, State: figures.Up},
		{From: middle, To: middle.Add(time.Hour), State: figures.Down, Cause: []string{"secret-db-7"}}, {From: middle.Add(time.Hour), State: figures.Up}}, nil, figures.Terms{}), nil
}
func (w *world) Select(_ context.Context, selector string) ([]string, error) {
	return strings.Split(selector, " "), nil
}
func (w *world) ItemOf(_ context.Context, ids []core.Identity) (string, error) {
	return ids[0].Value, nil
}
func (w *world) InMaintenance(_ context.Context, item string, _ time.Time) (bool, string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.quiet[item], "secret reason"
}
func (w *world) Configured() bool { return true }
func (w *world) Send(_ context.Context, tx *sqldb.Tx, messages ...mail.Message) error {
	tx.OnCommit(func() {
		for _, m := range messages {
			w.sent <- m
		}
	})
	return nil
}

func newWorld(t *testing.T, db *sqldb.DB) *world {
	t.Helper()
	for _, m := range []string{"ledger", "tasks", "statuspage"} {
		files := map[string]func() error{
			"ledger":     func() error { return sqldb.Migrate(t.Context(), db, m, ledger.Migrations()) },
			"tasks":      func() error { return sqldb.Migrate(t.Context(), db, m, tasks.Migrations()) },
			"statuspage": func() error { return sqldb.Migrate(t.Context(), db, m, Migrations()) },
		}
		if err := files[m](); err != nil {
			t.Fatal(m, err)
		}
	}
	clock := core.SystemClock{}
	ids := core.NewIDs(clock, nil)
	log := slog.New(slog.DiscardHandler)
	w := &world{t: t, db: db, states: map[string]figures.State{"secret-db-7": figures.Up, "secret-web-1": figures.Up}, sent: make(chan mail.Message, 2000), quiet: map[string]bool{}}
	book := ledger.New(ledger.Configuration{}, ledger.Dependencies{DB: db, Clock: clock, IDs: ids, Log: log})
	if err := book.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { book.Stop(context.Background()) })
	var err error
	if w.tasks, err = tasks.New(tasks.Defaults(), tasks.Dependencies{DB: db, Clock: clock, IDs: ids, Log: log}); err != nil {
		t.Fatal(err)
	}
	w.c, err = New(Defaults(), Dependencies{DB: db, Ledger: book, Tasks: w.tasks, Availability: w, Items: w, Maintenance: w, Mail: w,
		Address: func() string { return "https://status.example.org/" }, Clock: clock, IDs: ids, Log: log})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.tasks.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.tasks.Stop(context.Background()) })
	if err := w.c.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.c.Stop(context.Background()) })
	api := httpapi.New("test", log)
	w.c.Routes(api)
	w.serves = w.c.Front(api.Handler())
	w.server = httptest.NewServer(w.serves)
	t.Cleanup(w.server.Close)
	return w
}

const shop = `{"title":"The shop","slug":"shop","visibility":"public","groups":[{"name":"Web","components":[
	{"name":"Checkout","identities":[{"kind":"name","value":"secret-db-7"}]},{"name":"Search","selector":"secret-web-1 secret-db-7"}]}]}`

func (w *world) apply(name, spec string) {
	w.t.Helper()
	if err := w.db.Write(w.t.Context(), func(tx *sqldb.Tx) error {
		_, err := w.c.apply(w.t.Context(), tx, name, json.RawMessage(spec))
		return err
	}); err != nil {
		w.t.Fatal(err)
	}
	w.fresh()
}

// fresh renders now.
func (w *world) fresh() {
	w.t.Helper()
	if err := w.c.refresh(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) get(path string) (int, string) {
	w.t.Helper()
	response, err := http.Get(w.server.URL + path)
	if err != nil {
		w.t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	return response.StatusCode, string(text)
}

func (w *world) post(path string, form url.Values) (int, string) {
	w.t.Helper()
	response, err := http.PostForm(w.server.URL+path, form)
	if err != nil {
		w.t.Fatal(err)
	}
	defer response.Body.Close()
	text, _ := io.ReadAll(response.Body)
	return response.StatusCode, string(text)
}

func admin() context.Context { return auth.With(context.Background(), auth.System("ada")) }

func TestAPageTellsDeclaredNamesAndNothingElse(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		w := newWorld(t, db)
		w.states["secret-db-7"] = figures.Down
		w.apply("internal-name", shop)
		if _, err := w.c.Post(admin(), "internal-name", "", Draft{Title: "Checkout <b>fails</b>", Status: "investigating", Body: "We look into it.\n<script>alert(1)</script>", Components: []Affected{{"Search", Degraded}}}); err != nil {
			t.Fatal(err)
		}
		w.fresh()
		for _, path := range []string{"", "/feed.atom", "/status.json"} {
			status, text := w.get("/status/shop" + path)
			if status != http.StatusOK || !strings.Contains(text, "We look into it.") {
				t.Fatalf("%s: %d %s", path, status, text)
			}
			for _, secret := range []string{"secret", "internal-name", "ada", "<script>", "<b>fails"} {
				if strings.Contains(text, secret) {
					t.Errorf("%s tells %q", path, secret)
				}
			}
		}
		var shown Shown
		_, text := w.get("/status/shop/status.json")
		if err := json.Unmarshal([]byte(text), &shown); err != nil {
			t.Fatal(err)
		}
		parts := shown.Groups[0].Components
		if shown.Status != Outage || parts[0].Status != Outage || parts[1].Status != Partial || len(parts[0].Days) != 90 || parts[0].Uptime == nil || *parts[0].Uptime >= 100 {
			t.Errorf("%+v", shown)
		}
		var feed atom
		_, text = w.get("/status/shop/feed.atom")
		if err := xml.Unmarshal([]byte(text), &feed); err != nil || len(feed.Entries) != 1 || feed.Entries[0].Title != "Checkout <b>fails</b>: investigating" {
			t.Errorf("%+v %v", feed, err)
		}
	})
}

// TestAPageIsServedWhenTheStoreIsGone holds the writer, and then has a
// refresh fail, while many people look.
func TestAPageIsServedWhenTheStoreIsGone(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		w := newWorld(t, db)
		w.apply("shop", shop)
		look := func(when string) {
			t.Helper()
			var all sync.WaitGroup
			for range 8 {
				all.Go(func() {
					for range 50 {
						began := time.Now()
						r := httptest.NewRequest("GET", "/status/shop", nil)
						r.Header.Set("Cookie", "mainstay_session=anything")
						answer := httptest.NewRecorder()
						w.serves.ServeHTTP(answer, r)
						if answer.Code != http.StatusOK || time.Since(began) > 2*time.Second {
							t.Errorf("%s: %d after %s", when, answer.Code, time.Since(began))
						}
					}
				})
			}
			all.Wait()
		}
		blocked, release := make(chan struct{}), make(chan struct{})
		done := make(chan error, 1)
		go func() {
			done <- db.Write(context.Background(), func(*sqldb.Tx) error { close(blocked); <-release; return nil })
		}()
		<-blocked
		look("while the writer is held")
		close(release)
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		stopped, cancel := context.WithCancel(t.Context())
		cancel()
		if err := w.c.refresh(stopped); err == nil {
			t.Fatal("a store that does not answer was not noticed")
		}
		look("after a refresh failed")
	})
}

func TestMailGoesOnlyToWhoConfirmed(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		w := newWorld(t, db)
		w.apply("shop", shop)
		if status, _ := w.post("/status/shop/subscribe", url.Values{"email": {"not an address"}}); status != http.StatusUnprocessableEntity {
			t.Error(status)
		}
		status, known := w.post("/status/shop/subscribe", url.Values{"email": {"ada@example.org"}})
		if status != http.StatusOK {
			t.Fatal(status, known)
		}
		asked := <-w.sent
		if _, again := w.post("/status/shop/subscribe", url.Values{"email": {"ada@example.org"}}); again != known {
			t.Error("the answer tells that the address is known")
		}
		if len(w.sent) != 0 {
			t.Error("the address was asked twice")
		}
		draft := Draft{Title: "It fails", Status: "investigating", Body: "We look."}
		if _, err := w.c.Post(admin(), "shop", "", draft); err != nil {
			t.Fatal(err)
		}
		w.idle()
		if len(w.sent) != 0 {
			t.Fatal("mail went to an address that nobody confirmed")
		}
		_, link, _ := strings.Cut(asked.Text, "https://status.example.org")
		link, _, _ = strings.Cut(link, "\n")
		if status, text := w.get(link); status != http.StatusOK || !strings.Contains(text, "<button>Confirm") {
			t.Fatal(status, text)
		}
		w.idle()
		if n, _ := w.c.subscribers(t.Context(), "shop"); n != 0 {
			t.Error("looking at the link confirmed it")
		}
		if status, text := w.post(link, nil); status != http.StatusOK {
			t.Fatal(status, text)
		}
		inc, err := w.c.Post(admin(), "shop", "", draft)
		if err != nil {
			t.Fatal(err)
		}
		news := w.next()
		if news.To != "ada@example.org" || !strings.Contains(news.Text, "We look.") || news.Subject != "[investigating] The shop: It fails" {
			t.Errorf("%+v", news)
		}
		leave := strings.TrimPrefix(news.Unsubscribe, "https://status.example.org")
		if status, _ := w.post(leave, url.Values{"List-Unsubscribe": {"One-Click"}}); status != http.StatusOK {
			t.Error(status)
		}
		if _, err := w.c.Post(admin(), "shop", inc.ID, Draft{Status: "resolved", Body: "It works."}); err != nil {
			t.Fatal(err)
		}
		w.idle()
		if len(w.sent) != 0 {
			t.Error("mail went to who had unsubscribed")
		}
	})
}

func (w *world) next() mail.Message {
	w.t.Helper()
	select {
	case m := <-w.sent:
		return m
	case <-time.After(20 * time.Second):
		w.t.Fatal("no mail was sent")
		return mail.Message{}
	}
}

// idle returns when no task is left.
func (w *world) idle() {
	w.t.Helper()
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		var n int
		if err := w.db.QueryRow(w.t.Context(), "SELECT COUNT(*) FROM tasks_task").Scan(&n); err != nil {
			w.t.Fatal(err)
		}
		if n == 0 {
			return
		}
	}
	w.t.Fatal("tasks are left")
}

// TestEverySubscriberGetsOneMail has more of them than one transaction takes.
func TestEverySubscriberGetsOneMail(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sqldbtest.SQLite(t))
	w.apply("shop", shop)
	const people = noticeBatch + 120
	var rows [][]any
	for i := range people {
		name := string(rune('a'+i/26/26%26)) + string(rune('a'+i/26%26)) + string(rune('a'+i%26))
		rows = append(rows, []any{"shop", name + "@example.org", "token-of-" + name + "-0123456789", 1, 1})
	}
	if err := w.db.Write(t.Context(), func(tx *sqldb.Tx) error {
		return sqldb.Insert(t.Context(), tx, "INSERT INTO statuspage_subscriber (page, email, token, asked_at, confirmed_at) VALUES", 5, rows, "")
	}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.c.Post(admin(), "shop", "", Draft{Title: "x", Status: "identified", Body: "y"}); err != nil {
		t.Fatal(err)
	}
	seen := map[string]int{}
	for range people {
		seen[w.next().To]++
	}
	w.idle()
	if len(seen) != people || len(w.sent) != 0 {
		t.Fatalf("%d people, %d more mails", len(seen), len(w.sent))
	}
}

func TestInternalPagesAreNotOutside(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sqldbtest.SQLite(t))
	w.apply("shop", strings.Replace(shop, `"visibility":"public",`, "", 1))
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	response, err := client.Get(w.server.URL + "/status/shop")
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if response.StatusCode != http.StatusSeeOther || response.Header.Get("Location") != "/login?next=/status/shop" {
		t.Error(response.Status, response.Header)
	}
	r := httptest.NewRequestWithContext(admin(), "GET", "/status/shop", nil)
	answer := httptest.NewRecorder()
	w.serves.ServeHTTP(answer, r)
	if answer.Code != http.StatusOK || !strings.Contains(answer.Body.String(), "Checkout") {
		t.Error(answer.Code, answer.Body)
	}
	if status, _ := w.get("/status/none"); status != http.StatusNotFound {
		t.Error(status)
	}
}

func TestAnswersCarryWhatBrowsersNeed(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sqldbtest.SQLite(t))
	w.apply("shop", shop)
	ask := func(change func(*http.Request)) *httptest.ResponseRecorder {
		r := httptest.NewRequest("GET", "/status/shop", nil)
		change(r)
		answer := httptest.NewRecorder()
		w.serves.ServeHTTP(answer, r)
		return answer
	}
	first := ask(func(*http.Request) {})
	csp := first.Header().Get("Content-Security-Policy")
	if !strings.HasPrefix(csp, "default-src 'none'; style-src 'sha256-") || strings.Contains(first.Body.String(), "<script") || strings.Contains(first.Body.String(), "style=") {
		t.Error(csp)
	}
	if again := ask(func(r *http.Request) { r.Header.Set("If-None-Match", first.Header().Get("ETag")) }); again.Code != http.StatusNotModified || again.Body.Len() != 0 {
		t.Error(again.Code)
	}
	zipped := ask(func(r *http.Request) { r.Header.Set("Accept-Encoding", "gzip, br") })
	text, err := gzip.NewReader(zipped.Body)
	if err != nil {
		t.Fatal(err)
	}
	if plain, err := io.ReadAll(text); err != nil || string(plain) != first.Body.String() {
		t.Error("the compressed page differs", err)
	}
	for range cap(w.c.writes) {
		w.c.writes <- struct{}{}
	}
	if full := ask(func(*http.Request) {}); full.Code != http.StatusServiceUnavailable || full.Header().Get("Retry-After") == "" {
		t.Error(full.Code)
	}
}

func TestPlannedMaintenanceShowsWhenItIsOn(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	spec, err := ParseSpec([]byte(shop))
	if err != nil {
		t.Fatal(err)
	}
	from, to := now.Add(time.Hour), now.Add(2*time.Hour)
	inc := &Incident{}
	if err := inc.post(Draft{Kind: "maintenance", Title: "Move", Status: "scheduled", Body: "b", Starts: &from, Ends: &to, Components: []Affected{{"Search", Maintained}}}, spec, now); err != nil {
		t.Fatal(err)
	}
	for after, want := range map[time.Duration]Status{0: Operational, time.Hour: Maintained, 2 * time.Hour: Operational} {
		if got := inc.says("Search", now.Add(after)); got != want {
			t.Errorf("after %s it is %s", after, got)
		}
	}
	for _, bad := range []Draft{{}, {Title: "x", Status: "completed", Body: "b"}, {Title: "x", Status: "resolved", Body: "b", Components: []Affected{{"Unheard", Outage}}}, {Title: "x", Status: "resolved", Body: "b", Starts: &from}} {
		if (&Incident{}).post(bad, spec, now) == nil {
			t.Errorf("%+v was taken", bad)
		}
	}
}

func TestABucketLetsSoManyThrough(t *testing.T) {
	t.Parallel()
	b, now := &bucket{perMinute: 3}, time.Unix(0, 0)
	for i, want := range []bool{true, true, true, false} {
		if b.take(now) != want {
			t.Error(i)
		}
	}
	if !b.take(now.Add(20*time.Second)) || b.take(now.Add(20*time.Second)) {
		t.Error("a third of a minute is not one")
	}
}
