package hooks

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/textproto"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/core/coretest"
	"mainstay/internal/events"
	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/httpapi"
	"mainstay/internal/platform/ledger"
	"mainstay/internal/platform/receivers"
	"mainstay/internal/platform/sqldb"
	"mainstay/internal/platform/sqldb/sqldbtest"
)

func TestMain(m *testing.M) { sqldbtest.Main(m) }

func mapping() *Mapping {
	return &Mapping{
		Each: "body.alerts", When: `it.state != "pending"`, Kind: `it.state == "ok" ? "clear" : "problem"`, Severity: "it.level", Key: "it.id",
		Title: `it.name + (has(it.host) ? " on " + (type(it.host) == string ? it.host : "[\"" + it.host.join("\",\"") + "\"]") : "")`,
		Host:  "it.host", At: "it.ts", Labels: map[string]string{"env": "it.env"},
	}
}

// TestDeliveries decodes what the table holds.
func TestDeliveries(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("testdata/deliveries.txt")
	if err != nil {
		t.Fatal(err)
	}
	m, err := newMapper()
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 11, 2, 3, 0, 0, 0, time.UTC)
	c := &Component{mapper: m, deps: Dependencies{IDs: core.NewIDs(coretest.NewClock(now), nil)}}
	cases := strings.Split(string(text), "\n=== ")[1:]
	if len(cases) < 25 {
		t.Fatalf("%d cases", len(cases))
	}
	for _, one := range cases {
		name, rest, _ := strings.Cut(one, "\n")
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			posted, want, ok := strings.Cut(rest, "\n---\n")
			if !ok {
				t.Fatal("no expectation")
			}
			d := &delivery{header: http.Header{}, at: now}
			for strings.HasPrefix(posted, "> ") {
				var line string
				line, posted, _ = strings.Cut(posted, "\n")
				field, value, _ := strings.Cut(line[2:], ": ")
				d.header.Set(textproto.CanonicalMIMEHeaderKey(field), value)
			}
			d.body = []byte(posted)
			kind, _, _ := strings.Cut(name, ":")
			s := &Source{Name: "src", Spec: SourceSpec{Format: kind}}
			if kind == formatJSON {
				s.Spec.Mapping = mapping()
			}
			if err := s.compile(m); err != nil {
				t.Fatal(err)
			}
			what, err := formats()[kind].decode(t.Context(), c, s, d)
			s.finish(what.signals, now)
			if got := strings.Join(written(what, err), "\n"); got != strings.TrimRight(want, "\n") {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}

// written are lines as the table has them.
func written(what decoded, err error) (lines []string) {
	if err != nil {
		var coded *core.Error
		if errors.As(err, &coded) && len(coded.Details) > 0 {
			var parts []string
			for _, d := range coded.Details {
				parts = append(parts, d.Field+" "+d.Rule)
			}
			return []string{"error: " + strings.Join(parts, "; ")}
		}
		return []string{"error: " + err.Error()}
	}
	for _, s := range what.signals {
		var ids, labels []string
		for _, id := range s.Identities {
			ids = append(ids, id.Kind+"="+id.Value)
		}
		for _, name := range sortedKeys(s.Labels) {
			labels = append(labels, name+"="+s.Labels[name])
		}
		lines = append(lines, fmt.Sprintf("%s %s %s | %s | %s | %s", s.Kind, s.Severity, s.Key, s.Title, strings.Join(ids, " "), strings.Join(labels, " ")))
	}
	for _, a := range what.acknowledged {
		lines = append(lines, "acknowledge "+a.key+": "+a.note)
	}
	if what.note != "" {
		lines = append(lines, "note: "+what.note)
	}
	return lines
}

// world is the room with the events module it feeds, over HTTP.
type world struct {
	t      *testing.T
	hooks  *Component
	events *events.Component
	db     *sqldb.DB
	server *httptest.Server
	meters *receivers.Registry
	ctx    context.Context
}

func newWorld(t *testing.T, db *sqldb.DB) *world {
	t.Helper()
	return newWorldWith(t, db, Defaults())
}

func newWorldWith(t *testing.T, db *sqldb.DB, cfg Configuration) *world {
	t.Helper()
	ctx := auth.With(context.Background(), auth.System("test"))
	if err := errors.Join(sqldb.Migrate(ctx, db, "ledger", ledger.Migrations()), sqldb.Migrate(ctx, db, "events", events.Migrations()), sqldb.Migrate(ctx, db, "hooks", Migrations())); err != nil {
		t.Fatal(err)
	}
	clock := core.SystemClock{}
	ids := core.NewIDs(clock, nil)
	l := ledger.New(ledger.Configuration{}, ledger.Dependencies{DB: db, Clock: clock, IDs: ids})
	ev, err := events.New(events.Defaults(), events.Dependencies{DB: db, Ledger: l, Clock: clock, IDs: ids})
	if err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, db: db, events: ev, ctx: ctx, meters: receivers.NewRegistry(clock)}
	w.hooks, err = New(cfg, Dependencies{DB: db, Ledger: l, Clock: clock, IDs: ids, Events: ev, Receivers: w.meters,
		Authenticate: func(_ context.Context, token string) (*auth.Principal, error) {
			if token != "good" {
				return nil, core.Errorf(core.CodeUnauthenticated, "no")
			}
			return auth.System("pager"), nil
		}})
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []interface {
		Start(context.Context) error
		Stop(context.Context) error
	}{l, ev, w.hooks} {
		if err := part.Start(ctx); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = part.Stop(context.Background()) })
	}
	api := httpapi.New("test", nil)
	w.hooks.Routes(api)
	w.server = httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		api.Handler().ServeHTTP(rw, r.WithContext(auth.With(r.Context(), auth.System("test"))))
	}))
	t.Cleanup(w.server.Close)
	return w
}

