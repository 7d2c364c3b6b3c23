package events

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/httpapi"
	"mainstay/internal/platform/listing"
	"mainstay/internal/platform/sqldb"
	"mainstay/internal/platform/sqldb/sqldbtest"
)

// site is a world with its HTTP face, called as principal.
type site struct {
	*world
	handler   http.Handler
	principal *auth.Principal
}

func newSite(t testing.TB, db *sqldb.DB, graph *fakeGraph) *site {
	s := &site{newWorld(t, db, graph), nil, auth.NewPrincipal(auth.KindUser, "u1", "Maria", auth.BuiltinRoles(), auth.Grant{Role: auth.Administrator})}
	s.mount()
	return s
}

func (s *site) mount() {
	api := httpapi.New("test", slog.New(slog.DiscardHandler))
	s.Routes(api)
	s.handler = api.Handler()
}

func (s *site) restart() {
	s.world.restart()
	s.mount()
}

// call returns status and body; into, when given, receives the decoded body.
func (s *site) call(method, path, body string, into any) (int, string) {
	s.t.Helper()
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	r = r.WithContext(auth.With(r.Context(), s.principal))
	rec := httptest.NewRecorder()
	s.handler.ServeHTTP(rec, r)
	raw, _ := io.ReadAll(rec.Body)
	if into != nil && rec.Code < 300 {
		if err := json.Unmarshal(raw, into); err != nil {
			s.t.Fatalf("%s %s: %v: %s", method, path, err, raw)
		}
	}
	return rec.Code, string(raw)
}

func (s *site) must(method, path, body string, into any) {
	s.t.Helper()
	if status, text := s.call(method, path, body, into); status >= 300 {
		s.t.Fatalf("%s %s: %d %s", method, path, status, text)
	}
}

func TestEventsOverHTTP(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		s := newSite(t, db, chain("web", "db"))
		s.graph.name("db.example", "db")
		var out struct {
			Accepted, Refused int
			Results           []EventResult
		}
		s.must("POST", "/api/v1/events", `{"source": "backup", "severity": "major", "title": "Backup failed", "identities": [{"kind": "fqdn", "value": "db.example"}], "labels": {"job": "nightly"}}`, &out)
		if out.Accepted != 1 || out.Results[0].Effect != Opened {
			t.Fatalf("%+v", out)
		}
		s.must("POST", "/api/v1/events", `[{"source": "a", "severity": "major", "key": "k", "title": "T"},
			{"source": "a", "severity": "terrible", "key": "k2", "title": "T"}, {"source": "a", "severity": "major", "key": "k3", "title": "T", "colour": "red"},
			{"source": "a", "severity": "major", "key": 7, "title": "T"}, {"source": "a", "severity": "major", "key": "k5"}, 3, {"source":"a","kind":"clear","key":"k"}]`, &out)
		if out.Accepted != 2 || out.Refused != 5 || out.Results[6].Effect != Ended {
			t.Fatalf("%+v", out)
		}
		for i, field := range []string{"", "events[1].severity", "events[2].colour", "events[3].key", "events[4].title", "events[5]"} {
			if field != "" && (len(out.Results[i].Errors) != 1 || out.Results[i].Errors[0].Field != field) {
				t.Errorf("%d: %+v", i, out.Results[i])
			}
		}
		for body, want := range map[string]int{`[{"x": `: 400, `"text"`: 400, `{"title": "x", "severity": "bad"}`: 422, `[]`: 200} {
			if status, text := s.call("POST", "/api/v1/events", body, nil); status != want {
				t.Errorf("%s: %d %s", body, status, text)
			}
		}
		var page listing.Page[AlertView]
		s.must("GET", "/api/v1/alerts?where=state=open&where="+url.QueryEscape("severity>=major")+"&where=labels.job=nightly", "", &page)
		if len(page.Items) != 1 || page.Items[0].Item != "db" || page.Items[0].ItemName != "db" || page.Total.Count != 1 {
			t.Fatalf("%+v", page)
		}
		s.must("POST", "/api/v1/events", `[{"source": "a", "severity": "major", "key": "n1", "title": "T"}, {"source": "a", "severity": "major", "key": "n2", "title": "a\u0000b"},
			{"source": "a", "severity": "major", "key": "n3", "title": "T", "annotations": {"why": "\u0000"}}, {"source": "a", "severity": "major", "key": "n4", "title": "\\u0000"}]`, &out)
		if out.Accepted != 2 || out.Refused != 2 || out.Results[0].Effect != Opened || out.Results[3].Effect != Opened ||
			out.Results[1].Errors[0].Field != "events[1].title" || out.Results[2].Errors[0].Field != "events[2].annotations.why" {
			t.Errorf("U+0000 in one of many: %+v", out)
		}
		var events listing.Page[EventView]
		s.must("GET", "/api/v1/events?where=key=k&sort=id", "", &events)
		if len(events.Items) != 2 || events.Items[1].Effect != Ended {
			t.Fatalf("%+v", events)
		}
		var health struct{ Items []Health }
		s.must("GET", "/api/v1/health?items=db,web", "", &health)
		if health.Items[0].Severity != core.Major || !health.Items[1].Impacted {
			t.Fatalf("%+v", health)
		}
	})
}

