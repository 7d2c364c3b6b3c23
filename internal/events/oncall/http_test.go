package oncall

import (
	"crypto/ecdh"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/httpapi"
	"mainstay/internal/platform/sqldb/sqldbtest"
)

// ask calls the API as somebody.
func (w *world) ask(who *auth.Principal, method, path, body string, out any) int {
	w.t.Helper()
	r := httptest.NewRequest(method, "/api/v1"+path, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	answer := httptest.NewRecorder()
	api := httpapi.New("test", w.deps.Log)
	w.Routes(api)
	api.Handler().ServeHTTP(answer, r.WithContext(auth.With(r.Context(), who)))
	if out != nil && answer.Code < 300 {
		if err := json.Unmarshal(answer.Body.Bytes(), out); err != nil {
			w.t.Fatalf("%s: %v", answer.Body, err)
		}
	}
	return answer.Code
}

func operator(name string) *auth.Principal {
	return auth.NewPrincipal(auth.KindUser, "id-"+name, "The "+name, auth.BuiltinRoles(), auth.Grant{Role: auth.Operator})
}

// TestRotaOverHTTP: who is on call, the schedule with a swap, and who may swap.
func TestRotaOverHTTP(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sqldbtest.SQLite(t))
	w.setUp()
	ann := operator("ann")
	var rotas struct{ Items []RotaView }
	if code := w.ask(ann, "GET", "/rotas", "", &rotas); code != 200 || len(rotas.Items) != 1 || rotas.Items[0].NowName != "The ann" || rotas.Items[0].NextName != "The cem" || rotas.Items[0].Gap != nil {
		t.Fatalf("%d %+v", code, rotas)
	}
	swap := `{"person":"bob","from":"2026-11-02T13:00:00Z","to":"2026-11-02T15:00:00Z","reason":"dentist"}`
	auditor := auth.NewPrincipal(auth.KindUser, "x", "x", auth.BuiltinRoles(), auth.Grant{Role: auth.Auditor})
	if code := w.ask(auditor, "POST", "/rotas/first/overrides", swap, nil); code != http.StatusForbidden {
		t.Errorf("an auditor swaps: %d", code)
	}
	var made Override
	if code := w.ask(ann, "POST", "/rotas/first/overrides", swap, &made); code != http.StatusCreated || made.CreatedBy != "The ann" {
		t.Fatalf("%d %+v", code, made)
	}
	if code := w.ask(ann, "POST", "/rotas/first/overrides", strings.Replace(swap, "bob", "eve", 1), nil); code != http.StatusUnprocessableEntity {
		t.Errorf("somebody unknown is on call: %d", code)
	}
	var s Schedule
	if code := w.ask(ann, "GET", "/rotas/first/schedule?from=2026-11-02T12:00:00Z&to=2026-11-02T18:00:00Z", "", &s); code != 200 || len(s.Final) != 3 || s.Final[1].Person != "bob" || len(s.Gaps) != 0 || s.Loads[0].Hours != 4 {
		t.Fatalf("%d %+v", code, s)
	}
	if code := w.ask(ann, "DELETE", "/rotas/first/overrides/"+made.Name, "", nil); code >= 300 {
		t.Error(code)
	}
	if code := w.ask(ann, "GET", "/rotas/first/schedule?from=2026-11-02T12:00:00Z&to=2026-11-02T18:00:00Z", "", &s); code != 200 || len(s.Final) != 1 {
		t.Errorf("%d %+v", code, s.Final)
	}
	preview := `{"spec":{"timeZone":"UTC","layers":[{"people":["ann"],"start":"2026-11-02T00:00","every":"1d","hours":[{"from":"08:00","to":"20:00"}]}]},"from":"2026-11-02T00:00:00Z","to":"2026-11-03T00:00:00Z"}`
	if code := w.ask(ann, "POST", "/rota-preview", preview, &s); code != 200 || len(s.Final) != 1 || len(s.Gaps) != 2 {
		t.Errorf("%d %+v", code, s)
	}
}

// TestCalendar: a secret address gives a person their duty, until it is renewed
// or they leave.
func TestCalendar(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sqldbtest.SQLite(t))
	w.setUp()
	var feed, next struct{ URL string }
	if code := w.ask(operator("ann"), "POST", "/me/calendar", "", &feed); code != http.StatusCreated {
		t.Fatal(code)
	}
	status, text := get(t, "GET", feed.URL)
	if status != 200 || !strings.Contains(text, "SUMMARY:On call: first\r\n") || strings.Contains(text, "cem") || strings.Count(text, "BEGIN:VEVENT") < 12 || !strings.Contains(text, "DTSTART:20261102T080000Z") {
		t.Errorf("%d\n%s", status, text)
	}
	if code := w.ask(operator("ann"), "POST", "/me/calendar", "", &next); code != http.StatusCreated {
		t.Fatal(code)
	}
	if status, _ := get(t, "GET", feed.URL); status != 404 {
		t.Errorf("the earlier address answers %d", status)
	}
	if code := w.ask(operator("ann"), "POST", "/rotas/first/calendar", "", &feed); code != http.StatusCreated {
		t.Fatal(code)
	}
	if status, text := get(t, "GET", feed.URL); status != 200 || !strings.Contains(text, "SUMMARY:The cem (first)") {
		t.Errorf("%d\n%s", status, text)
	}
	w.mu.Lock()
	ann := w.people["ann"]
	ann.Active = false
	w.people["ann"] = ann
	w.mu.Unlock()
	if status, _ := get(t, "GET", next.URL); status != 404 {
		t.Errorf("who left still reads: %d", status)
	}
}

