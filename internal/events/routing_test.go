package events

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/sqldb"
	"mainstay/internal/platform/sqldb/sqldbtest"
)

type amAlertJSON struct {
	Labels, Annotations map[string]string
	StartsAt, EndsAt    time.Time
	Fingerprint         string
	Receivers           []struct{ Name string }
	Status              struct {
		State                            string
		SilencedBy, InhibitedBy, MutedBy []string
	}
}

// declare applies a document of a kind.
func (s *site) declare(kind, name, spec string) error {
	for _, k := range s.Kinds() {
		if k.Name == kind {
			ctx := auth.With(s.t.Context(), s.principal)
			err := s.db.Write(ctx, func(tx *sqldb.Tx) error {
				_, err := k.Apply(ctx, tx, name, json.RawMessage(spec))
				return err
			})
			if err == nil {
				err = s.takeRules(ctx, false)
			}
			return err
		}
	}
	s.t.Fatal("no kind " + kind)
	return nil
}

func (s *site) amList(query string) map[string]amAlertJSON {
	s.t.Helper()
	var list []amAlertJSON
	s.must("GET", "/alertmanager/api/v2/alerts"+query, "", &list)
	found := map[string]amAlertJSON{}
	for _, a := range list {
		found[a.Labels["alertname"]] = a
	}
	return found
}

// TestInhibitionHoldsAnAlertBack follows a document from its being applied to
// the state of the alert that it holds back, in the API and in the store.
func TestInhibitionHoldsAnAlertBack(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		s := newSite(t, db, chain())
		const alerts = "/alertmanager/api/v2/alerts"
		s.must("POST", alerts, `[{"labels": {"alertname": "Slow", "site": "x", "severity": "warning"}}, {"labels": {"alertname": "Slow2", "site": "y", "severity": "warning"}}]`, nil)
		if err := s.declare(inhibitionKind, "site", `{"source": ["alertname=SiteDown"], "target": ["severity=warning"], "equal": ["site"]}`); err != nil {
			t.Fatal(err)
		}
		state := func(name string) State {
			list, err := alertsWhere(t.Context(), db, "title = $1 ORDER BY id DESC", false, name)
			if err != nil || len(list) == 0 {
				t.Fatal(list, err)
			}
			return list[0].State()
		}
		s.must("POST", alerts, `[{"labels": {"alertname": "SiteDown", "site": "x", "severity": "critical"}}]`, nil)
		got := s.amList("")
		if a := got["Slow"]; a.Status.State != "suppressed" || len(a.Status.InhibitedBy) != 1 || a.Status.InhibitedBy[0] != got["SiteDown"].Fingerprint {
			t.Fatalf("%+v", a)
		}
		if got["Slow2"].Status.State != "active" || len(s.amList("?inhibited=false")) != 2 || len(s.amList("?active=false")) != 1 {
			t.Fatalf("%+v", got)
		}
		s.eventually("it is suppressed", func() bool { return state("Slow") == StateSuppressed })
		if state("Slow2") != StateOpen || state("SiteDown") != StateOpen {
			t.Fatal("others are held back")
		}
		// A new target is held back from the start.
		s.must("POST", alerts, `[{"labels": {"alertname": "Slow3", "site": "x", "severity": "warning"}}]`, nil)
		if state("Slow3") != StateSuppressed {
			t.Fatal(state("Slow3"))
		}
		s.must("POST", alerts, `[{"labels": {"alertname": "SiteDown", "site": "x", "severity": "critical"}, "endsAt": "2026-01-01T00:00:00Z"}]`, nil)
		s.eventually("it is open again", func() bool { return state("Slow") == StateOpen && state("Slow3") == StateOpen })
		if err := s.declare(inhibitionKind, "bad", `{"source": ["="], "target": ["a=b"]}`); err == nil || !strings.Contains(err.Error()+jsonOf(err), "spec.source[0]") {
			t.Fatal(err)
		}
	})
}

func jsonOf(v any) string {
	text, _ := json.Marshal(v)
	return string(text)
}