func (w *world) declare(name, spec string) error {
	return w.db.Write(w.ctx, func(tx *sqldb.Tx) error {
		_, err := w.hooks.apply(w.ctx, tx, name, json.RawMessage(spec))
		return err
	})
}

func (w *world) post(path, body string) (int, string) {
	w.t.Helper()
	r, err := http.Post(w.server.URL+path, "application/json", strings.NewReader(body))
	if err != nil {
		w.t.Fatal(err)
	}
	defer r.Body.Close()
	var text strings.Builder
	if _, err := fmt.Fprint(&text, readAll(w.t, r)); err != nil {
		w.t.Fatal(err)
	}
	return r.StatusCode, text.String()
}

func readAll(t *testing.T, r *http.Response) string {
	t.Helper()
	var raw json.RawMessage
	if err := json.NewDecoder(r.Body).Decode(&raw); err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

func (w *world) alert(key string) (state string) {
	w.t.Helper()
	var active bool
	var acked string
	if err := w.db.QueryRow(w.ctx, "SELECT active, acked_by FROM events_alert WHERE alert_key = $1", key).Scan(&active, &acked); err != nil {
		w.t.Fatalf("%s: %v", key, err)
	}
	return fmt.Sprintf("active=%v acknowledged=%v", active, acked != "")
}

// TestFromPostToAlert declares a source, posts to it, and finds the alert.
func TestFromPostToAlert(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		w := newWorld(t, db)
		if status, _ := w.post("/api/v1/hooks/nag", `{}`); status != http.StatusNotFound {
			t.Errorf("an unknown source answers %d", status)
		}
		if err := w.declare("nag", `{"format": "nagios", "labels": {"site": "b"}}`); err != nil {
			t.Fatal(err)
		}
		if status, body := w.post("/api/v1/hooks/nag", `{"type":"PROBLEM","host":"web1","service":"HTTP","state":"CRITICAL","output":"refused"}`); status != http.StatusAccepted {
			t.Fatal(status, body)
		}
		if got := w.alert("nag:web1!HTTP"); got != "active=true acknowledged=false" {
			t.Error(got)
		}
		w.post("/api/v1/hooks/nag", `{"type":"ACKNOWLEDGEMENT","host":"web1","service":"HTTP","state":"CRITICAL","author":"bob","comment":"known"}`)
		if got := w.alert("nag:web1!HTTP"); got != "active=true acknowledged=true" {
			t.Error(got)
		}
		w.post("/api/v1/hooks/nag", `{"type":"RECOVERY","host":"web1","service":"HTTP","state":"OK","output":"fine"}`)
		if got := w.alert("nag:web1!HTTP"); !strings.HasPrefix(got, "active=false") {
			t.Error(got)
		}
		status, body := w.post("/api/v1/hooks/nag", `{"type":"PROBLEM"}`)
		if status != http.StatusUnprocessableEntity || !strings.Contains(body, "host") || !strings.Contains(body, "$HOSTNAME$") {
			t.Error(status, body)
		}
		list := w.meters.States()
		if len(list) != 1 || list[0].Name != "hook-nag" || list[0].Taken != 3 || list[0].Refused != 1 || !strings.Contains(list[0].Trouble, "host") {
			t.Errorf("%+v", list)
		}
		if err := w.declare("nag", `{"format": "nagios", "disabled": true}`); err != nil {
			t.Fatal(err)
		}
		if status, _ := w.post("/api/v1/hooks/nag", `{}`); status != http.StatusForbidden {
			t.Errorf("a disabled source answers %d", status)
		}
	})
}