// TestPush: a page reaches a browser; one that is gone is forgotten.
func TestPush(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sqldbtest.SQLite(t))
	w.setUp()
	w.prefers("ann", Preferences{High: []Rule{{Channel: ownPush}}})
	status := http.StatusCreated
	pushed := make(chan *http.Request, 10)
	service := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		pushed <- r
		w.mu.Lock()
		defer w.mu.Unlock()
		rw.WriteHeader(status)
	}))
	t.Cleanup(service.Close)
	key, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	browser := map[string]string{"endpoint": service.URL + "/push/1", "p256dh": base64.RawURLEncoding.EncodeToString(key.PublicKey().Bytes()), "auth": base64.RawURLEncoding.EncodeToString(make([]byte, 16))}
	body, _ := json.Marshal(browser)
	if code := w.ask(operator("ann"), "POST", "/me/browsers", string(body), nil); code != http.StatusNoContent {
		t.Fatal(code)
	}
	if code := w.ask(operator("ann"), "POST", "/me/browsers", `{"endpoint":"https://x.example","p256dh":"BA","auth":"AA"}`, nil); code != http.StatusUnprocessableEntity {
		t.Errorf("%d", code)
	}
	var mine Mine
	if code := w.ask(operator("ann"), "GET", "/me/notifications", "", &mine); code != 200 || len(mine.Browsers) != 1 || len(mine.PushKey) != 87 || len(mine.Channels) != 3 {
		t.Fatalf("%d %+v", code, mine)
	}
	w.situation("opened", critical("s1"))
	w.settle()
	if r := <-pushed; r.Header.Get("Urgency") != "high" || !strings.HasPrefix(r.Header.Get("Authorization"), "vapid t=") || !strings.Contains(r.Header.Get("Authorization"), mine.PushKey) {
		t.Errorf("%v", r.Header)
	}
	w.mu.Lock()
	status = http.StatusGone
	w.mu.Unlock()
	w.situation("opened", critical("s2"))
	w.settle()
	list, err := browsers(t.Context(), w.db, "id-ann")
	if err != nil || len(list) != 0 {
		t.Errorf("%v %v", list, err)
	}
	log, err := deliveries(w.ctx, w.db, "person = 'id-ann' ORDER BY id")
	if err != nil || len(log) != 2 || log[0].State != deliverySent || log[1].State != deliveryFailed {
		t.Errorf("%+v %v", log, err)
	}
}

// TestPreferencesAreChecked: a person can say nothing that leaves them out of reach.
func TestPreferencesAreChecked(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sqldbtest.SQLite(t))
	w.setUp()
	for body, code := range map[string]int{
		`{"high":[],"low":[]}`:                                                          422,
		`{"high":[{"channel":"nowhere"}],"low":[]}`:                                     422,
		`{"high":[{"channel":"mail"}],"low":[],"timeZone":"Mars/Base"}`:                 422,
		`{"high":[{"channel":"mail"}],"low":[],"quiet":{"from":"25:00","to":"7"}}`:      422,
		`{"high":[{"channel":"hook","after":"5m"}],"low":[],"contacts":{"phone":"+1"}}`: 200,
	} {
		if got := w.ask(operator("ann"), "PUT", "/me/notifications", body, nil); got != code {
			t.Errorf("%s: %d", body, got)
		}
	}
	service := auth.NewPrincipal(auth.KindService, "svc", "svc", auth.BuiltinRoles(), auth.Grant{Role: auth.Operator})
	if got := w.ask(service, "GET", "/me/notifications", "", nil); got != http.StatusForbidden {
		t.Errorf("a service is told of things: %d", got)
	}
	p := Preferences{TimeZone: "Europe/Berlin", Quiet: &Quiet{From: "22:00", To: "07:00", Days: []string{"fri"}}}
	at := time.Date(2026, 3, 27, 23, 30, 0, 0, time.UTC) // Saturday, 00:30 in Berlin
	if until := p.quietUntil(at); !until.Equal(time.Date(2026, 3, 28, 6, 0, 0, 0, time.UTC)) {
		t.Errorf("quiet until %s", until)
	}
	if until := p.quietUntil(at.AddDate(0, 0, 1)); !until.IsZero() {
		t.Errorf("quiet on a Saturday until %s", until)
	}
}