// TestARoutedAlertReachesItsReceiver goes from a posted alert to a webhook.
func TestARoutedAlertReachesItsReceiver(t *testing.T) {
	t.Parallel()
	heard := make(chan map[string]any, 10)
	hook := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		var body map[string]any
		json.NewDecoder(r.Body).Decode(&body)
		heard <- body
	}))
	t.Cleanup(hook.Close)
	s := newSite(t, sqldbtest.SQLite(t), chain())
	if err := s.declare(routingKind, "other", `{}`); err == nil {
		t.Fatal("there is one document of this kind")
	}
	err := s.declare(routingKind, "default", `{"global": {"resolve_timeout": "2m"}, "route": {"receiver": "ops", "group_by": ["alertname"], "group_wait": "10s", "routes": [{"match": {"team": "db"}, "receiver": "db", "continue": true}, {"receiver": "ops"}]},
		"receivers": [{"name": "ops", "labels": {"kind": "people"}, "webhook_configs": [{"url": "`+hook.URL+`", "max_alerts": 1}]}, {"name": "db"}], "inhibit_rules": [{"source_match": {"a": "b"}, "target_match": {"c": "d"}}]}`)
	if err != nil {
		t.Fatal(err)
	}
	s.must("POST", "/alertmanager/api/v2/alerts", `[{"labels": {"alertname": "Full", "instance": "a"}, "annotations": {"summary": "s"}, "generatorURL": "http://x/y"}, {"labels": {"alertname": "Full", "instance": "b", "team": "db"}}]`, nil)
	if a := s.amList("?filter=" + url.QueryEscape(`team="db"`))["Full"]; len(a.Receivers) != 2 || a.Receivers[0].Name != "db" || a.EndsAt.Sub(s.clock.Now()) != 2*time.Minute {
		t.Fatalf("%+v", a)
	}
	if n := len(s.amList("?receiver=d.")); n != 1 {
		t.Fatalf("%d alerts of db", n)
	}
	var groups []struct {
		Receiver struct{ Name string }
		Labels   map[string]string
		Alerts   []amAlertJSON
	}
	s.must("GET", "/alertmanager/api/v2/alerts/groups", "", &groups)
	if len(groups) != 2 || groups[1].Receiver.Name != "ops" || len(groups[1].Alerts) != 2 {
		t.Fatalf("%+v", groups)
	}
	var receivers []struct{ Name string }
	if s.must("GET", "/alertmanager/api/v2/receivers?receiver_matchers=kind%3Dpeople", "", &receivers); len(receivers) != 1 || receivers[0].Name != "ops" {
		t.Fatalf("%+v", receivers)
	}
	var status struct{ Config struct{ Original string } }
	if s.must("GET", "/alertmanager/api/v2/status", "", &status); !strings.Contains(status.Config.Original, "receiver: ops") || strings.Contains(status.Config.Original, hook.URL) {
		t.Fatal(status.Config.Original)
	}
	select {
	case <-heard:
		t.Fatal("before group_wait")
	default:
	}
	s.clock.Advance(10 * time.Second)
	body := <-heard
	if body["version"] != "4" || body["status"] != "firing" || body["truncatedAlerts"] != 1.0 || body["groupKey"] != `{}/{}:{alertname="Full"}` {
		t.Fatalf("%v", body)
	}
	s.eventually("the ledger knows", func() bool { return len(s.entries("events.notification.sent")) == 1 })
}

// TestSilencesChangeAsAlertmanagers does: other matchers make another silence.
func TestSilencesChangeAsAlertmanagers(t *testing.T) {
	t.Parallel()
	s := newSite(t, sqldbtest.SQLite(t), chain())
	const path = "/alertmanager/api/v2/silences"
	post := func(id, matchers string, hours int) string {
		var made struct{ SilenceID string }
		now := s.clock.Now()
		s.must("POST", path, `{"id": "`+id+`", "matchers": [`+matchers+`], "startsAt": "`+now.Format(time.RFC3339)+`", "endsAt": "`+now.Add(time.Duration(hours)*time.Hour).Format(time.RFC3339)+`", "createdBy": "x", "comment": ""}`, &made)
		return made.SilenceID
	}
	const one, two = `{"name": "Σ", "value": "🙂", "isRegex": false, "isEqual": true}`, `{"name": "a", "value": "b.*", "isRegex": true, "isEqual": false}, {"name": "c", "value": "d", "isRegex": false}`
	first := post("", one, 1)
	if same := post(first, one, 2); same != first {
		t.Fatal("a later end is the same silence")
	}
	second := post(first, two, 1)
	if second == first {
		t.Fatal("other matchers are another silence")
	}
	var list []struct {
		ID       string
		Status   struct{ State string }
		Matchers []amMatcher
	}
	if s.must("GET", path, "", &list); len(list) != 2 || list[0].ID != second || list[1].Status.State != "expired" || list[1].Matchers[0].Name != "Σ" {
		t.Fatalf("%+v", list)
	}
	if s.must("GET", path+"?expired=false&filter="+url.QueryEscape(`a!~"b.*"`), "", &list); len(list) != 1 {
		t.Fatalf("%+v", list)
	}
	if s.must("GET", path+"?filter="+url.QueryEscape(`a="b"`), "", &list); len(list) != 0 {
		t.Fatalf("%+v", list)
	}
	if code, _ := s.call("DELETE", "/alertmanager/api/v2/silence/"+s.deps.IDs.New(), "", nil); code != 404 {
		t.Fatal(code)
	}
	if code, text := s.call("GET", "/alertmanager/-/ready", "", nil); code != 200 || text != "OK" {
		t.Fatal(code, text)
	}
	if code, _ := s.call("POST", "/alertmanager/-/reload", "", nil); code != 200 {
		t.Fatal(code)
	}
}