// TestPayloadsAreKeptAndTried posts JSON that a wrong mapping refuses, and
// finds the right one on what was kept.
func TestPayloadsAreKeptAndTried(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		w := newWorld(t, db)
		if err := w.declare("app", `{"format": "json", "mapping": {"title": "body.nme + \"!\"", "severity": "body.how"}}`); err != nil {
			t.Fatal(err)
		}
		request, err := http.NewRequest("POST", w.server.URL+"/api/v1/hooks/app?env=prod", strings.NewReader(`{"name": "Orders are late", "how": "bad", "on": "shop1"}`))
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("X-App", "shop")
		request.Header.Set("X-Auth-Token", "not to be kept")
		response, err := http.DefaultClient.Do(request)
		if err != nil || response.StatusCode != http.StatusUnprocessableEntity {
			t.Fatal(response, err)
		}
		response.Body.Close()
		kept, err := w.hooks.payloads(w.ctx, "app")
		if err != nil || len(kept) != 1 || kept[0].Headers["X-App"] != "shop" || kept[0].Query["env"] != "prod" || kept[0].Refused != 1 || !strings.Contains(kept[0].Said, "is no severity") {
			t.Fatalf("%+v %v", kept, err)
		}
		if _, there := kept[0].Headers["X-Auth-Token"]; there {
			t.Error("a token was kept")
		}
		try := func(mapping string) TrialResult {
			t.Helper()
			var trial Trial
			if err := json.Unmarshal([]byte(`{"spec": {"format": "json", "mapping": `+mapping+`}}`), &trial); err != nil {
				t.Fatal(err)
			}
			trial.Payload = kept[0].ID
			out, err := w.hooks.try(w.ctx, trial)
			if err != nil {
				t.Fatal(err)
			}
			return out
		}
		if out := try(`{"title": "body.name", "severity": "body.how"}`); len(out.Errors) != 1 || out.Errors[0].Field != "mapping.severity" {
			t.Errorf("%+v", out)
		}
		out := try(`{"title": "body.name + \" (\" + query.env + \")\"", "severity": "body.how == \"bad\" ? \"major\" : \"ok\"", "host": "body.on", "labels": {"app": "headers[\"x-app\"]"}}`)
		if len(out.Events) != 1 || out.Events[0].Title != "Orders are late (prod)" || out.Events[0].Severity != core.Major || out.Events[0].Labels["app"] != "shop" || out.Events[0].Identities[0].Value != "shop1" {
			t.Errorf("%+v", out)
		}
		for i := range 25 {
			w.hooks.kept.last = map[string]time.Time{}
			w.post("/api/v1/hooks/app", fmt.Sprintf(`{"name": "%d", "how": "bad"}`, i))
		}
		if kept, _ := w.hooks.payloads(w.ctx, "app"); len(kept) != keptPayloads || !strings.Contains(kept[0].Body, `"24"`) {
			t.Errorf("%d are kept, the first %+v", len(kept), kept[0])
		}
	})
}