func TestAlertActionsOverHTTP(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		s := newSite(t, db, chain())
		s.accept(s.problem("a", core.Major), s.problem("b", core.Major))
		a, b := s.alert("a").ID, s.alert("b").ID
		var v AlertView
		s.must("POST", "/api/v1/alerts/"+a+"/acknowledge", `{"note": "looking"}`, &v)
		if v.State != StateAcknowledged || v.Acknowledged.By != "Maria" {
			t.Fatalf("%+v", v)
		}
		s.must("POST", "/api/v1/alerts/"+a+"/comment", `{"text": "it is the disk"}`, &v)
		s.must("POST", "/api/v1/alerts/"+a+"/assign", `{"assignee": "joao"}`, &v)
		var d AlertDetail
		s.must("GET", "/api/v1/alerts/"+a, "", &d)
		if len(d.Comments) != 2 || d.Assignee != "joao" || len(d.Events) != 1 {
			t.Fatalf("%+v", d)
		}
		s.must("POST", "/api/v1/alerts/"+a+"/unacknowledge", `{}`, &v)
		if v.State != StateOpen {
			t.Fatalf("%+v", v)
		}
		var bulk struct{ Results []Outcome }
		s.must("POST", "/api/v1/alerts/bulk", fmt.Sprintf(`{"ids": [%q, %q, "nothing"], "action": "clear"}`, a, b), &bulk)
		if !bulk.Results[0].Done || !bulk.Results[1].Done || bulk.Results[2].Done {
			t.Fatalf("%+v", bulk)
		}
		if status, text := s.call("POST", "/api/v1/alerts/"+a+"/clear", `{}`, nil); status != 409 {
			t.Fatalf("%d %s", status, text)
		}
		if n := len(s.entries("events.alert.acknowledged", "events.alert.commented")); n != 2 {
			t.Errorf("%d entries", n)
		}
		if e := s.entries("events.alert.cleared")[0]; e.Actor.Name != "Maria" {
			t.Errorf("%+v", e.Actor)
		}
		s.principal = auth.NewPrincipal(auth.KindUser, "u2", "Aud", auth.BuiltinRoles(), auth.Grant{Role: auth.Auditor})
		if status, text := s.call("POST", "/api/v1/alerts/"+a+"/acknowledge", `{}`, nil); status != 403 {
			t.Fatalf("%d %s", status, text)
		}
	})
}

