package events

import (
	"strings"
	"testing"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/sqldb"
	"mainstay/internal/platform/sqldb/sqldbtest"
)

const shownRouting = `{"route": {"receiver": "all", "group_by": ["alertname"], "group_wait": "1m", "routes": [
	{"matchers": ["team=db"], "receiver": "dba", "continue": true, "group_by": ["..."]},
	{"matchers": ["severity=~\"critical|major\""], "receiver": "pager", "routes": [{"matchers": ["site=ber"], "receiver": "berlin", "mute_time_intervals": ["always"]}]}]},
	"receivers": [{"name": "all"}, {"name": "dba"}, {"name": "pager"}, {"name": "berlin"}],
	"time_intervals": [{"name": "always", "time_intervals": [{"weekdays": ["sunday:saturday"]}]}]}`

// TestWhereAnAlertWouldGo asks the declared routes, and others that are only tried.
func TestWhereAnAlertWouldGo(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		graph := chain()
		graph.teams = map[string]string{"vault": "db"}
		s := newSite(t, db, graph)
		var view RoutingView
		if s.must("GET", "/api/v1/alert-routing", "", &view); view.Declared || view.Root != nil {
			t.Fatalf("%+v", view)
		}
		if err := s.declare(routingKind, "default", shownRouting); err != nil {
			t.Fatal(err)
		}
		if err := s.declare(inhibitionKind, "site", `{"source": ["alertname=SiteDown"], "target": ["severity=warning"], "equal": ["site"]}`); err != nil {
			t.Fatal(err)
		}
		ask := func(body string) string {
			var test RoutingTest
			s.must("POST", "/api/v1/alert-routing/test", body, &test)
			var words []string
			for _, d := range test.Destinations {
				word := d.Receiver + "@" + d.Route
				if len(d.Mute) > 0 {
					word += " mute " + strings.Join(d.Mute, ",")
				}
				words = append(words, word)
			}
			if test.InhibitedBy != "" {
				words = append(words, "held by "+test.InhibitedBy)
			}
			return strings.Join(append(words, test.SilencedBy...), " + ")
		}
		for body, want := range map[string]string{
			`{"labels": {"a": "b"}}`:                              "all@0",
			`{"labels": {"team": "db"}}`:                          "dba@0.0",
			`{"labels": {"team": "db", "severity": "major"}}`:     "dba@0.0 + pager@0.1",
			`{"labels": {"severity": "critical", "site": "ber"}}`: "berlin@0.1.0 mute always",
			`{"labels": {"a": "b"}, "spec": {"route": {"receiver": "other"}, "receivers": [{"name": "other"}]}}`: "other@0",
		} {
			if got := ask(body); got != want {
				t.Errorf("%s: %s, want %s", body, got, want)
			}
		}
		if status, text := s.call("POST", "/api/v1/alert-routing/test", `{"labels": {}, "spec": {"route": {"receiver": "nobody"}, "receivers": [{"name": "other"}]}}`, nil); status != 422 && status != 400 {
			t.Errorf("%d %s", status, text)
		}
		s.must("POST", "/alertmanager/api/v2/alerts", `[{"labels": {"alertname": "SiteDown", "site": "x", "severity": "critical"}}, {"labels": {"alertname": "Slow", "site": "x", "severity": "warning"}}]`, nil)
		s.clock.Advance(time.Second)
		if err := s.judgeAgain(t.Context(), s.checkInhibition(s.clock.Now())); err != nil {
			t.Fatal(err)
		}
		s.must("GET", "/api/v1/alert-routing", "", &view)
		if len(view.Groups) != 2 || view.Groups[0].Due == nil || view.Groups[0].Due.Before(s.clock.Now()) || view.Groups[0].Firing != 1 || len(view.Root.Routes) != 2 ||
			view.Root.Routes[1].Routes[0].ID != "0.1.0" || view.Root.Routes[0].GroupBy[0] != "..." || view.Root.Routes[1].GroupWait != "1m0s" {
			t.Fatalf("%+v", view)
		}
		if len(view.Held) != 1 || view.Held[0].Title != "Slow" || view.Held[0].SourceTitle != "SiteDown" || len(view.Inhibitions) != 1 || view.Inhibitions[0].Held != 1 {
			t.Fatalf("%+v %+v", view.Held, view.Inhibitions)
		}
		if got := ask(`{"labels": {"alertname": "Slower", "site": "x", "severity": "warning"}}`); got != "all@0 + held by site" {
			t.Error(got)
		}
		// Who may see one team only sees nothing of the others'.
		s.principal = auth.NewPrincipal(auth.KindUser, "u2", "Otto", auth.BuiltinRoles(), auth.Grant{Role: auth.Operator, Team: "net"})
		s.accept(s.problem("vault", core.Major))
		s.must("GET", "/api/v1/alert-routing", "", &view)
		for _, g := range view.Groups {
			if strings.Contains(strings.Join(g.Titles, " "), "vault") {
				t.Fatalf("%+v", g)
			}
		}
	})
}