// TestEnqueue speaks PagerDuty's Events API.
func TestEnqueue(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		w := newWorld(t, db)
		status, body := w.post("/v2/enqueue", `{"routing_key":"good","event_action":"trigger","payload":{"summary":"Disk full","source":"db1","severity":"critical"}}`)
		var said struct {
			Status string `json:"status"`
			Dedup  string `json:"dedup_key"`
		}
		if err := json.Unmarshal([]byte(body), &said); err != nil || status != http.StatusAccepted || said.Status != "success" || said.Dedup == "" {
			t.Fatal(status, body, err)
		}
		if got := w.alert("pagerduty:" + said.Dedup); got != "active=true acknowledged=false" {
			t.Error(got)
		}
		for _, action := range []string{"acknowledge", "resolve"} {
			if status, body := w.post("/v2/enqueue", fmt.Sprintf(`{"routing_key":"good","event_action":%q,"dedup_key":%q}`, action, said.Dedup)); status != http.StatusAccepted {
				t.Error(action, status, body)
			}
		}
		if got := w.alert("pagerduty:" + said.Dedup); !strings.HasPrefix(got, "active=false") {
			t.Error(got)
		}
		for request, want := range map[string]string{
			`{"routing_key":"bad","event_action":"resolve","dedup_key":"x"}`: "routing_key",
			`{"routing_key":"good","event_action":"explode"}`:                "event_action",
			`[]`: "body",
		} {
			if status, body := w.post("/v2/enqueue", request); status != http.StatusBadRequest || !strings.Contains(body, "'"+want+"'") || !strings.Contains(body, "invalid event") {
				t.Errorf("%s: %d %s", request, status, body)
			}
		}
	})
}

func TestSpecsThatAreRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sqldbtest.SQLite(t))
	for spec, want := range map[string]string{
		`{"format": "json"}`: "spec.mapping",
		`{"format": "nagios", "mapping": {"title": "'x'"}}`:                  "only for the formats json and mail",
		`{"format": "telepathy"}`:                                            "spec.format",
		`{"format": "json", "mapping": {"title": "body.", "when": "1 + 1"}}`: "spec.mapping.title",
		`{"format": "json", "mapping": {"title": "'x'", "when": "1 + 1"}}`:   "must be true or false",
		`{"format": "nagios", "severity": "awful"}`:                          "spec.severity",
		`{"format": "nagios", "expiresAfter": "-1h"}`:                        "spec.expiresAfter",
		`{"format": "nagios", "colour": 1}`:                                  "spec.colour",
	} {
		if err := w.declare("x", spec); err == nil || !strings.Contains(fmt.Sprintf("%v %+v", err, details2(err)), want) {
			t.Errorf("%s: %v", spec, err)
		}
	}
	if err := w.declare("a/b", `{"format": "nagios"}`); err == nil {
		t.Error("a name that is no part of an address")
	}
}

func details2(err error) []core.Detail {
	var coded *core.Error
	errors.As(err, &coded)
	if coded == nil {
		return nil
	}
	return coded.Details
}

// FuzzDeliveries feeds bytes to every format: nothing panics, and what comes
// out can be offered to the events module.
func FuzzDeliveries(f *testing.F) {
	text, err := os.ReadFile("testdata/deliveries.txt")
	if err != nil {
		f.Fatal(err)
	}
	for i, one := range strings.Split(string(text), "\n=== ")[1:] {
		_, rest, _ := strings.Cut(one, "\n")
		body, _, _ := strings.Cut(rest, "\n---\n")
		f.Add(byte(i), "application/json", []byte(body))
	}
	m, err := newMapper()
	if err != nil {
		f.Fatal(err)
	}
	now := time.Date(2026, 11, 2, 3, 0, 0, 0, time.UTC)
	c := &Component{mapper: m, deps: Dependencies{IDs: core.NewIDs(coretest.NewClock(now), nil)}}
	names := []string{formatAlertmanager, formatGrafana, formatZabbix, formatNagios, formatCloudEvents, formatPagerDuty, formatJSON}
	f.Fuzz(func(t *testing.T, which byte, kind string, body []byte) {
		s := &Source{Name: "src", Spec: SourceSpec{Format: names[int(which)%len(names)]}}
		if s.Spec.Format == formatJSON {
			s.Spec.Mapping = mapping()
		}
		d := &delivery{header: http.Header{"Content-Type": {kind}}, query: url.Values{}, body: body, at: now}
		what, err := formats()[s.Spec.Format].decode(context.Background(), c, s, d)
		if err != nil {
			return
		}
		s.finish(what.signals, now)
		for _, signal := range what.signals {
			if len(signal.Key) > 512 || len(signal.Title) > 1000 || signal.Source != "src" {
				t.Fatalf("%+v", signal)
			}
		}
	})
}