func TestSituationsOverHTTP(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		s := newSite(t, db, chain("web", "app", "db"))
		s.accept(s.problem("web", core.Major), s.problem("mail", core.Minor))
		s.settled()
		s.clock.Advance(time.Second)
		s.accept(s.problem("app", core.Major))
		s.settled()
		var page listing.Page[SituationView]
		s.must("GET", "/api/v1/situations?where=state=open&sort=-severity", "", &page)
		if len(page.Items) != 2 || page.Items[0].RootItem != "app" || page.Items[0].ActiveAlerts != 2 || len(page.Items[0].Services) != 1 {
			t.Fatalf("%+v", page.Items)
		}
		id, mail := page.Items[0].ID, page.Items[1].ID
		var d SituationDetail
		s.must("GET", "/api/v1/situations/"+id, "", &d)
		if len(d.Members) != 2 || len(d.Candidates) != 2 || len(d.Candidates[0].Reasons) < 2 || len(d.Checks) != 2 || d.Members[1].Why == "" {
			t.Fatalf("%+v", d)
		}
		if last := d.History[len(d.History)-1]; last.Kind != "moved" || last.From != "item/web" || last.To != "item/app" || last.Why == "" {
			t.Fatalf("%+v", d.History)
		}
		s.must("POST", "/api/v1/situations/"+id+"/root-cause", `{"item": "web"}`, &d)
		if d.RootItem != "web" || !d.Confirmed || d.ConfirmedBy != "Maria" {
			t.Fatalf("%+v", d.SituationView)
		}
		s.must("POST", "/api/v1/situations/"+id+"/merge", fmt.Sprintf(`{"from": [%q]}`, mail), &d)
		if d.Alerts != 3 {
			t.Fatalf("%+v", d.SituationView)
		}
		s.must("POST", "/api/v1/situations/"+id+"/move", fmt.Sprintf(`{"alerts": [%q]}`, s.alert("web").ID), &d)
		if d.Alerts != 2 || s.alert("web").Situation == id || !s.alert("web").Pinned {
			t.Fatalf("%+v", d.SituationView)
		}
		s.must("POST", "/api/v1/situations/"+id+"/acknowledge", `{"note": "mine"}`, &d)
		if d.Acknowledged == nil || d.Members[0].Alert.State != StateAcknowledged || len(d.Comments) != 1 {
			t.Fatalf("%+v", d.SituationView)
		}
		s.settled()
		s.accept(s.problem("db", core.Critical))
		s.settled()
		s.must("GET", "/api/v1/situations/"+id, "", &d)
		if d.Alerts != 3 || d.RootItem != "db" {
			t.Fatalf("a late alert after a person's decisions: %+v", d.SituationView)
		}
		if status, text := s.call("POST", "/api/v1/situations/"+id+"/root-cause", `{"item": "other"}`, nil); status != 422 {
			t.Fatalf("%d %s", status, text)
		}
		if status, text := s.call("POST", "/api/v1/situations/"+id+"/merge", `{"from": ["nothing"]}`, nil); status != 404 {
			t.Fatalf("%d %s", status, text)
		}
	})
}

func TestTeamsSeeTheirOwn(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		s := newSite(t, db, chain())
		s.graph.teams = map[string]string{"a": "red", "b": "blue"}
		s.accept(s.problem("a", core.Major), s.problem("b", core.Major), s.problem("c", core.Major))
		s.settled()
		s.principal = auth.NewPrincipal(auth.KindUser, "u3", "Rui", auth.BuiltinRoles(), auth.Grant{Role: auth.Operator, Team: "red"})
		var alerts listing.Page[AlertView]
		var situations listing.Page[SituationView]
		var events listing.Page[EventView]
		s.must("GET", "/api/v1/alerts", "", &alerts)
		s.must("GET", "/api/v1/situations", "", &situations)
		s.must("GET", "/api/v1/events", "", &events)
		if len(alerts.Items) != 2 || len(situations.Items) != 2 || len(events.Items) != 2 {
			t.Fatalf("%d %d %d", len(alerts.Items), len(situations.Items), len(events.Items))
		}
		if status, _ := s.call("POST", "/api/v1/alerts/"+s.alert("b").ID+"/clear", `{}`, nil); status != 404 {
			t.Fatalf("%d", status)
		}
	})
}
